#include <algorithm>
#include <cassert>

#include <libtcpcraft/wire/checksum.hpp>
#include <libtcpcraft/wire/ip_codec.hpp>
#include <libtcpcraft/wire/octets.hpp>

namespace tcpcraft::wire {

namespace {

using Code = ParseError::Code;

constexpr std::size_t fixed_size = 20;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint16_t flag_reserved = 0x8000;
constexpr std::uint16_t flag_dont_fragment = 0x4000;
constexpr std::uint16_t fragment_bits = 0x3fff;  // more fragments, and the offset

// Where the fields are (RFC 791 §3.1).
constexpr std::size_t at_length = 2;
constexpr std::size_t at_identification = 4;
constexpr std::size_t at_fragment = 6;
constexpr std::size_t at_time_to_live = 8;
constexpr std::size_t at_protocol = 9;
constexpr std::size_t at_checksum = 10;
constexpr std::size_t at_source = 12;
constexpr std::size_t at_destination = 16;

std::uint16_t header_checksum(std::span<const std::byte> header) noexcept {
    ChecksumSum sum;
    sum.add(header.first(at_checksum));
    sum.add(header.subspan(at_checksum + 2));
    return static_cast<std::uint16_t>(~sum.folded());
}

Address address_at(std::span<const std::byte> octets, std::size_t at) noexcept {
    return Address::v4(std::span<const std::byte, 4>{octets.subspan(at, 4)});
}

IpHeader read_header(std::span<const std::byte> header) noexcept {
    return {.source = address_at(header, at_source),
            .destination = address_at(header, at_destination),
            .hop_limit = load8(header, at_time_to_live),
            .traffic_class = load8(header, 1),
            .identification = load16(header, at_identification),
            .dont_fragment = (load16(header, at_fragment) & flag_dont_fragment) != 0,
            .extension = header.subspan(fixed_size)};
}

/// What an honest writer would have put differently.
WireOverrides read_lies(std::span<const std::byte> header, std::size_t end) noexcept {
    WireOverrides lies;
    lies.ip_reserved = (load16(header, at_fragment) & flag_reserved) != 0;
    if (load16(header, at_length) != length_field(end)) {
        lies.ip_length = load16(header, at_length);
    }
    if (load16(header, at_checksum) != header_checksum(header)) {
        lies.ip_checksum = load16(header, at_checksum);
    }
    return lies;
}

}  // namespace

Expected<IpPacket, ParseError> parse_ipv4(std::span<const std::byte> octets) noexcept {
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
    const auto header = octets.first(size);
    return IpPacket{.header = read_header(header),
                    .tcp_offset = size,
                    .end = end,
                    .lies = read_lies(header, end)};
}

void write_ipv4(std::span<std::byte> packet, const IpHeader& ip,
                const WireOverrides& lies) noexcept {
    assert(ip.extension.size() % 4 == 0 && ip.extension.size() <= 40);
    assert(ip.destination.family() == Family::v4);
    const auto header = packet.first(fixed_size + ip.extension.size());
    const unsigned fragment =
        (lies.ip_reserved ? flag_reserved : 0U) | (ip.dont_fragment ? flag_dont_fragment : 0U);
    store8(header, 0, static_cast<std::uint8_t>(0x40U | header.size() / 4));
    store8(header, 1, ip.traffic_class);
    store16(header, at_length, lies.ip_length.value_or(length_field(packet.size())));
    store16(header, at_identification, ip.identification);
    store16(header, at_fragment, static_cast<std::uint16_t>(fragment));
    store8(header, at_time_to_live, ip.hop_limit);
    store8(header, at_protocol, protocol_tcp);
    std::ranges::copy(ip.source.octets(), header.subspan(at_source).begin());
    std::ranges::copy(ip.destination.octets(), header.subspan(at_destination).begin());
    std::ranges::copy(ip.extension, header.subspan(fixed_size).begin());
    store16(header, at_checksum, lies.ip_checksum ? *lies.ip_checksum : header_checksum(header));
}

}  // namespace tcpcraft::wire
