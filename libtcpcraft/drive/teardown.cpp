#include <algorithm>
#include <array>

#include <libtcpcraft/drive/teardown.hpp>

namespace tcpcraft {

namespace {

using enum Teardown;

constexpr std::array<TeardownAbout, 17> abouts{{
    {active_close, "active-close", "we close first: FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT", false,
     Closer::us},
    {passive_close, "passive-close", "the peer closes first: CLOSE-WAIT, LAST-ACK", false,
     Closer::peer},
    {half_close, "half-close", "we close our side only and go on receiving", false, Closer::us},
    {three_segment_close, "three-segment-close", "ACK and FIN of the second closer in one segment",
     true, Closer::us},
    {simultaneous_close, "simultaneous-close", "two FINs cross: both sides pass CLOSING", false,
     Closer::peer},
    {reset, "reset", "we abort with RST; the peer has to forget the connection", false, Closer::us},
    {reset_in_window, "reset-in-window", "RST with a wrong number inside the window", false,
     Closer::us},
    {reset_outside_window, "reset-outside-window", "RST outside the window: no effect", false,
     Closer::us},
    {syn_in_established, "syn-in-established", "SYN on an open connection: a challenge ACK", false,
     Closer::us},
    {lost_fin, "lost-fin", "the first closer's FIN is lost and repeated", true, Closer::us},
    {lost_final_ack, "lost-final-ack", "the last ACK is lost; TIME-WAIT answers the repeated FIN",
     false, Closer::us},
    {time_wait, "time-wait", "the peer's TIME-WAIT: does it answer; --long: how long is it", false,
     Closer::peer},
    {time_wait_reuse, "time-wait-reuse", "a new SYN to the peer's TIME-WAIT", false, Closer::peer},
    {no_time_wait, "no-time-wait", "the last ACK is lost and we skip TIME-WAIT: RST", false,
     Closer::us},
    {data_after_close, "data-after-close", "data where a side has closed already", true,
     Closer::us},
    {fin_wait_2_timeout, "fin-wait-2-timeout", "how long the peer stays in FIN-WAIT-2", false,
     Closer::peer, true},
    {unread_data, "unread-data", "the peer's application closes without having read all", false,
     Closer::peer},
}};

}  // namespace

std::span<const TeardownAbout> all_teardowns() noexcept { return abouts; }

const TeardownAbout& about(Teardown scenario) noexcept {
    return abouts[static_cast<std::size_t>(scenario)];
}

std::string_view text(Teardown scenario) noexcept { return about(scenario).name; }

std::optional<Teardown> read_teardown(std::string_view name) noexcept {
    const auto found = std::ranges::find(abouts, name, &TeardownAbout::name);
    return found == abouts.end() ? std::nullopt : std::optional{found->scenario};
}

Closer closer(const TeardownRequest& request) noexcept {
    const TeardownAbout& asked = about(request.scenario);
    if (!asked.either) {
        return asked.closer;
    }
    return request.first.value_or(request.send ? Closer::peer : asked.closer);
}

void adapt_policy(const TeardownRequest& request, Policy& policy) noexcept {
    policy.deviations.mute_when_closed = request.mute;
    // Its TIME-WAIT must not die of our CLOSED (RFC 1337).
    if (request.scenario == time_wait || request.scenario == time_wait_reuse) {
        policy.deviations.mute_when_closed = true;
    }
    policy.deviations.no_time_wait = request.scenario == no_time_wait;
    if (request.scenario == three_segment_close && closer(request) == Closer::peer) {
        policy.delayed_ack = std::chrono::milliseconds{100};  // so that our ACK rides on our FIN
    }
}

}  // namespace tcpcraft
