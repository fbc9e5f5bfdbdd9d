#include <algorithm>

#include <libtcpcraft/drive/answer.hpp>

namespace tcpcraft {

Seq Marks::at(Number number) const noexcept {
    const auto from = [&] {
        switch (number.mark) {
            case Mark::rcv_nxt:
                return rcv_nxt;
            case Mark::window_end:
                return window_end;
            case Mark::first_snd_nxt:
                return first_snd_nxt;
            case Mark::first_rcv_nxt:
                return first_rcv_nxt;
            case Mark::probe_ack:
                return probe_ack;
            case Mark::snd_nxt:
                break;
        }
        return snd_nxt;
    }();
    return from + static_cast<std::uint32_t>(number.offset);
}

bool Answer::matches(const Segment& segment, const Marks& marks) const noexcept {
    const std::uint16_t bits = segment.flags.bits();
    if ((bits & with.bits()) != with.bits() || (bits & without.bits()) != 0) {
        return false;
    }
    if ((empty && !segment.payload.empty()) || (shut && segment.wnd != 0)) {
        return false;
    }
    if (!only_in.empty() && std::ranges::find(only_in, marks.state) == only_in.end()) {
        return false;
    }
    return (!seq || segment.seq == marks.at(*seq)) && (!ack || segment.ack == marks.at(*ack)) &&
           (!seq_beyond || before(marks.at(*seq_beyond), segment.seq)) &&
           (!ack_beyond || before(marks.at(*ack_beyond), segment.ack));
}

}  // namespace tcpcraft
