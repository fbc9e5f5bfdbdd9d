#include <bit>
#include <cassert>
#include <cstring>

#include <libtcpcraft/wire/ip_codec.hpp>
#include <libtcpcraft/wire/octets.hpp>
#include <libtcpcraft/wire/segment_template.hpp>

namespace tcpcraft {

namespace {

// Where the fields are, from the start of the IP header and of TCP.
constexpr std::size_t at_identification = 4;
constexpr std::size_t at_ip_checksum = 10;
constexpr std::size_t at_source_v4 = 12;
constexpr std::size_t at_source_v6 = 8;
constexpr std::size_t at_options = 20;
constexpr std::size_t at_tcp_checksum = 16;

/// TSval of the first timestamps option from the start of the list, or 0.
std::size_t find_stamps(const Options& options) noexcept {
    for (auto at = options.begin(); at != options.end(); ++at) {
        if (std::holds_alternative<Timestamps>(*at)) {
            return static_cast<std::size_t>(at.octets().data() - options.octets().data()) + 2;
        }
    }
    return 0;
}

/// Does the pseudo-header take its destination from a routing header?
bool is_routed(IpHeader ip) noexcept {
    if (ip.family() == Family::v4) {
        return false;
    }
    ip.destination = Address::unspecified(Family::v6);
    const Address once = wire::end_of_route(ip);
    ip.destination = ip.source.is_unspecified() ? *Address::read("::1") : ip.source;
    return wire::end_of_route(ip) == once;
}

std::uint64_t joined(std::uint32_t first, std::uint32_t second) noexcept {
    return wire::swapped(std::uint64_t{first} << 32 | second);
}

}  // namespace

SegmentTemplate::SegmentTemplate(const Datagram& datagram)
    : fields_{.source = datagram.ip.source,
              .destination = datagram.ip.destination,
              .identification = datagram.ip.identification,
              .source_port = datagram.segment.source,
              .destination_port = datagram.segment.destination,
              .seq = datagram.segment.seq,
              .ack = datagram.segment.ack,
              .timestamps = datagram.segment.options.find<Timestamps>().value_or(Timestamps{})},
      octets_(serialized_size(datagram)),
      tcp_at_{wire::header_size(datagram.ip)},
      routed_{is_routed(datagram.ip)},
      ip_checksum_fixed_{datagram.lies.ip_checksum.has_value()},
      checksum_fixed_{datagram.lies.checksum.has_value()},
      spoiled_by_{datagram.lies.bad_checksum ? wire::spoiling : std::uint16_t{0}} {
    if (const std::size_t found = find_stamps(datagram.segment.options); found != 0) {
        stamps_at_ = tcp_at_ + at_options + found;
    }
    leave_blank(datagram);
    [[maybe_unused]] const auto written = serialize_into(octets_, datagram);
    assert(written.size() == octets_.size());
}

/// The sums, with all that differs left out.
void SegmentTemplate::leave_blank(const Datagram& datagram) {
    Datagram blank = datagram;
    const Address nobody = Address::unspecified(datagram.ip.family());
    blank.ip.source = nobody;
    blank.ip.destination = nobody;
    blank.ip.identification = 0;
    blank.lies.ip_checksum = std::uint16_t{0};
    blank.segment.source = Port{};
    blank.segment.destination = Port{};
    blank.segment.seq = Seq{};
    blank.segment.ack = Seq{};
    blank.segment.options.set_timestamps({});
    blank.lies.checksum = std::uint16_t{0};
    const auto octets = serialize(blank);
    ip_sum_.add(std::span{octets}.first(tcp_at_));
    const auto tcp = std::span<const std::byte>{octets}.subspan(tcp_at_);
    tcp_sum_.add(wire::pseudo_header_addresses(blank.ip));
    wire::add_protocol(tcp_sum_, tcp.size());
    tcp_sum_.add(tcp);
}

std::span<std::byte> SegmentTemplate::write_into(std::span<std::byte> out,
                                                 const Fields& fields) const noexcept {
    if (out.size() < octets_.size()) {
        return {};
    }
    std::memcpy(out.data(), octets_.data(), octets_.size());
    patch(out.first(octets_.size()), fields);
    return out.first(octets_.size());
}

void SegmentTemplate::patch(std::span<std::byte> packet, const Fields& fields) const noexcept {
    assert(packet.size() == octets_.size());
    assert(fields.source.family() == fields_.source.family());
    assert(fields.destination.family() == fields_.source.family());
    if (fields_.source.is_v6()) {
        std::memcpy(packet.data() + at_source_v6, fields.source.octets().data(), 16);
        std::memcpy(packet.data() + at_source_v6 + 16, fields.destination.octets().data(), 16);
    } else {
        patch_ipv4(packet, fields);
    }
    patch_tcp(packet, fields);
}

void SegmentTemplate::patch_ipv4(std::span<std::byte> packet, const Fields& fields) const noexcept {
    std::memcpy(packet.data() + at_source_v4, fields.source.octets().data(), 4);
    std::memcpy(packet.data() + at_source_v4 + 4, fields.destination.octets().data(), 4);
    wire::store16(packet, at_identification, fields.identification);
    if (ip_checksum_fixed_) {
        return;
    }
    wire::NativeSum sum = ip_sum_;
    sum.add(wire::swapped(fields.identification));
    sum.add(wire::sum_of_words(fields.source));
    sum.add(wire::sum_of_words(fields.destination));
    wire::store16(packet, at_ip_checksum, static_cast<std::uint16_t>(~sum.folded()));
}

void SegmentTemplate::patch_tcp(std::span<std::byte> packet, const Fields& fields) const noexcept {
    std::byte* const tcp = packet.data() + tcp_at_;
    wire::NativeSum sum = tcp_sum_;
    sum.add(wire::sum_of_words(fields.source));
    if (!routed_) {
        sum.add(wire::sum_of_words(fields.destination));
    }
    const std::uint32_t ports =
        std::uint32_t{fields.source_port.value} << 16 | fields.destination_port.value;
    const std::uint64_t first = joined(ports, fields.seq.raw());
    wire::store_native(tcp, first);
    sum.add(first);
    const std::uint32_t ack = wire::swapped(fields.ack.raw());
    wire::store_native(tcp + 8, ack);
    sum.add(ack);
    if (stamps_at_ != 0) {
        const std::uint64_t stamps = joined(fields.timestamps.val, fields.timestamps.ecr);
        wire::store_native(packet.data() + stamps_at_, stamps);
        // At an odd offset every octet is of the other half of its word (RFC 1071 §2 (B)).
        sum.add(std::rotl(stamps, (stamps_at_ - tcp_at_) % 2 != 0 ? 8 : 0));
    }
    if (!checksum_fixed_) {
        const auto honest = static_cast<std::uint16_t>(~sum.folded());
        wire::store16(packet, tcp_at_ + at_tcp_checksum,
                      static_cast<std::uint16_t>(honest ^ spoiled_by_));
    }
}

}  // namespace tcpcraft
