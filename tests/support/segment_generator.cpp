#include <array>

#include <tests/support/segment_generator.hpp>

namespace tcpcraft::test {

namespace {

constexpr std::array<Flags, 14> sensible_flags{{{Flag::syn},
                                                {Flag::syn, Flag::ece, Flag::cwr},
                                                {Flag::syn, Flag::ece, Flag::cwr, Flag::ae},
                                                {Flag::syn, Flag::ack},
                                                {Flag::syn, Flag::ack, Flag::ece},
                                                {Flag::ack},
                                                {Flag::ack, Flag::psh},
                                                {Flag::ack, Flag::psh, Flag::urg},
                                                {Flag::ack, Flag::ece},
                                                {Flag::ack, Flag::cwr},
                                                {Flag::ack, Flag::fin},
                                                {Flag::ack, Flag::fin, Flag::psh},
                                                {Flag::rst},
                                                {Flag::rst, Flag::ack}}};

/// NOPs in front, so that the list ends with the header.
Options with_leading_nops(const Options& list) {
    Options made;
    while ((made.size() + list.size()) % 4 != 0) {
        made.append(NoOperation{});
    }
    made.append_octets(list.octets());
    return made;
}

}  // namespace

std::vector<std::byte> SegmentGenerator::octets(std::size_t size) {
    std::vector<std::byte> made(size);
    for (std::byte& octet : made) {
        octet = std::byte{number8()};
    }
    return made;
}

Address SegmentGenerator::address(Family family) {
    const auto drawn = octets(16);
    std::array<std::byte, 16> made{};
    std::copy(drawn.begin(), drawn.end(), made.begin());
    if (family == Family::v4) {  // unicast, and not our own host
        made[0] = std::byte{10};
        return Address::v4(std::span{made}.first<4>());
    }
    made[0] = std::byte{0x20};
    return Address::v6(made);
}

IpHeader SegmentGenerator::ip_header(Family family) {
    IpHeader made{.source = address(family), .destination = address(family)};
    made.hop_limit = static_cast<std::uint8_t>(1 + below(255));
    made.traffic_class = number8();
    if (family == Family::v4) {
        made.identification = number16();
        made.dont_fragment = one_in(2);
    } else {
        made.flow_label = below(1U << 20);
    }
    return made;
}

void SegmentGenerator::fill_numbers(Segment& segment) {
    segment.source = Port{static_cast<std::uint16_t>(1 + below(0xffff))};
    segment.destination = Port{static_cast<std::uint16_t>(1 + below(0xffff))};
    segment.seq = Seq{number32()};
    segment.ack = segment.has(Flag::ack) ? Seq{number32()} : Seq{0};
    segment.wnd = number16();
    segment.up = segment.has(Flag::urg) ? number16() : std::uint16_t{0};
}

Options SegmentGenerator::legal_options(Flags flags) {
    Options list;
    if (flags.has(Flag::syn)) {
        list.append(MaximumSegmentSize{static_cast<std::uint16_t>(88 + below(8900))});
        if (one_in(2)) {
            list.append(SackPermitted{});
        }
        if (one_in(2)) {
            list.append(WindowScale{static_cast<std::uint8_t>(below(15))});
        }
    }
    if (one_in(2)) {
        list.append(Timestamps{number32(), flags.has(Flag::ack) ? number32() : 0});
    }
    if (flags == Flags{Flag::ack} && one_in(2)) {
        Sack sack = any_sack();
        sack.count = static_cast<std::uint8_t>(std::min<unsigned>(sack.count, 3));
        list.append(sack);
    }
    return with_leading_nops(list);
}

void SegmentGenerator::put_payload(GeneratedDatagram& made, std::uint32_t most) {
    made.payload = octets(below(most + 1));
    made.datagram.segment.payload = made.payload;
}

GeneratedDatagram SegmentGenerator::well_formed(Family family) {
    GeneratedDatagram made;
    Segment& segment = made.datagram.segment;
    made.datagram.ip = ip_header(family);
    segment.flags = sensible_flags[below(sensible_flags.size())];
    fill_numbers(segment);
    segment.options = legal_options(segment.flags);
    if (segment.has(Flag::psh) || segment.has(Flag::fin)) {
        put_payload(made, one_in(8) ? 1400 : 40);
    }
    return made;
}

Sack SegmentGenerator::any_sack() {
    Sack made;
    made.count = static_cast<std::uint8_t>(1 + below(4));
    for (SackBlock& block : std::span{made.block}.first(made.count)) {
        block.left = Seq{number32()};
        block.right = block.left + 1 + below(100000);
    }
    return made;
}

AccurateEcn SegmentGenerator::any_accurate_ecn() {
    AccurateEcn made;
    made.order = static_cast<std::uint8_t>(below(2));
    made.count = static_cast<std::uint8_t>(below(4));
    for (std::uint32_t& counter : std::span{made.counter}.first(made.count)) {
        counter = below(1U << 24);
    }
    return made;
}

Option SegmentGenerator::any_option() {
    scratch_ = octets(40);
    const std::span<const std::byte> drawn{scratch_};
    switch (below(14)) {
        case 0:
            return NoOperation{};
        case 1:
            return MaximumSegmentSize{number16()};
        case 2:
            return WindowScale{number8()};
        case 3:
            return SackPermitted{};
        case 4:
            return any_sack();
        case 5:
            return Timestamps{number32(), number32()};
        case 6:
            return FastOpen{drawn.first(below(17))};
        case 7:
            return UserTimeout{one_in(2), static_cast<std::uint16_t>(below(0x8000))};
        case 8:
            return Md5Signature{drawn.first(16)};
        case 9:
            return Authentication{number8(), number8(), drawn.first(below(17))};
        case 10:
            return Multipath{drawn.first(1 + below(22))};
        case 11:
            return any_accurate_ecn();
        case 12:
            return UnknownOption{static_cast<std::uint8_t>(2 + below(254)), drawn.first(below(10))};
        default:
            return EndOfList{};
    }
}

Options SegmentGenerator::any_options() {
    Options made;
    if (one_in(4)) {
        made.append_octets(octets(below(41)));
        return made;
    }
    while (!one_in(4) && made.append(any_option())) {
    }
    return made;
}

void SegmentGenerator::put_extension(GeneratedDatagram& made) {
    IpHeader& ip = made.datagram.ip;
    if (ip.family() == Family::v4) {
        made.extension = octets(std::size_t{4} * below(11));
    } else {
        constexpr std::array<std::uint8_t, 5> kinds{0, 43, 44, 51, 60};
        ip.next_header = kinds[below(kinds.size())];
        made.extension = octets(ip.next_header == 51 ? 12 : ip.next_header == 43 ? 24 : 8);
        made.extension[0] = std::byte{6};
        const unsigned length = ip.next_header == 51 ? 1U : ip.next_header == 43 ? 2U : 0U;
        made.extension[1] = static_cast<std::byte>(length);
        if (ip.next_header == 44) {  // atomic
            made.extension[2] = std::byte{0};
            made.extension[3] = std::byte{0};
        }
    }
    ip.extension = made.extension;
}

WireOverrides SegmentGenerator::any_lies(Family family) {
    WireOverrides made;
    if (one_in(3)) {
        made.checksum = number16();
    }
    made.bad_checksum = one_in(4);
    if (one_in(3)) {
        made.reserved = static_cast<std::uint8_t>(below(8));
    }
    if (family == Family::v4) {
        made.ip_reserved = one_in(4);
        if (one_in(4)) {
            made.ip_checksum = number16();
        }
    }
    return made;
}

GeneratedDatagram SegmentGenerator::any(Family family) {
    GeneratedDatagram made;
    Segment& segment = made.datagram.segment;
    made.datagram.ip = ip_header(family);
    segment.flags = Flags::from_bits(number16());
    fill_numbers(segment);
    segment.ack = Seq{number32()};
    segment.up = number16();
    segment.options = any_options();
    put_payload(made, one_in(8) ? 1400 : 40);
    if (one_in(3)) {
        put_extension(made);
    }
    made.datagram.lies = any_lies(family);
    return made;
}

}  // namespace tcpcraft::test
