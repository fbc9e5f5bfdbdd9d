#include <algorithm>
#include <cassert>
#include <tuple>

#include <libtcpcraft/sim/world.hpp>

namespace tcpcraft {

const ConnectionId& connection_of(Side side) noexcept {
    static const Endpoint a = Endpoint::read("192.0.2.1:40000").value();
    static const Endpoint b = Endpoint::read("192.0.2.2:80").value();
    static const std::array<ConnectionId, 2> ids{ConnectionId{a, b}, ConnectionId{b, a}};
    return ids[index(side)];
}

std::byte octet_at(Seq iss, std::uint8_t place) noexcept {
    static_assert(InFlight::capacity == 8);  // one to one for ISS modulo 32
    return static_cast<std::byte>((iss.raw() * 8 + place) * 0xb5U & 0xffU);
}

Segment InFlight::segment(Side to) const noexcept {
    Segment made;
    made.source = connection_of(to).remote.port;
    made.destination = connection_of(to).local.port;
    made.seq = seq;
    made.ack = ack;
    made.flags = flags;
    made.wnd = wnd;
    made.payload = payload();
    return made;
}

std::strong_ordering InFlight::order(const InFlight& than) const noexcept {
    const auto key = [](const InFlight& f) {
        return std::tuple{f.seq.raw(), f.ack.raw(), f.flags.bits(), f.wnd, f.size};
    };
    const auto first = key(*this) <=> key(than);
    return first != 0 ? first : octets <=> than.octets;
}

void put_in_flight(World& world, Side to, const Segment& segment) {
    assert(segment.options.empty() && segment.payload.size() <= InFlight::capacity);
    InFlight flight{.seq = segment.seq,
                    .ack = segment.ack,
                    .flags = segment.flags,
                    .wnd = segment.wnd,
                    .size = static_cast<std::uint8_t>(segment.payload.size())};
    std::copy(segment.payload.begin(), segment.payload.end(), flight.octets.begin());
    auto& arriving = world.at(to).arriving;
    const auto at = std::find_if(arriving.begin(), arriving.end(),
                                 [&](const InFlight& f) { return f.order(flight) >= 0; });
    if (at != arriving.end() && at->order(flight) == 0) {
        at->copies = std::min<std::uint8_t>(at->copies + 1, InFlight::most_copies);
    } else {
        arriving.insert(at, flight);
    }
}

}  // namespace tcpcraft
