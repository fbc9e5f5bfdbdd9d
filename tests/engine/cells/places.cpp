#include <tests/engine/cells/cell.hpp>

namespace tcpcraft::cells {
namespace {

constexpr std::array<std::string_view, place_count> places{
    "CLOSED",
    "LISTEN",
    "SYN-SENT",
    "SYN-RECEIVED (passive OPEN)",
    "SYN-RECEIVED (active OPEN)",
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "CLOSE-WAIT",
    "CLOSING",
    "LAST-ACK",
    "TIME-WAIT",
};

constexpr std::array<std::string_view, happening_count> happenings{
    "SYN",
    "SYN,ACK",
    "ACK, too old",
    "ACK, old",
    "ACK, new",
    "ACK, ahead",
    "data in the window",
    "data behind a gap",
    "data left of the window",
    "data right of the window",
    "data over the left edge",
    "data over the right edge",
    "FIN in order",
    "FIN again",
    "FIN ahead of a gap",
    "RST, exact",
    "RST in the window",
    "RST out of the window",
    "segment without ACK",
    "OPEN (active)",
    "OPEN (passive)",
    "SEND",
    "CLOSE",
    "ABORT",
    "keep-alive probe",
    "timer: retransmission",
    "timer: zero-window",
    "timer: keep-alive",
    "timer: time-wait",
    "timer: fin-wait-2",
    "timer: user",
    "timer: delayed-ack",
    "ICMP, soft",
    "ICMP, hard",
    "ICMP, unrelated",
};
static_assert(happenings.back() == "ICMP, unrelated" && places.back() == "TIME-WAIT");

using Lines = std::vector<std::string_view>;

Lines operator+(Lines lines, const Lines& more) {
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
}

const Lines listening{"OPEN passive", "enters LISTEN"};
const Lines calling{"OPEN active", "> S 0:0(0)", "enters SYN-SENT"};
const Lines called{"< S 0:0(0) <mss 1460>", "> S. 0:0(0) ack 1", "enters SYN-RECEIVED"};

Lines established(bool passively) {
    if (passively) {
        return listening + called +
               Lines{"< . 1:1(0) ack 1", "enters ESTABLISHED", "tells connection established"};
    }
    return calling + Lines{"< S. 0:0(0) ack 1 <mss 1460>", "> . 1:1(0) ack 1", "enters ESTABLISHED",
                           "tells connection established"};
}

const Lines closed_first{"CLOSE", "> F. 1:1(0) ack 1", "enters FIN-WAIT-1"};
const Lines fin_acknowledged{"< . 1:1(0) ack 2", "enters FIN-WAIT-2", "tells connection closed"};
const Lines peer_closed{"< F. 1:1(0) ack 1", "> . 1:1(0) ack 2", "enters CLOSE-WAIT",
                        "tells connection closing"};

}  // namespace

std::string_view title(Place place) noexcept { return places[static_cast<std::size_t>(place)]; }

std::string_view title(Happening happening) noexcept {
    return happenings[static_cast<std::size_t>(happening)];
}

State state_of(Place place) noexcept {
    const auto index = static_cast<std::uint8_t>(place);
    return static_cast<State>(place > Place::syn_received_passively ? index - 1 : index);
}

// RFC 9293 §3.3.2 Fig. 5
std::vector<std::string_view> way_to(Place place, bool passively) {
    switch (place) {
        case Place::closed:
            return {};
        case Place::listen:
            return listening;
        case Place::syn_sent:
            return calling;
        case Place::syn_received_passively:
            return listening + called;
        case Place::syn_received_actively:
            return calling + called;
        case Place::established:
            return established(passively);
        case Place::fin_wait_1:
            return established(passively) + closed_first;
        case Place::fin_wait_2:
            return established(passively) + closed_first + fin_acknowledged;
        case Place::close_wait:
            return established(passively) + peer_closed;
        case Place::closing:
            return established(passively) + closed_first +
                   Lines{"< F. 1:1(0) ack 1", "> . 2:2(0) ack 2", "enters CLOSING",
                         "tells connection closing"};
        case Place::last_ack:
            return established(passively) + peer_closed +
                   Lines{"CLOSE", "> F. 1:1(0) ack 2", "enters LAST-ACK"};
        case Place::time_wait:
            return established(passively) + closed_first + fin_acknowledged +
                   Lines{"< F. 1:1(0) ack 2", "> . 2:2(0) ack 2", "enters TIME-WAIT",
                         "tells connection closing"};
    }
    return {};
}

const Cells& cells_of(Place place) {
    using List = const Cells& (*)();
    static constexpr std::array<List, place_count> all{
        closed_cells,
        listen_cells,
        syn_sent_cells,
        syn_received_passively_cells,
        syn_received_actively_cells,
        established_cells,
        fin_wait_1_cells,
        fin_wait_2_cells,
        close_wait_cells,
        closing_cells,
        last_ack_cells,
        time_wait_cells,
    };
    return all[static_cast<std::size_t>(place)]();
}

}  // namespace tcpcraft::cells
