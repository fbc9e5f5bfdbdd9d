#include <algorithm>
#include <array>
#include <string_view>

#include <libtcpcraft/play/conversation.hpp>
#include <libtcpcraft/wire/checksum.hpp>

namespace tcpcraft::play {

namespace {

struct IcmpName {
    std::string_view type{};
    std::string_view code{};
    Family family{};
    std::uint8_t type_number{0};
    std::uint8_t code_number{0};
};

// RFC 792, RFC 1812 §5.2.7.1; RFC 4443 §3.
constexpr std::array<IcmpName, 20> names{{
    {"unreachable", "", Family::v4, 3, 0},
    {"unreachable", "net_unreachable", Family::v4, 3, 0},
    {"unreachable", "host_unreachable", Family::v4, 3, 1},
    {"unreachable", "protocol_unreachable", Family::v4, 3, 2},
    {"unreachable", "port_unreachable", Family::v4, 3, 3},
    {"unreachable", "frag_needed", Family::v4, 3, 4},
    {"unreachable", "source_route_failed", Family::v4, 3, 5},
    {"unreachable", "net_unreachable_for_tos", Family::v4, 3, 11},
    {"unreachable", "host_unreachable_for_tos", Family::v4, 3, 12},
    {"unreachable", "comm_prohibited", Family::v4, 3, 13},
    {"source_quench", "", Family::v4, 4, 0},
    {"time_exceeded", "", Family::v4, 11, 0},
    {"parameter_problem", "", Family::v4, 12, 0},
    {"unreachable", "no_route", Family::v6, 1, 0},
    {"unreachable", "admin_prohibited", Family::v6, 1, 1},
    {"unreachable", "address_unreachable", Family::v6, 1, 3},
    {"unreachable", "port_unreachable", Family::v6, 1, 4},
    {"packet_too_big", "", Family::v6, 2, 0},
    {"time_exceeded", "", Family::v6, 3, 0},
    {"parameter_problem", "", Family::v6, 4, 0},
}};

const IcmpName* name_of(const ScriptIcmp& line, Family family) {
    const auto found = std::ranges::find_if(names, [&](const IcmpName& name) {
        return name.type == line.type && name.code == line.code && name.family == family;
    });
    return found == names.end() ? nullptr : &*found;
}

void put16(std::vector<std::byte>& out, std::uint32_t value) {
    out.push_back(static_cast<std::byte>(value >> 8U));
    out.push_back(static_cast<std::byte>(value));
}
void put32(std::vector<std::byte>& out, std::uint32_t value) {
    put16(out, value >> 16U);
    put16(out, value & 0xffffU);
}
void put(std::vector<std::byte>& out, std::span<const std::byte> octets) {
    out.insert(out.end(), octets.begin(), octets.end());
}

std::uint16_t internet_checksum(std::span<const std::byte> octets) {
    ChecksumSum sum;
    sum.add(octets);
    return static_cast<std::uint16_t>(~sum.folded());
}

/// The peer's segment as it would have looked: headers, and what ICMP quotes of them.
std::vector<std::byte> quoted(const IcmpQuote& quote) {
    Datagram datagram;
    datagram.ip.source = quote.id.remote.address;
    datagram.ip.destination = quote.id.local.address;
    datagram.segment.source = quote.id.remote.port;
    datagram.segment.destination = quote.id.local.port;
    datagram.segment.seq = quote.seq;
    datagram.segment.flags = {Flag::ack};
    const std::vector<std::byte> payload(std::min<std::uint32_t>(quote.length, 65'000));
    datagram.segment.payload = payload;
    auto made = serialize(datagram);
    const std::size_t header = quote.id.remote.address.is_v6() ? 40 : 20;
    made.resize(std::min(made.size(), header + 8));
    return made;
}

std::vector<std::byte> ipv4(const IcmpQuote& quote, std::span<const std::byte> message) {
    std::vector<std::byte> made;
    put16(made, 0x4500);
    put16(made, static_cast<std::uint32_t>(20 + message.size()));
    put32(made, 0);
    put16(made, static_cast<std::uint32_t>(quote.hop_limit) << 8U | 1U);
    put16(made, 0);
    put(made, quote.id.local.address.octets());
    put(made, quote.id.remote.address.octets());
    const std::uint16_t sum = internet_checksum(made);
    made[10] = static_cast<std::byte>(sum >> 8U);
    made[11] = static_cast<std::byte>(sum);
    put(made, message);
    return made;
}

constexpr std::uint8_t icmpv6 = 58;

std::vector<std::byte> ipv6(const IcmpQuote& quote, std::vector<std::byte> message) {
    std::vector<std::byte> pseudo;
    put(pseudo, quote.id.local.address.octets());
    put(pseudo, quote.id.remote.address.octets());
    put32(pseudo, static_cast<std::uint32_t>(message.size()));
    put32(pseudo, icmpv6);
    put(pseudo, message);
    const std::uint16_t sum = internet_checksum(pseudo);
    message[2] = static_cast<std::byte>(sum >> 8U);
    message[3] = static_cast<std::byte>(sum);
    std::vector<std::byte> made;
    put32(made, 0x60000000);
    put16(made, static_cast<std::uint32_t>(message.size()));
    put16(made, static_cast<std::uint32_t>(icmpv6) << 8U | quote.hop_limit);
    put(made, quote.id.local.address.octets());
    put(made, quote.id.remote.address.octets());
    put(made, message);
    return made;
}

}  // namespace

bool knows_icmp(const ScriptIcmp& line, Family family) { return name_of(line, family) != nullptr; }

std::vector<std::byte> icmp_packet(const ScriptIcmp& line, const IcmpQuote& quote) {
    const IcmpName* name = name_of(line, quote.id.remote.address.family());
    if (name == nullptr) {
        return {};
    }
    std::vector<std::byte> message;
    put16(message, static_cast<std::uint32_t>(name->type_number) << 8U | name->code_number);
    put16(message, 0);
    put32(message, line.mtu.value_or(0));
    put(message, quoted(quote));
    if (name->family == Family::v6) {
        return ipv6(quote, std::move(message));
    }
    const std::uint16_t sum = internet_checksum(message);
    message[2] = static_cast<std::byte>(sum >> 8U);
    message[3] = static_cast<std::byte>(sum);
    return ipv4(quote, message);
}

}  // namespace tcpcraft::play
