#include <tests/support/altering_link.hpp>
#include <tests/support/keep_alive_play.hpp>

namespace tcpcraft::test {

KeepAlivePlay::KeepAlivePlay(Family family, Role role) : role_{role} {
    const bool server = role == Role::server;
    asked.server = learning.server = matrix_asked.server = server;
    asked.keep_alive.octet_in_every_second = true;
    peer.address = test_address(family, std::byte{2});
    peer.iss = Seq{7000};
    peer.application = SimApplication::discard;
    peer.policy.syn_options.append(Timestamps{});
    ours.syn_options.append(Timestamps{});
    id_ = {{test_address(family, std::byte{1}), Port{40000}}, {peer.address, Port{80}}};
    if (server) {
        peer.active_open = SimOpen{.remote = id_.local, .local = id_.remote.port};
    } else {
        peer.listening = {id_.remote.port};
    }
}

template <typename Judge>
auto KeepAlivePlay::play(const Scenario& scenario, const Policy& policy,
                         const TeardownPeer& deviation, Judge judge) {
    SimHostOptions there = peer;
    if (deviation.host) {
        deviation.host(there);
    }
    SimNetwork world;
    KeepingSink seen;
    AlteringLink far{world.far()};
    far.leaving = deviation.leaving;
    far.arriving = deviation.arriving;
    far.answer = deviation.answering;
    far.answering_header = answering_header;
    const SimHost host{far, world, there};
    Surroundings around{.link = world.near(), .alarm = world, .trace = seen};
    Fleet fleet{around};
    ConnectionSetup setup;
    setup.iss = Seq{1000};
    setup.keep_sightings = true;
    setup.passive = role_ == Role::server;
    setup.policy = policy;
    if (setup.passive) {
        fleet.listen(Listener{.local = id_.local, .setup = std::move(setup), .scenario = scenario});
    } else {
        setup.id = id_;
        fleet.launch(std::move(setup), scenario);
    }
    (void)world.run([&fleet] { return fleet.finished(); }, Instant{} + std::chrono::hours{12});
    return judge(*fleet.sessions().front());
}

KeepAliveProbeResult KeepAlivePlay::probe(const TeardownPeer& deviation) {
    Policy policy = ours;
    policy.keep_alive = asked.keep_alive;
    return play(probe_scenario(asked), policy, deviation,
                [this](const Session& session) { return judge_probe(session, asked); });
}

LearnResult KeepAlivePlay::learn(const TeardownPeer& deviation) {
    learning.window_shut = ours.rcv_wnd == 0;
    return play(learn_scenario(learning), ours, deviation,
                [this](const Session& session) { return judge_learn(session, learning); });
}

std::vector<MatrixCell> KeepAlivePlay::matrix(MatrixSituation situation,
                                              const TeardownPeer& deviation) {
    MatrixRequest request = matrix_asked;
    request.situation = situation;
    Policy policy = ours;
    adapt_policy(request, policy);
    return play(matrix_scenario(request), policy, deviation,
                [&request](const Session& session) { return judge_matrix(session, request); });
}

}  // namespace tcpcraft::test
