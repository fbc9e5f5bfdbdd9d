#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/ip_codec.hpp>
#include <libtcpcraft/wire/octets.hpp>

namespace tcpcraft {

namespace {

using Code = ParseError::Code;

constexpr std::size_t fixed_size = 20;

// Where the fields are (RFC 9293 §3.1).
constexpr std::size_t at_seq = 4;
constexpr std::size_t at_ack = 8;
constexpr std::size_t at_control = 12;  // data offset, reserved, nine control bits
constexpr std::size_t at_window = 14;
constexpr std::size_t at_checksum = 16;
constexpr std::size_t at_urgent = 18;

Expected<wire::IpPacket, ParseError> parse_ip(std::span<const std::byte> octets) noexcept {
    if (octets.empty()) {
        return wire::refuse(Code::truncated, 0, 0, fixed_size);
    }
    switch (const unsigned version = wire::load8(octets, 0) >> 4U; version) {
        case 4:
            return wire::parse_ipv4(octets);
        case 6:
            return wire::parse_ipv6(octets);
        default:
            return wire::refuse(Code::not_ip, 0, version, 0);
    }
}

/// Octets of TCP header, or why there is none; `at` is where TCP starts.
Expected<std::size_t, ParseError> tcp_header_size(std::span<const std::byte> tcp,
                                                  std::size_t at) noexcept {
    if (tcp.size() < fixed_size) {
        return wire::refuse(Code::truncated, at, tcp.size(), fixed_size);
    }
    const std::size_t words = wire::load8(tcp, at_control) >> 4U;
    if (words * 4 < fixed_size) {
        return wire::refuse(Code::bad_data_offset, at + at_control, words, fixed_size / 4);
    }
    if (words * 4 > tcp.size()) {
        return wire::refuse(Code::bad_data_offset, at + at_control, words, tcp.size() / 4);
    }
    return words * 4;
}

Segment read_tcp(std::span<const std::byte> tcp, std::size_t header) noexcept {
    Segment made;
    made.source = Port{wire::load16(tcp, 0)};
    made.destination = Port{wire::load16(tcp, 2)};
    made.seq = Seq{wire::load32(tcp, at_seq)};
    made.ack = Seq{wire::load32(tcp, at_ack)};
    made.flags = Flags::from_bits(wire::load16(tcp, at_control));
    made.wnd = wire::load16(tcp, at_window);
    made.up = wire::load16(tcp, at_urgent);
    made.options.append_octets(tcp.subspan(fixed_size, header - fixed_size));
    made.payload = tcp.subspan(header);
    return made;
}

/// The verdict on the checksum; a field that an honest writer would not have written is kept.
Checksum judge(const IpHeader& ip, std::span<const std::byte> tcp, bool ready,
               WireOverrides& lies) noexcept {
    const std::uint16_t seen = wire::load16(tcp, at_checksum);
    if (!ready) {
        lies.checksum = seen;
        return Checksum::offloaded;
    }
    const std::uint16_t honest = tcp_checksum(ip.source, wire::final_destination(ip), tcp);
    if (seen == honest) {
        return Checksum::ok;
    }
    lies.checksum = seen;
    // In one's complement 0xffff is the other zero, and a receiver's sum comes out right.
    return seen == 0xffff && honest == 0 ? Checksum::ok : Checksum::bad;
}

std::uint16_t checksum_to_write(const Datagram& datagram, std::span<const std::byte> tcp) noexcept {
    const WireOverrides& lies = datagram.lies;
    if (lies.checksum) {
        return *lies.checksum;
    }
    const std::uint16_t honest =
        tcp_checksum(datagram.ip.source, wire::final_destination(datagram.ip), tcp);
    // Neither the honest number nor its other zero.
    return lies.bad_checksum ? static_cast<std::uint16_t>(honest ^ 0x5555U) : honest;
}

void write_tcp(std::span<std::byte> tcp, const Datagram& datagram) noexcept {
    const Segment& seg = datagram.segment;
    const std::size_t header = fixed_size + seg.options.padded_size();
    const unsigned words =
        datagram.lies.data_offset.value_or(static_cast<std::uint8_t>(header / 4)) & 0x0fU;
    const unsigned reserved = datagram.lies.reserved.value_or(0) & 0x07U;
    wire::store16(tcp, 0, seg.source.value);
    wire::store16(tcp, 2, seg.destination.value);
    wire::store32(tcp, at_seq, seg.seq.raw());
    wire::store32(tcp, at_ack, seg.ack.raw());
    wire::store16(tcp, at_control,
                  static_cast<std::uint16_t>(words << 12 | reserved << 9 | seg.flags.bits()));
    wire::store16(tcp, at_window, seg.wnd);
    wire::store16(tcp, at_checksum, 0);
    wire::store16(tcp, at_urgent, seg.up);
    const auto options = seg.options.octets();
    const auto padding = std::ranges::copy(options, tcp.subspan(fixed_size).begin()).out;
    std::fill_n(padding, seg.options.padded_size() - options.size(), std::byte{0});
    std::ranges::copy(seg.payload, tcp.subspan(header).begin());
    wire::store16(tcp, at_checksum, checksum_to_write(datagram, tcp));
}

}  // namespace

std::string ParseError::sentence() const {
    switch (code) {
        case Code::truncated:
            return fmt::format("from octet {} on {} octets are needed, only {} are there", offset,
                               wanted, seen);
        case Code::not_ip:
            return fmt::format("the IP version at octet {} is {}, neither 4 nor 6", offset, seen);
        case Code::bad_header_length:
            return fmt::format("the length at octet {} is {}, the header needs {}", offset, seen,
                               wanted);
        case Code::fragment:
            return fmt::format(
                "a fragment, not a whole segment: the fragment field at octet {} is {:#06x}",
                offset, seen);
        case Code::not_tcp:
            return fmt::format("the protocol at octet {} is {}, not TCP ({})", offset, seen,
                               wanted);
        case Code::bad_extension:
            return fmt::format("the extension header at octet {} takes {} octets, only {} are left",
                               offset, wanted, seen);
        case Code::bad_data_offset:
            break;
    }
    return fmt::format("the TCP data offset at octet {} is {} words, {} {}", offset, seen,
                       seen < wanted ? "the least is" : "the segment has only", wanted);
}

Expected<Datagram, ParseError> parse(std::span<const std::byte> octets, bool checksum_ready) {
    const auto packet = parse_ip(octets);
    if (!packet) {
        return Unexpected<ParseError>{packet.error()};
    }
    const auto tcp = octets.subspan(packet->tcp_offset, packet->end - packet->tcp_offset);
    const auto header = tcp_header_size(tcp, packet->tcp_offset);
    if (!header) {
        return Unexpected<ParseError>{header.error()};
    }
    Datagram made{.ip = packet->header, .segment = read_tcp(tcp, *header), .lies = packet->lies};
    if (const auto reserved = wire::load8(tcp, at_control) >> 1U & 0x07U; reserved != 0) {
        made.lies.reserved = static_cast<std::uint8_t>(reserved);
    }
    made.checksum = judge(made.ip, tcp, checksum_ready, made.lies);
    return made;
}

std::size_t serialized_size(const Datagram& datagram) noexcept {
    return wire::header_size(datagram.ip) + fixed_size + datagram.segment.options.padded_size() +
           datagram.segment.payload.size();
}

std::span<std::byte> serialize_into(std::span<std::byte> out, const Datagram& datagram) noexcept {
    const std::size_t size = serialized_size(datagram);
    if (out.size() < size) {
        return {};
    }
    const auto packet = out.first(size);
    if (datagram.ip.family() == Family::v4) {
        wire::write_ipv4(packet, datagram.ip, datagram.lies);
    } else {
        wire::write_ipv6(packet, datagram.ip, datagram.lies);
    }
    write_tcp(packet.subspan(wire::header_size(datagram.ip)), datagram);
    return packet;
}

std::vector<std::byte> serialize(const Datagram& datagram) {
    std::vector<std::byte> octets(serialized_size(datagram));
    std::ignore = serialize_into(octets, datagram);
    return octets;
}

}  // namespace tcpcraft
