#include <bench/wire.hpp>

#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::bench {

namespace {

Address address(const Syn& syn, const std::array<std::byte, 16>& octets) {
    return syn.v6 ? Address::v6(octets) : Address::v4(std::span{octets}.first<4>());
}

Reading fields(const Datagram& datagram) {
    const Segment& seg = datagram.segment;
    Reading made;
    made.source = seg.source.value;
    made.destination = seg.destination.value;
    made.seq = seg.seq.raw();
    made.ack = seg.ack.raw();
    made.flags = static_cast<std::uint8_t>(seg.flags.bits());
    made.wnd = seg.wnd;
    made.payload = static_cast<std::uint32_t>(seg.payload.size());
    made.checksums_right = datagram.checksum == Checksum::ok && !datagram.lies.ip_checksum;
    return made;
}

Reading read_data(Packet packet) {
    const auto datagram = parse(packet);
    return datagram ? fields(*datagram) : Reading{};
}

Reading read(Packet packet) {
    const auto datagram = parse(packet);
    if (!datagram) {
        return {};
    }
    Reading made = fields(*datagram);
    for (const Option& option : datagram->segment.options) {
        if (const auto* mss = std::get_if<MaximumSegmentSize>(&option)) {
            made.mss = mss->value;
        } else if (const auto* scale = std::get_if<WindowScale>(&option)) {
            made.shift = scale->shift;
        } else if (const auto* stamps = std::get_if<Timestamps>(&option)) {
            made.ts_val = stamps->val;
            made.ts_ecr = stamps->ecr;
        } else if (std::holds_alternative<SackPermitted>(option)) {
            made.sack_permitted = true;
        }
    }
    return made;
}

std::span<std::byte> write_into(std::span<std::byte> out, const Syn& syn) {
    Datagram made;
    made.ip.source = address(syn, syn.from);
    made.ip.destination = address(syn, syn.to);
    made.ip.identification = syn.identification;
    made.segment.source = Port{syn.source};
    made.segment.destination = Port{syn.destination};
    made.segment.seq = Seq{syn.seq};
    made.segment.flags = {Flag::syn};
    made.segment.wnd = syn.wnd;
    made.segment.options = {MaximumSegmentSize{syn.mss}, SackPermitted{}, Timestamps{syn.ts_val, 0},
                            NoOperation{}, WindowScale{syn.shift}};
    return serialize_into(out, made);
}

void write_once(const Syn& syn) {
    std::array<std::byte, 128> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    auto written = write_into(room, syn);
    benchmark::DoNotOptimize(written);
}

std::vector<std::byte> write(const Syn& syn) {
    std::array<std::byte, 128> room{};
    const auto written = write_into(room, syn);
    return {written.begin(), written.end()};
}

}  // namespace

const Contender& tcpcraft_contender() {
    static constexpr Contender made{.name = "tcpcraft",
                                    .read = read,
                                    .read_data = read_data,
                                    .write = write,
                                    .time_read = time_reading<read>,
                                    .time_read_data = time_reading<read_data>,
                                    .time_write = time_writing<write_once>};
    return made;
}

}  // namespace tcpcraft::bench
