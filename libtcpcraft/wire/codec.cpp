#include <algorithm>
#include <cstring>
#include <tuple>

#include <fmt/format.h>

#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/ip_codec.hpp>
#include <libtcpcraft/wire/ipv4.hpp>
#include <libtcpcraft/wire/ipv6.hpp>
#include <libtcpcraft/wire/native_sum.hpp>
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

Expected<wire::TcpPlace, ParseError> find_tcp(std::span<const std::byte> octets) noexcept {
    if (octets.empty()) {
        return wire::refuse(Code::truncated, 0, 0, fixed_size);
    }
    switch (const unsigned version = wire::load8(octets, 0) >> 4U; version) {
        case 4:
            return wire::ipv4::find_tcp(octets);
        case 6:
            return wire::ipv6::find_tcp(octets);
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

void read_tcp(std::span<const std::byte> tcp, std::size_t header, Segment& made) noexcept {
    made.source = Port{wire::load16(tcp, 0)};
    made.destination = Port{wire::load16(tcp, 2)};
    made.seq = Seq{wire::load32(tcp, at_seq)};
    made.ack = Seq{wire::load32(tcp, at_ack)};
    made.flags = Flags::from_bits(wire::load16(tcp, at_control));
    made.wnd = wire::load16(tcp, at_window);
    made.up = wire::load16(tcp, at_urgent);
    made.options.append_octets(tcp.subspan(fixed_size, header - fixed_size));
    made.payload = tcp.subspan(header);
}

/// The verdict on the checksum; a field that an honest writer would not have written is kept.
Checksum judge(std::uint64_t addresses, std::span<const std::byte> tcp, bool ready,
               WireOverrides& lies) noexcept {
    const std::uint16_t seen = wire::load16(tcp, at_checksum);
    if (!ready) {
        lies.checksum = seen;
        return Checksum::offloaded;
    }
    wire::NativeSum sum;
    sum.add(addresses);
    wire::add_protocol(sum, tcp.size());
    sum.add(wire::load_native<std::uint64_t>(tcp.data()));
    sum.add(wire::load_native<std::uint64_t>(tcp.data() + at_ack));
    sum.add(wire::load_native<std::uint32_t>(tcp.data() + at_checksum));
    sum.add(tcp.subspan(fixed_size));
    const bool right = sum.is_zero();
    // 0xffff is the other zero: a receiver's sum comes out right, yet an honest writer says 0.
    if (!right || seen == 0xffff) {
        lies.checksum = seen;
    }
    return right ? Checksum::ok : Checksum::bad;
}

/// A packet that has been looked at and can be read. What converts to a Datagram becomes one where
/// the caller wants it: it is too large to be moved about.
struct Readable {
    std::span<const std::byte> ip{};
    std::span<const std::byte> tcp{};
    std::size_t tcp_header{0};
    bool checksum_ready{true};

    operator Datagram() const noexcept {  // NOLINT(google-explicit-constructor)
        Datagram made;
        read_tcp(tcp, tcp_header, made.segment);
        if (const auto reserved = wire::load8(tcp, at_control) >> 1U & 0x07U; reserved != 0) {
            made.lies.reserved = static_cast<std::uint8_t>(reserved);
        }
        const std::size_t size = ip.size() + tcp.size();
        const std::uint64_t addresses = wire::load8(ip, 0) >> 4U == 4
                                            ? wire::ipv4::read(ip, size, made)
                                            : wire::ipv6::read(ip, size, made);
        made.checksum = judge(addresses, tcp, checksum_ready, made.lies);
        return made;
    }
};

/// Writes the options, padded to a multiple of four with EOL, and adds them to the sum.
void put_options(std::byte* to, std::span<const std::byte> options, wire::NativeSum& sum) noexcept {
    const std::byte* from = options.data();
    std::size_t left = options.size();
    for (; left >= 8; left -= 8, from += 8, to += 8) {
        const auto word = wire::load_native<std::uint64_t>(from);
        wire::store_native(to, word);
        sum.add(word);
    }
    if (left >= 4) {
        const auto word = wire::load_native<std::uint32_t>(from);
        wire::store_native(to, word);
        sum.add(word);
        left -= 4;
        from += 4;
        to += 4;
    }
    if (left > 0) {
        std::uint32_t word = 0;
        std::memcpy(&word, from, left);
        wire::store_native(to, word);
        sum.add(word);
    }
}

void put(std::byte* to, std::uint64_t word, wire::NativeSum& sum) noexcept {
    wire::store_native(to, wire::swapped(word));
    sum.add(wire::swapped(word));
}

/// `sum` is that of pseudo-header and segment, its checksum field zero.
std::uint16_t checksum_to_write(const WireOverrides& lies, wire::NativeSum sum) noexcept {
    if (lies.checksum) {
        return *lies.checksum;
    }
    const auto honest = static_cast<std::uint16_t>(~sum.folded());
    return lies.bad_checksum ? static_cast<std::uint16_t>(honest ^ wire::spoiling) : honest;
}

/// One pass: what is written is added to the sum from where it is, not read again.
void write_tcp(std::span<std::byte> tcp, const Datagram& datagram,
               std::uint64_t addresses) noexcept {
    const Segment& seg = datagram.segment;
    const std::size_t header = fixed_size + seg.options.padded_size();
    const std::uint64_t words =
        datagram.lies.data_offset.value_or(static_cast<std::uint8_t>(header / 4)) & 0x0fU;
    const std::uint64_t reserved = datagram.lies.reserved.value_or(0) & 0x07U;
    wire::NativeSum sum;
    sum.add(addresses);
    wire::add_protocol(sum, tcp.size());
    put(tcp.data(),
        std::uint64_t{seg.source.value} << 48 | std::uint64_t{seg.destination.value} << 32 |
            seg.seq.raw(),
        sum);
    put(tcp.data() + at_ack,
        std::uint64_t{seg.ack.raw()} << 32 | words << 28 | reserved << 25 |
            std::uint64_t{seg.flags.bits()} << 16 | seg.wnd,
        sum);
    wire::store16(tcp, at_urgent, seg.up);
    sum.add(wire::swapped(seg.up));
    put_options(tcp.data() + fixed_size, seg.options.octets(), sum);
    if (!seg.payload.empty()) {
        std::memcpy(tcp.data() + header, seg.payload.data(), seg.payload.size());
        sum.add(seg.payload);
    }
    wire::store16(tcp, at_checksum, checksum_to_write(datagram.lies, sum));
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
    const auto place = find_tcp(octets);
    if (!place) {
        return Unexpected<ParseError>{place.error()};
    }
    const auto tcp = octets.subspan(place->offset, place->end - place->offset);
    const auto header = tcp_header_size(tcp, place->offset);
    if (!header) {
        return Unexpected<ParseError>{header.error()};
    }
    return Expected<Datagram, ParseError>{
        tl::in_place, Readable{octets.first(place->offset), tcp, *header, checksum_ready}};
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
    const std::uint64_t addresses = datagram.ip.family() == Family::v4
                                        ? wire::ipv4::write(packet, datagram.ip, datagram.lies)
                                        : wire::ipv6::write(packet, datagram.ip, datagram.lies);
    write_tcp(packet.subspan(wire::header_size(datagram.ip)), datagram, addresses);
    return packet;
}

std::vector<std::byte> serialize(const Datagram& datagram) {
    std::vector<std::byte> octets(serialized_size(datagram));
    std::ignore = serialize_into(octets, datagram);
    return octets;
}

}  // namespace tcpcraft
