#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include <libtcpcraft/drive/session.hpp>

// What bears the connection's addresses and ports, and whether its numbers say that it belongs.

namespace tcpcraft {

namespace {

constexpr std::uint32_t least_far_off = 1U << 17U;

bool near(Seq one, Seq other, std::uint32_t far_off) noexcept {
    return static_cast<std::uint32_t>(std::abs(distance(one, other))) < far_off;
}

}  // namespace

// More than the window that we offer: what lies further away is no honest segment.
std::uint32_t Session::far_off() const {
    return std::max(least_far_off, 2 * std::min(connection_.tcb().rcv.wnd, 1U << 30U));
}

// RFC 9293 §3.10.7.1: a RST has the number of the ACK that it answers or, where that had none,
// acknowledges it; §3.5.2: else the number that the peer sends next.
bool Session::explained(const Segment& reset, const Marks& marks) const {
    return reset.seq == marks.rcv_nxt ||
           std::ranges::any_of(connection_.sightings(), [&, far = far_off()](const Sighting& seen) {
               const Seq end = seen.seq + seen.len;
               if (seen.direction == Direction::in) {
                   return !seen.flags.has(Flag::rst) && reset.seq == end &&
                          near(end, marks.rcv_nxt, far);
               }
               return seen.flags.has(Flag::ack) ? reset.seq == seen.ack
                                                : reset.has(Flag::ack) && reset.ack == end;
           });
}

// Anybody can send in the peer's name. Who does not see the connection does not know its numbers.
bool Session::belongs(const Segment& segment, const Marks& marks) const {
    if (segment.has(Flag::rst)) {
        return explained(segment, marks);
    }
    const bool opens =
        segment.has(Flag::syn) && (segment.has(Flag::ack) || marks.state == State::listen);
    const std::uint32_t far = far_off();
    const bool seq = opens || near(segment.seq, marks.rcv_nxt, far);
    const bool ack =
        before(marks.snd_una - far, segment.ack) && before(segment.ack, marks.snd_nxt + far);
    return seq && (!segment.has(Flag::ack) || ack || near(segment.ack, marks.first_snd_nxt, far));
}

// Where the sightings are not kept, what was sent before is not known either.
bool Session::is_stray(const Datagram& datagram, const Arrival& arrival) {
    if (!connection_.setup().keep_sightings) {
        return false;
    }
    return datagram.checksum == Checksum::bad || arrival.truncated || crosses(datagram.segment) ||
           !belongs(datagram.segment, marks_);
}

// No number is needed for it, and it would lead away from the connection that is to be judged.
bool Session::crosses(const Segment& segment) const {
    return marks_.state == State::syn_sent && segment.has(Flag::syn) && !segment.has(Flag::ack);
}

void Session::tell_strays() {
    if (const std::size_t more = strays_.take_untold(); more != 0) {
        connection_.note(fmt::format("{} more segments that do not belong to this connection: "
                                     "neither shown nor processed",
                                     more),
                         Note::Kind::warning);
    }
}

}  // namespace tcpcraft
