#pragma once

#include <algorithm>
#include <cassert>
#include <cstring>

#include <libtcpcraft/wire/ip_codec.hpp>
#include <libtcpcraft/wire/octets.hpp>

// IPv6 for codec.cpp, in a header as IPv4 is.

namespace tcpcraft::wire::ipv6 {

using Code = ParseError::Code;

inline constexpr std::size_t fixed_size = 40;

// Where the fields are (RFC 8200 §3).
inline constexpr std::size_t at_length = 4;
inline constexpr std::size_t at_next_header = 6;
inline constexpr std::size_t at_hop_limit = 7;
inline constexpr std::size_t at_source = 8;
inline constexpr std::size_t at_destination = 24;

[[nodiscard]] inline Expected<TcpPlace, ParseError> find_tcp(
    std::span<const std::byte> octets) noexcept {
    if (octets.size() < fixed_size) {
        return refuse(Code::truncated, 0, octets.size(), fixed_size);
    }
    const std::size_t length = load16(octets, at_length);
    const std::size_t end = length == 0 ? octets.size() : fixed_size + length;
    if (octets.size() < end) {
        return refuse(Code::truncated, 0, octets.size(), end);
    }
    if (load8(octets, at_next_header) == protocol_tcp) {
        return TcpPlace{fixed_size, end};
    }
    const auto tcp_offset = skip_extensions(octets.first(end));
    if (!tcp_offset) {
        return Unexpected<ParseError>{tcp_offset.error()};
    }
    return TcpPlace{*tcp_offset, end};
}

[[nodiscard]] inline std::uint64_t read(std::span<const std::byte> header, std::size_t size,
                                        Datagram& into) noexcept {
    const std::uint32_t first = load32(header, 0);
    IpHeader& ip = into.ip;
    ip.source.set_v6(header.subspan(at_source).first<16>());
    ip.destination.set_v6(header.subspan(at_destination).first<16>());
    ip.hop_limit = load8(header, at_hop_limit);
    ip.traffic_class = static_cast<std::uint8_t>(first >> 20 & 0xffU);
    ip.flow_label = first & 0xfffffU;
    ip.extension = header.subspan(fixed_size);
    ip.next_header = load8(header, at_next_header);
    if (const std::uint16_t length = load16(header, at_length);
        length != length_field(size - fixed_size)) {
        into.lies.ip_length = length;
    }
    if (!ip.extension.empty()) {
        return pseudo_header_addresses(ip);
    }
    NativeSum addresses;
    for (std::size_t at = at_source; at < fixed_size; at += 8) {
        addresses.add(load_native<std::uint64_t>(header.data() + at));
    }
    return addresses.carried();
}

[[nodiscard]] inline std::uint64_t write(std::span<std::byte> packet, const IpHeader& ip,
                                         const WireOverrides& lies) noexcept {
    assert(ip.destination.family() == Family::v6);
    const auto header = packet.first(fixed_size + ip.extension.size());
    const std::uint32_t first =
        0x60000000U | std::uint32_t{ip.traffic_class} << 20 | (ip.flow_label & 0xfffffU);
    store32(header, 0, first);
    store16(header, at_length, lies.ip_length.value_or(length_field(packet.size() - fixed_size)));
    store8(header, at_next_header, ip.next_header);
    store8(header, at_hop_limit, ip.hop_limit);
    std::memcpy(header.data() + at_source, ip.source.octets().data(), 16);
    std::memcpy(header.data() + at_destination, ip.destination.octets().data(), 16);
    std::ranges::copy(ip.extension, header.subspan(fixed_size).begin());
    return pseudo_header_addresses(ip);
}

}  // namespace tcpcraft::wire::ipv6
