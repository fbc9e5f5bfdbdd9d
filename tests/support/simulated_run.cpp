#include <tests/support/simulated_run.hpp>

namespace tcpcraft::test {

namespace {

std::string_view word(TimerChange change) {
    switch (change) {
        case TimerChange::set:
            return "set ";
        case TimerChange::fired:
            return "fired ";
        case TimerChange::cleared:
            return "cleared ";
    }
    return "";
}

}  // namespace

Address test_address(Family family, std::byte last) {
    std::array<std::byte, 16> v6{std::byte{0x20}, std::byte{0x01}, std::byte{0x0d},
                                 std::byte{0xb8}};
    v6[15] = last;
    const std::array<std::byte, 4> v4{std::byte{192}, std::byte{0}, std::byte{2}, last};
    return family == Family::v4 ? Address::v4(v4) : Address::v6(v6);
}

void KeepingSink::write(const Record& record) {
    if (const auto* seen = std::get_if<SegmentSeen>(&record.what)) {
        segments.push_back({seen->direction, segment_text(seen->datagram.segment, seen->origin),
                            seen->state, seen->peer_state, seen->fault, seen->altered,
                            seen->retransmission, seen->at, seen->datagram.checksum, seen->note});
    } else if (const auto* changed = std::get_if<StateChanged>(&record.what)) {
        states.push_back(std::string{changed->who == Who::us ? "us " : "peer "} +
                         std::string{text(changed->from)} + " " + std::string{text(changed->to)});
    } else if (const auto* note = std::get_if<Note>(&record.what)) {
        notes.push_back(note->text);
    } else if (const auto* timer = std::get_if<TimerChanged>(&record.what)) {
        timers.push_back(std::string{word(timer->change)} + std::string{text(timer->timer)});
    } else if (const auto* fault = std::get_if<FaultDone>(&record.what)) {
        faults.push_back(fault->fault);
    }
}

std::vector<std::string> KeepingSink::dialogue() const {
    std::vector<std::string> lines;
    for (const SeenSegment& segment : segments) {
        lines.push_back((segment.direction == Direction::out ? "> " : "< ") + segment.text);
    }
    return lines;
}

SimulatedRun::SimulatedRun(Family family) {
    peer.address = test_address(family, std::byte{2});
    peer.listening = {Port{80}};
    peer.iss = Seq{7000};
    setup.id = {{test_address(family, std::byte{1}), Port{40000}}, {peer.address, Port{80}}};
    setup.iss = Seq{1000};
    request.iss = Seq{1000};
}

const Session& SimulatedRun::run() {
    world_ = std::make_unique<SimNetwork>(network);
    faulty_ = std::make_unique<FaultLink>(world_->near(), *world_, faults, 1);
    host_ = std::make_unique<SimHost>(world_->far(), *world_, peer);
    around_ = std::make_unique<Surroundings>(
        Surroundings{.link = *faulty_, .alarm = *world_, .trace = sink_});
    fleet_ = std::make_unique<Fleet>(*around_);
    request.policy = setup.policy;
    ConnectionSetup made = setup;
    if (lies.any()) {
        crafting_ = std::make_unique<Crafting>(lies, setup.interceptor);
        made.interceptor = crafting_.get();
    }
    fleet_->launch(std::move(made), handshake_scenario(request));
    (void)world_->run([this] { return fleet_->finished(); });
    (void)world_->run({}, world_->now() + std::chrono::seconds{1});  // what is still on its way
    return session();
}

State SimulatedRun::peer_state() const {
    return host_->state(ConnectionId{setup.id.remote, setup.id.local});
}

}  // namespace tcpcraft::test
