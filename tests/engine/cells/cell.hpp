#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <libtcpcraft/engine/state.hpp>

// State × event: what the machine does, cell by cell. A cell is a dialogue written from the RFC,
// not from the machine: line by line what happens and what has to come of it.

namespace tcpcraft::cells {

/// Where a cell begins: the eleven states, SYN-RECEIVED once from each kind of OPEN (MUST-11).
enum class Place : std::uint8_t {
    closed,
    listen,
    syn_sent,
    syn_received_passively,
    syn_received_actively,
    established,
    fin_wait_1,
    fin_wait_2,
    close_wait,
    closing,
    last_ack,
    time_wait,
};
inline constexpr std::size_t place_count = 12;

/// What may happen there.
enum class Happening : std::uint8_t {
    syn,
    syn_ack,
    ack_too_old,
    ack_old,
    ack_new,
    ack_ahead,
    data_in_window,
    data_behind_gap,
    data_left,
    data_right,
    data_over_left_edge,
    data_over_right_edge,
    fin_in_order,
    fin_again,
    fin_ahead,
    rst_exact,
    rst_in_window,
    rst_out_of_window,
    without_ack,
    active_open,
    passive_open,
    send,
    close,
    abort,
    probe,
    retransmission,
    zero_window,
    keep_alive,
    time_wait,
    fin_wait_2,
    user,
    delayed_ack,
    icmp_soft,
    icmp_hard,
    icmp_unrelated,
};
inline constexpr std::size_t happening_count = 35;

/// The lines of a cell. What happens:
///   `< SEGMENT`      arrives, in packetdrill's notation; `-5` counts back from the peer's ISN
///   `OPEN active`, `OPEN passive`, `SEND 5`, `CLOSE`, `ABORT`, `PROBE`
///   `TIMER zero-window`   time passes until it fires
///   `AFTER 60`       seconds pass
///   `ICMP soft 0`, `ICMP hard 0`   about the segment of ours with that number
/// What has to come of it, complete; of each kind in this order:
///   `> SEGMENT`, `enters STATE`, `delivers 5`, `drops REASON`, `tells NOTICE`
///   `runs TIMER`     a timer is running now
///   `restarts TIMER`, `keeps TIMER`   it ran before the event and does now: put off, or not
/// `from STATE` (first line) prepares the cell from there. `with POLICY` (first lines) and `now
/// with POLICY` choose among the policies of the player. `never TIMER` alone: the timer cannot run
/// here; `note` says why. The last line that happens is the event of the cell; those before it
/// prepare it.
struct Cell {
    Happening when{};
    std::string_view cites{};
    std::vector<std::string_view> lines{};
    std::string_view note{};
};

/// As the RFC spells the state; `SYN-RECEIVED (passive OPEN)`.
[[nodiscard]] std::string_view title(Place place) noexcept;
[[nodiscard]] std::string_view title(Happening happening) noexcept;
[[nodiscard]] State state_of(Place place) noexcept;
/// The way there, in the same lines. `passively`: from LISTEN where there are two ways.
[[nodiscard]] std::vector<std::string_view> way_to(Place place, bool passively);

using Cells = std::vector<Cell>;
[[nodiscard]] const Cells& closed_cells();
[[nodiscard]] const Cells& listen_cells();
[[nodiscard]] const Cells& syn_sent_cells();
[[nodiscard]] const Cells& syn_received_passively_cells();
[[nodiscard]] const Cells& syn_received_actively_cells();
[[nodiscard]] const Cells& established_cells();
[[nodiscard]] const Cells& fin_wait_1_cells();
[[nodiscard]] const Cells& fin_wait_2_cells();
[[nodiscard]] const Cells& close_wait_cells();
[[nodiscard]] const Cells& closing_cells();
[[nodiscard]] const Cells& last_ack_cells();
[[nodiscard]] const Cells& time_wait_cells();
[[nodiscard]] const Cells& cells_of(Place place);

}  // namespace tcpcraft::cells
