#include <cstdint>

#include <libtcpcraft/link/raw/frame_way.hpp>

namespace tcpcraft {

namespace {

using Octets = std::span<const std::byte>;

std::uint32_t word(Octets packet, std::size_t at) noexcept {
    return std::to_integer<std::uint32_t>(packet[at]) << 8U |
           std::to_integer<std::uint32_t>(packet[at + 1]);
}

bool checksum_is_right(Octets header) noexcept {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < header.size(); at += 2) {
        sum += word(header, at);
    }
    sum = (sum >> 16U) + (sum & 0xffffU);
    return (sum >> 16U) + (sum & 0xffffU) == 0xffffU;
}

bool is_finished_v4(Octets packet) noexcept {
    constexpr std::uint32_t dont_fragment = 0x4000;
    const std::size_t size =
        packet.size() < 20 ? 0 : (std::to_integer<std::size_t>(packet[0]) & 0xfU) * 4;
    return size >= 20 && size <= packet.size() && word(packet, 2) == packet.size() &&
           (word(packet, 4) != 0 || (word(packet, 6) & dont_fragment) != 0) &&
           (word(packet, 12) | word(packet, 14)) != 0 && checksum_is_right(packet.first(size));
}

}  // namespace

std::optional<Address> source_of_finished(Octets packet) noexcept {
    const unsigned version = packet.empty() ? 0 : std::to_integer<unsigned>(packet[0]) >> 4U;
    if (version == 4 && is_finished_v4(packet)) {
        return Address::v4(packet.subspan<12, 4>());
    }
    if (version == 6 && packet.size() >= 40) {
        return Address::v6(packet.subspan<8, 16>());
    }
    return std::nullopt;
}

}  // namespace tcpcraft
