#include <libtcpcraft/wire/ipv6.hpp>

// Extension headers, which few packets have.

namespace tcpcraft::wire {

namespace {

using ipv6::at_next_header;
using ipv6::Code;
using ipv6::fixed_size;

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
    return Address::v6(octets.subspan(at).first<16>());
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

Expected<std::size_t, ParseError> skip_extensions(std::span<const std::byte> packet) noexcept {
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

Address end_of_route(const IpHeader& ip) noexcept {
    const auto header = routing_header(ip);
    return header.empty() ? ip.destination : final_hop(header).value_or(ip.destination);
}

}  // namespace tcpcraft::wire
