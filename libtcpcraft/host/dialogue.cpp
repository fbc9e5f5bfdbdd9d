#include <utility>

#include <libtcpcraft/drive/fleet.hpp>
#include <libtcpcraft/drive/steps.hpp>
#include <libtcpcraft/host/dialogue.hpp>
#include <libtcpcraft/host/setup.hpp>

namespace tcpcraft {

struct Dialogue::Wiring {
    Wiring(Host& on, TraceSink& trace)
        : host{on}, around{.link = on.link(), .alarm = on.alarm(), .trace = trace}, fleet{around} {}

    Host& host;
    Surroundings around;
    Fleet fleet;
    Session* session{nullptr};
    std::optional<ConnectionSetup> awaited{};  ///< as a server, until a SYN has come
    std::size_t read{0};                       ///< of what the peer has sent

    Expected<void> perform(Step step);
    Expected<void> accept(Duration within);
};

Expected<void> Dialogue::Wiring::perform(Step step) {
    if (session == nullptr) {
        return failure(std::make_error_code(std::errc::not_connected), "nobody has called yet");
    }
    std::optional<Expected<void>> result;
    const StepId id = fleet.perform(*session, std::move(step),
                                    [&result](const Expected<void>& told) { result = told; });
    if (!host.run([&result] { return result.has_value(); })) {
        fleet.drop(*session, id);
    }
    return *result;
}

Expected<void> Dialogue::Wiring::accept(Duration within) {
    Listener listener;
    listener.local = awaited->id.local;
    listener.setup = *awaited;
    listener.led = [this](Session& came) { session = &came; };
    fleet.listen(std::move(listener));
    bool over = false;
    const AlarmId alarm =
        around.alarm.call_at(around.alarm.now() + within, [&over] { over = true; });
    const bool came = host.run([&] { return session != nullptr || over; });
    around.alarm.cancel(alarm);
    if (session != nullptr) {
        awaited.reset();
        return {};
    }
    return came ? failure(std::make_error_code(std::errc::timed_out), "nobody has called")
                : failure(std::make_error_code(std::errc::operation_canceled), "nobody has called");
}

Dialogue::Dialogue(Host& host, TraceSink& trace) : Dialogue{host, trace, usual_policy(host)} {}

Dialogue::Dialogue(Host& host, TraceSink& trace, const Policy& policy)
    : Dialogue{host, trace, connection_setup(host, policy)} {}

Dialogue::Dialogue(Host& host, TraceSink& trace, ConnectionSetup setup)
    : wiring_{std::make_unique<Wiring>(host, trace)} {
    if (setup.passive) {
        wiring_->awaited = std::move(setup);
    } else {
        wiring_->session = &wiring_->fleet.lead(std::move(setup));
    }
}

Dialogue::~Dialogue() { wiring_->fleet.stop(Ending::completed, "the dialogue is over"); }

Expected<void> Dialogue::begin(Duration within) {
    return wiring_->awaited ? wiring_->accept(within) : perform({.name = "open", .what = Open{}});
}

Expected<void> Dialogue::open(Duration within) {
    return begin(within).and_then([&] { return until(State::established, within); });
}

Expected<void> Dialogue::until(State state, Duration within) {
    return perform({.name = "expect", .what = ExpectState{{state}, within}});
}

Expected<void> Dialogue::send(std::string_view text, Duration within) {
    return send(std::as_bytes(std::span{text}), within);
}

Expected<void> Dialogue::send(std::span<const std::byte> octets, Duration within) {
    return perform(
        {.name = "send", .what = SendData{{octets.begin(), octets.end()}, within, true}});
}

Expected<std::string> Dialogue::receive(Duration within, Duration quiet) {
    return perform({.name = "receive", .what = ExpectData{within, quiet, true}}).map([this] {
        const auto& all = wiring_->session->received();
        std::string fresh;
        for (; wiring_->read < all.size(); ++wiring_->read) {
            fresh += std::to_integer<char>(all[wiring_->read]);
        }
        return fresh;
    });
}

Expected<void> Dialogue::craft(std::string_view segment, const std::string& note) {
    const SeqOrigin origin = wiring_->session == nullptr
                                 ? SeqOrigin{}
                                 : wiring_->session->connection().origin(Direction::out);
    return crafted(segment, origin, note).and_then([this](Step step) {
        return perform(std::move(step));
    });
}

Expected<void> Dialogue::craft(const SegmentPattern& pattern, const WireOverrides& lies,
                               const std::string& note) {
    return perform({.name = "craft", .what = Craft{pattern, lies, note}});
}

Expected<SeenSegment> Dialogue::expect(std::string_view segment, Duration within) {
    return expecting(segment, within)
        .and_then([this](Step step) { return perform(std::move(step)); })
        .map([this] { return wiring_->session->matched(); });
}

Expected<SeenSegment> Dialogue::expect(const SegmentPattern& pattern, Duration within) {
    return perform({.name = "expect", .what = ExpectSegment{pattern, within, false}}).map([this] {
        return wiring_->session->matched();
    });
}

Expected<void> Dialogue::expect_silence(Duration during) {
    return perform({.name = "silence", .what = ExpectSilence{during}});
}

Expected<void> Dialogue::close(Duration within) {
    return perform({.name = "close", .what = CloseCall{}}).and_then([&] {
        return perform(
            {.name = "close", .what = ExpectState{{State::closed, State::time_wait}, within}});
    });
}

void Dialogue::abort() {
    if (wiring_->session != nullptr) {
        wiring_->fleet.perform(*wiring_->session, {.name = "abort", .what = AbortCall{}}, {});
    }
}

Expected<void> Dialogue::perform(Step step) { return wiring_->perform(std::move(step)); }

State Dialogue::state() const noexcept {
    return wiring_->session == nullptr ? tcpcraft::State::closed
                                       : wiring_->session->connection().tcb().state;
}

Session* Dialogue::session() noexcept { return wiring_->session; }

}  // namespace tcpcraft
