#include <algorithm>

#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

bool operator==(const Segment& a, const Segment& b) noexcept {
    return a.source == b.source && a.destination == b.destination && a.seq == b.seq &&
           a.ack == b.ack && a.flags == b.flags && a.wnd == b.wnd && a.up == b.up &&
           a.options == b.options && std::ranges::equal(a.payload, b.payload);
}

}  // namespace tcpcraft
