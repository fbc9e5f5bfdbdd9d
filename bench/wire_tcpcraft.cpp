#include <bench/wire.hpp>

#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/segment_template.hpp>

namespace tcpcraft::bench {

namespace {

Address address(const Syn& syn, const std::array<std::byte, 16>& octets) {
    return syn.v6 ? Address::v6(octets) : Address::v4(std::span{octets}.first<4>());
}

void read_fields(const Datagram& datagram, Reading& made) {
    const Segment& seg = datagram.segment;
    made.source = seg.source.value;
    made.destination = seg.destination.value;
    made.seq = seg.seq.raw();
    made.ack = seg.ack.raw();
    made.flags = static_cast<std::uint8_t>(seg.flags.bits());
    made.wnd = seg.wnd;
    made.payload = static_cast<std::uint32_t>(seg.payload.size());
    made.checksums_right = datagram.checksum == Checksum::ok && !datagram.lies.ip_checksum;
}

struct OptionReader {
    Reading& made;
    void operator()(const MaximumSegmentSize& mss) const { made.mss = mss.value; }
    void operator()(const WindowScale& scale) const { made.shift = scale.shift; }
    void operator()(const SackPermitted&) const { made.sack_permitted = true; }
    void operator()(const Timestamps& stamps) const {
        made.ts_val = stamps.val;
        made.ts_ecr = stamps.ecr;
    }
    template <typename Other>
    void operator()(const Other&) const {}
};

template <bool with_options>
Reading read(Packet packet) {
    Reading made;
    if (const auto datagram = parse(packet)) {
        read_fields(*datagram, made);
        if constexpr (with_options) {
            datagram->segment.options.visit(OptionReader{made});
        }
    }
    return made;
}

Datagram datagram_of(const Syn& syn) {
    Datagram made;
    made.ip.source = address(syn, syn.from);
    made.ip.destination = address(syn, syn.to);
    made.ip.identification = syn.identification;
    made.segment.source = Port{syn.source};
    made.segment.destination = Port{syn.destination};
    made.segment.seq = Seq{syn.seq};
    made.segment.flags = {Flag::syn};
    made.segment.wnd = syn.wnd;
    made.segment.options = syn.options;
    made.segment.options.set_timestamps({syn.ts_val, 0});
    return made;
}

std::span<std::byte> write_into(std::span<std::byte> out, const Syn& syn) {
    return serialize_into(out, datagram_of(syn));
}

void write_once(const Syn& syn) {
    std::array<std::byte, 128> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    auto written = write_into(room, syn);
    benchmark::DoNotOptimize(written);
}

/// What a fleet does: the template is made once, the numbers differ.
void time_template(benchmark::State& state, Syn syn) {
    const SegmentTemplate made{datagram_of(syn)};
    SegmentTemplate::Fields fields = made.fields();
    std::array<std::byte, 128> room{};
    for ([[maybe_unused]] auto _ : state) {
        fields.seq = fields.seq + 1;
        benchmark::DoNotOptimize(fields);
        auto written = made.write_into(room, fields);
        benchmark::DoNotOptimize(written);
        benchmark::ClobberMemory();
    }
}

std::vector<std::byte> write_template(const Syn& syn) {
    Syn other = syn;
    other.seq = ~syn.seq;
    const SegmentTemplate made{datagram_of(other)};
    SegmentTemplate::Fields fields = made.fields();
    fields.seq = Seq{syn.seq};
    std::vector<std::byte> room(made.size());
    static_cast<void>(made.write_into(room, fields));
    return room;
}

std::vector<std::byte> write(const Syn& syn) {
    std::array<std::byte, 128> room{};
    const auto written = write_into(room, syn);
    return {written.begin(), written.end()};
}

}  // namespace

const Contender& tcpcraft_contender() {
    static constexpr Contender made =
        all_round<read<true>, read<false>, write, write_once>("tcpcraft");
    return made;
}

const Contender& template_contender() {
    static constexpr Contender made{
        .name = "tcpcraft", .write = write_template, .time_write = time_template};
    return made;
}

}  // namespace tcpcraft::bench
