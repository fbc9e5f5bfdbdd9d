#include <algorithm>

#include <libtcpcraft/engine/iss.hpp>
#include <libtcpcraft/engine/siphash.hpp>

namespace tcpcraft {
namespace {

/// Address and port of one end: zone, port, sixteen octets of address, family.
std::byte* write_endpoint(const Endpoint& end, std::byte* at) noexcept {
    const auto octets = end.address.octets();
    std::copy(octets.begin(), octets.end(), at);
    at += 16;
    *at++ = std::byte(end.port.value >> 8);
    *at++ = std::byte(end.port.value & 0xffU);
    for (unsigned shift = 0; shift < 32; shift += 8) {
        *at++ = std::byte((end.address.zone() >> shift) & 0xffU);
    }
    *at++ = std::byte{end.address.is_v6()};
    return at;
}

}  // namespace

Seq initial_sequence_number(const ConnectionId& id, const IsnKey& key, Instant now) noexcept {
    std::array<std::byte, 46> octets{};
    write_endpoint(id.remote, write_endpoint(id.local, octets.data()));
    const std::uint64_t f = siphash_2_4(octets, key.word);
    const auto m = static_cast<std::uint64_t>(now.time_since_epoch().count()) / 4;
    return Seq{static_cast<std::uint32_t>(m + f)};
}

}  // namespace tcpcraft
