#include <array>

#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

namespace {

using Writer = void (*)(Steps&, const TeardownRequest&);

// In the order of the enumeration.
constexpr std::array<Writer, 17> writers{
    active_close,       passive_close, half_close,       three_segment_close,
    simultaneous_close, reset,         reset_in_window,  reset_outside_window,
    syn_in_established, lost_fin,      lost_final_ack,   time_wait,
    time_wait_reuse,    no_time_wait,  data_after_close, fin_wait_2_timeout,
    unread_data};

}  // namespace

Scenario teardown_scenario(const TeardownRequest& request) {
    Scenario scenario{std::string{text(request.scenario)}, {}};
    add_open(scenario.steps, request);
    writers[static_cast<std::size_t>(request.scenario)](scenario.steps, request);
    add_end(scenario.steps, request);
    return scenario;
}

}  // namespace tcpcraft
