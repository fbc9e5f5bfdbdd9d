#include <tests/support/altering_link.hpp>
#include <tests/support/teardown_play.hpp>

namespace tcpcraft::test {

TeardownPlay::TeardownPlay(Teardown scenario, Closer first, Role role, Family family) {
    request.scenario = scenario;
    request.first = first;
    request.server = role == Role::server;
    if (closer(request) == Closer::peer) {
        request.send.emplace(3, std::byte{'x'});
    }
    peer.address = test_address(family, std::byte{2});
    peer.iss = Seq{7000};
    peer.application = SimApplication::serve;
    peer.reply = "bye\n";
    id_ = {{test_address(family, std::byte{1}), Port{40000}}, {peer.address, Port{80}}};
    if (request.server) {
        peer.active_open = SimOpen{.remote = id_.local, .local = id_.remote.port};
    } else {
        peer.listening = {id_.remote.port};
    }
}

TeardownResult TeardownPlay::against(const TeardownPeer& deviation) {
    if (deviation.host) {
        deviation.host(peer);
    }
    SimNetwork world{network};
    AlteringLink near{world.near()};
    near.counted = counters;
    AlteringLink far{world.far()};
    far.leaving = deviation.leaving;
    far.arriving = deviation.arriving;
    far.answer = deviation.answering;
    const SimHost host{far, world, peer};
    Surroundings around{.link = near, .alarm = world, .trace = seen_};
    Fleet fleet{around};
    open(fleet);
    (void)world.run([&fleet] { return fleet.finished(); }, Instant{} + std::chrono::hours{1});
    return judge_teardown(*fleet.sessions().front(), request);
}

void TeardownPlay::open(Fleet& fleet) {
    ConnectionSetup setup;
    setup.iss = Seq{1000};
    setup.keep_sightings = true;
    setup.passive = request.server;
    adapt_policy(request, setup.policy);
    if (request.server) {
        fleet.listen(Listener{
            .local = id_.local, .setup = std::move(setup), .scenario = teardown_scenario(request)});
        return;
    }
    setup.id = id_;
    fleet.launch(std::move(setup), teardown_scenario(request));
}

}  // namespace tcpcraft::test
