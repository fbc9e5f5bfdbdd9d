#pragma once

#include <algorithm>
#include <cassert>

#include <libtcpcraft/wire/ip_codec.hpp>
#include <libtcpcraft/wire/native_sum.hpp>
#include <libtcpcraft/wire/octets.hpp>

// IPv4 for codec.cpp, in a header so that reading and writing a packet is one piece of code for the
// compiler: what a default has put somewhere and what is then read is stored once.

namespace tcpcraft::wire::ipv4 {

using Code = ParseError::Code;

inline constexpr std::size_t fixed_size = 20;
inline constexpr std::uint16_t flag_reserved = 0x8000;
inline constexpr std::uint16_t flag_dont_fragment = 0x4000;
inline constexpr std::uint16_t fragment_bits = 0x3fff;  // more fragments, and the offset

// Where the fields are (RFC 791 §3.1).
inline constexpr std::size_t at_length = 2;
inline constexpr std::size_t at_identification = 4;
inline constexpr std::size_t at_fragment = 6;
inline constexpr std::size_t at_time_to_live = 8;
inline constexpr std::size_t at_protocol = 9;
inline constexpr std::size_t at_checksum = 10;
inline constexpr std::size_t at_source = 12;
inline constexpr std::size_t at_destination = 16;

[[nodiscard]] inline Expected<TcpPlace, ParseError> find_tcp(
    std::span<const std::byte> octets) noexcept {
    if (octets.size() < fixed_size) {
        return refuse(Code::truncated, 0, octets.size(), fixed_size);
    }
    const std::size_t words = load8(octets, 0) & 0x0fU;
    const std::size_t size = words * 4;
    if (size < fixed_size) {
        return refuse(Code::bad_header_length, 0, words, fixed_size / 4);
    }
    const std::size_t length = load16(octets, at_length);
    if (length != 0 && length < size) {
        return refuse(Code::bad_header_length, at_length, length, size);
    }
    const std::size_t end = length == 0 ? octets.size() : length;
    if (octets.size() < std::max(end, size)) {
        return refuse(Code::truncated, 0, octets.size(), std::max(end, size));
    }
    if (const unsigned bits = load16(octets, at_fragment) & fragment_bits; bits != 0) {
        return refuse(Code::fragment, at_fragment, bits, 0);
    }
    if (load8(octets, at_protocol) != protocol_tcp) {
        return refuse(Code::not_tcp, at_protocol, load8(octets, at_protocol), protocol_tcp);
    }
    return TcpPlace{size, end};
}

[[nodiscard]] inline std::uint64_t read(std::span<const std::byte> header, std::size_t size,
                                        Datagram& into) noexcept {
    IpHeader& ip = into.ip;
    ip.source.set_v4(header.subspan(at_source).first<4>());
    ip.destination.set_v4(header.subspan(at_destination).first<4>());
    ip.hop_limit = load8(header, at_time_to_live);
    ip.traffic_class = load8(header, 1);
    ip.identification = load16(header, at_identification);
    const std::uint16_t fragment = load16(header, at_fragment);
    ip.dont_fragment = (fragment & flag_dont_fragment) != 0;
    into.lies.ip_reserved = (fragment & flag_reserved) != 0;
    ip.extension = header.subspan(fixed_size);
    if (const std::uint16_t length = load16(header, at_length); length != length_field(size)) {
        into.lies.ip_length = length;
    }
    const auto addresses = load_native<std::uint64_t>(header.data() + at_source);
    NativeSum sum;
    sum.add(load_native<std::uint64_t>(header.data()));
    sum.add(load_native<std::uint32_t>(header.data() + at_time_to_live));
    sum.add(addresses);
    if (!ip.extension.empty()) {
        sum.add(ip.extension);
    }
    if (const std::uint16_t checksum = load16(header, at_checksum);
        !sum.is_zero() || checksum == 0xffff) {
        into.lies.ip_checksum = checksum;
    }
    return addresses;
}

[[nodiscard]] inline std::uint64_t write(std::span<std::byte> packet, const IpHeader& ip,
                                         const WireOverrides& lies) noexcept {
    assert(ip.extension.size() % 4 == 0 && ip.extension.size() <= 40);
    assert(ip.destination.family() == Family::v4);
    const auto header = packet.first(fixed_size + ip.extension.size());
    const unsigned fragment =
        (lies.ip_reserved ? flag_reserved : 0U) | (ip.dont_fragment ? flag_dont_fragment : 0U);
    const std::uint32_t length = lies.ip_length.value_or(length_field(packet.size()));
    const std::uint64_t first =
        std::uint64_t{0x40U | header.size() / 4} << 56 | std::uint64_t{ip.traffic_class} << 48 |
        std::uint64_t{length} << 32 | std::uint64_t{ip.identification} << 16 | fragment;
    const std::uint32_t hops = std::uint32_t{ip.hop_limit} << 24 | std::uint32_t{protocol_tcp}
                                                                       << 16;
    const auto source = load_native<std::uint32_t>(ip.source.octets().data());
    const auto destination = load_native<std::uint32_t>(ip.destination.octets().data());
    const std::uint64_t addresses = std::uint64_t{source} + destination;
    NativeSum sum;
    sum.add(addresses);
    sum.add(swapped(first));
    sum.add(swapped(hops));
    store_native(header.data(), swapped(first));
    store_native(header.data() + at_source, source);
    store_native(header.data() + at_destination, destination);
    if (!ip.extension.empty()) {
        std::ranges::copy(ip.extension, header.subspan(fixed_size).begin());
        sum.add(ip.extension);
    }
    const auto honest = static_cast<std::uint16_t>(~sum.folded());
    store32(header, at_time_to_live, hops | lies.ip_checksum.value_or(honest));
    return addresses;
}

}  // namespace tcpcraft::wire::ipv4
