#include <algorithm>

#include <netinet/in.h>

#include <libtcpcraft/link/raw/peek.hpp>

namespace tcpcraft {

namespace {

using Octets = std::span<const std::byte>;

std::uint8_t octet(Octets packet, std::size_t at) noexcept {
    return std::to_integer<std::uint8_t>(packet[at]);
}

std::uint16_t word(Octets packet, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(octet(packet, at) << 8U | octet(packet, at + 1));
}

void read_tcp(Peek& peeked, Octets tcp) noexcept {
    peeked.source_port = Port{word(tcp, 0)};
    peeked.destination_port = Port{word(tcp, 2)};
    peeked.seq = static_cast<std::uint32_t>(word(tcp, 4)) << 16U | word(tcp, 6);
    peeked.tcp = tcp;
}

std::optional<Peek> peek_v4(Octets packet) noexcept {
    constexpr std::uint16_t offset_bits = 0x1fff;
    const std::size_t header = packet.size() < 20 ? 0 : (octet(packet, 0) & 0xfU) * std::size_t{4};
    if (header < 20 || packet.size() < header + 8 || octet(packet, 9) != IPPROTO_TCP ||
        (word(packet, 6) & offset_bits) != 0) {
        return std::nullopt;
    }
    Peek peeked;
    peeked.source = Address::v4(packet.subspan<12, 4>());
    peeked.destination = Address::v4(packet.subspan<16, 4>());
    read_tcp(peeked, packet.subspan(header));
    return peeked;
}

/// How long this extension header is; nothing where there is no way past it.
std::optional<std::size_t> extension_size(Octets rest, std::uint8_t kind) noexcept {
    if (rest.size() < 8) {
        return std::nullopt;
    }
    switch (kind) {
        case IPPROTO_HOPOPTS:
        case IPPROTO_ROUTING:
        case IPPROTO_DSTOPTS:
            return (octet(rest, 1) + std::size_t{1}) * 8;
        case IPPROTO_AH:  // counts words (RFC 4302 §2.2)
            return (octet(rest, 1) + std::size_t{2}) * 4;
        case IPPROTO_FRAGMENT:  // only its first part carries the TCP header
            return (word(rest, 2) & 0xfff8U) == 0 ? std::optional<std::size_t>{8} : std::nullopt;
        default:
            return std::nullopt;
    }
}

std::optional<Octets> find_tcp_v6(Octets packet) noexcept {
    std::uint8_t kind = octet(packet, 6);
    Octets rest = packet.subspan(40);
    while (kind != IPPROTO_TCP) {
        const auto size = extension_size(rest, kind);
        if (!size || *size > rest.size()) {
            return std::nullopt;
        }
        kind = octet(rest, 0);
        rest = rest.subspan(*size);
    }
    return rest.size() < 8 ? std::nullopt : std::optional{rest};
}

std::optional<Peek> peek_v6(Octets packet) noexcept {
    const auto tcp = packet.size() < 40 ? std::nullopt : find_tcp_v6(packet);
    if (!tcp) {
        return std::nullopt;
    }
    Peek peeked;
    peeked.source = Address::v6(packet.subspan<8, 16>());
    peeked.destination = Address::v6(packet.subspan<24, 16>());
    read_tcp(peeked, *tcp);
    return peeked;
}

}  // namespace

std::optional<Peek> peek(Octets packet) noexcept {
    if (packet.empty()) {
        return std::nullopt;
    }
    switch (octet(packet, 0) >> 4U) {
        case 4:
            return peek_v4(packet);
        case 6:
            return peek_v6(packet);
        default:
            return std::nullopt;
    }
}

std::optional<Fingerprint> reset_fingerprint(const Peek& peeked) noexcept {
    constexpr std::uint8_t rst = 0x04;
    Fingerprint print{};
    if (peeked.tcp.size() < print.size() || (octet(peeked.tcp, 13) & rst) == 0) {
        return std::nullopt;
    }
    std::ranges::copy(peeked.tcp.first(print.size()), print.begin());
    return print;
}

}  // namespace tcpcraft
