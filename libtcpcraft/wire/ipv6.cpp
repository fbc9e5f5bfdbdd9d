#include <algorithm>
#include <cassert>

#include <libtcpcraft/wire/ip_codec.hpp>
#include <libtcpcraft/wire/octets.hpp>

namespace tcpcraft::wire {

namespace {

using Code = ParseError::Code;

constexpr std::size_t fixed_size = 40;

// Where the fields are (RFC 8200 §3).
constexpr std::size_t at_length = 4;
constexpr std::size_t at_next_header = 6;
constexpr std::size_t at_hop_limit = 7;
constexpr std::size_t at_source = 8;
constexpr std::size_t at_destination = 24;

enum Protocol : std::uint8_t {
    hop_by_hop = 0,
    tcp = 6,
    routing = 43,
    fragment = 44,
    authentication = 51,
    destination_options = 60,
};

/// One extension header of the chain, or where the chain ends.
struct Extension {
    std::uint8_t kind{0};
    std::size_t at{0};  ///< octet from the start of the IP header
};

bool is_extension(std::uint8_t kind) noexcept {
    return kind == hop_by_hop || kind == routing || kind == fragment || kind == authentication ||
           kind == destination_options;
}

/// Octets that a header takes by its own account; its first two octets must be there. AH counts
/// words (RFC 4302 §2.2), the fragment header has a fixed size, the others count eight octets.
std::size_t extension_size(std::uint8_t kind, std::span<const std::byte> header) noexcept {
    switch (kind) {
        case fragment:
            return 8;
        case authentication:
            return (std::size_t{load8(header, 1)} + 2) * 4;
        default:
            return (std::size_t{load8(header, 1)} + 1) * 8;
    }
}

Address address_at(std::span<const std::byte> octets, std::size_t at) noexcept {
    return Address::v6(std::span<const std::byte, 16>{octets.subspan(at, 16)});
}

/// Walks the extension headers; gives where TCP starts.
Expected<std::size_t, ParseError> find_tcp(std::span<const std::byte> packet) noexcept {
    std::size_t named_at = at_next_header;
    Extension here{load8(packet, at_next_header), fixed_size};
    while (is_extension(here.kind)) {
        const auto rest = packet.subspan(here.at);
        const std::size_t size = rest.size() < 8 ? 8 : extension_size(here.kind, rest);
        if (rest.size() < size) {
            return refuse(Code::bad_extension, here.at, rest.size(), size);
        }
        // An atomic fragment (RFC 6946) is offset 0 and no more to come: a whole segment.
        if (const unsigned bits = load16(rest, 2) & 0xfff9U; here.kind == fragment && bits != 0) {
            return refuse(Code::fragment, here.at + 2, bits, 0);
        }
        named_at = here.at;
        here = {load8(rest, 0), here.at + size};
    }
    if (here.kind != tcp) {
        return refuse(Code::not_tcp, named_at, here.kind, tcp);
    }
    return here.at;
}

/// The last hop that a routing header names. Kinds 0 and 2 list it last (RFC 2460 §4.4, RFC 6275
/// §6.4), kind 4 first (RFC 8754 §2). No other kind can be read here.
std::optional<Address> final_hop(std::span<const std::byte> header) noexcept {
    constexpr std::size_t first_address = 8;
    const std::uint8_t kind = load8(header, 2);
    const std::uint8_t segments_left = load8(header, 3);
    const std::size_t listed = (header.size() - first_address) / 16;
    if (segments_left == 0 || listed == 0) {
        return std::nullopt;
    }
    if (kind == 0 || kind == 2) {
        return address_at(header, first_address + (listed - 1) * 16);
    }
    return kind == 4 ? std::optional{address_at(header, first_address)} : std::nullopt;
}

/// The routing header of a chain; empty where there is none.
std::span<const std::byte> routing_header(const IpHeader& ip) noexcept {
    Extension here{ip.next_header, 0};
    while (is_extension(here.kind) && ip.extension.size() >= here.at + 8) {
        const auto rest = ip.extension.subspan(here.at);
        const std::size_t size = extension_size(here.kind, rest);
        if (rest.size() < size) {
            break;
        }
        if (here.kind == routing) {
            return rest.first(size);
        }
        here = {load8(rest, 0), here.at + size};
    }
    return {};
}

}  // namespace

Expected<IpPacket, ParseError> parse_ipv6(std::span<const std::byte> octets) noexcept {
    if (octets.size() < fixed_size) {
        return refuse(Code::truncated, 0, octets.size(), fixed_size);
    }
    const std::size_t length = load16(octets, at_length);
    const std::size_t end = length == 0 ? octets.size() : fixed_size + length;
    if (octets.size() < end) {
        return refuse(Code::truncated, 0, octets.size(), end);
    }
    const auto tcp_offset = find_tcp(octets.first(end));
    if (!tcp_offset) {
        return Unexpected<ParseError>{tcp_offset.error()};
    }
    IpPacket made{.tcp_offset = *tcp_offset, .end = end};
    made.header = {.source = address_at(octets, at_source),
                   .destination = address_at(octets, at_destination),
                   .hop_limit = load8(octets, at_hop_limit),
                   .traffic_class = static_cast<std::uint8_t>(load16(octets, 0) >> 4 & 0xffU),
                   .flow_label = load32(octets, 0) & 0xfffffU,
                   .extension = octets.subspan(fixed_size, *tcp_offset - fixed_size),
                   .next_header = load8(octets, at_next_header)};
    if (length != length_field(end - fixed_size)) {
        made.lies.ip_length = static_cast<std::uint16_t>(length);
    }
    return made;
}

void write_ipv6(std::span<std::byte> packet, const IpHeader& ip,
                const WireOverrides& lies) noexcept {
    assert(ip.destination.family() == Family::v6);
    const auto header = packet.first(fixed_size + ip.extension.size());
    const std::uint32_t first =
        0x60000000U | std::uint32_t{ip.traffic_class} << 20 | (ip.flow_label & 0xfffffU);
    store32(header, 0, first);
    store16(header, at_length, lies.ip_length.value_or(length_field(packet.size() - fixed_size)));
    store8(header, at_next_header, ip.next_header);
    store8(header, at_hop_limit, ip.hop_limit);
    std::ranges::copy(ip.source.octets(), header.subspan(at_source).begin());
    std::ranges::copy(ip.destination.octets(), header.subspan(at_destination).begin());
    std::ranges::copy(ip.extension, header.subspan(fixed_size).begin());
}

std::size_t header_size(const IpHeader& ip) noexcept {
    return (ip.family() == Family::v4 ? 20 : fixed_size) + ip.extension.size();
}

Address final_destination(const IpHeader& ip) noexcept {
    if (ip.family() == Family::v4) {
        return ip.destination;
    }
    const auto header = routing_header(ip);
    return header.empty() ? ip.destination : final_hop(header).value_or(ip.destination);
}

}  // namespace tcpcraft::wire
