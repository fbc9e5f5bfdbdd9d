#include <bench/wire.hpp>
#include <tins/tins.h>

namespace tcpcraft::bench {

namespace {

const std::uint8_t* octets(Packet packet) {
    return reinterpret_cast<const std::uint8_t*>(packet.data());  // NOLINT
}

template <typename Ip>
void read_fields(Ip& ip, const Tins::TCP& tcp, Packet packet, Reading& made) {
    made.source = tcp.sport();
    made.destination = tcp.dport();
    made.seq = tcp.seq();
    made.ack = tcp.ack_seq();
    made.flags = static_cast<std::uint8_t>(tcp.flags());
    made.wnd = tcp.window();
    if (const auto* data = tcp.inner_pdu()) {
        made.payload = data->size();
    }
    // libtins verifies nothing by itself, but has what it takes. It sums words as they lie in
    // memory; the pseudo header comes in host order.
    const std::uint8_t* const start = octets(packet) + ip.header_size();
    const std::uint8_t* const end = octets(packet) + packet.size();
    const auto tcp_size = static_cast<std::uint16_t>(end - start);
    std::uint32_t sum =
        Tins::Utils::pseudoheader_checksum(ip.src_addr(), ip.dst_addr(), tcp_size, IPPROTO_TCP) +
        Tins::Utils::sum_range(start, end);
    while ((sum >> 16) != 0) {
        sum = (sum & 0xffffU) + (sum >> 16);
    }
    made.checksums_right = sum == 0xffffU;
}

void read_options(const Tins::TCP& tcp, Reading& made) {
    made.mss = tcp.mss();
    made.shift = tcp.winscale();
    made.sack_permitted = tcp.has_sack_permitted();
    const auto stamps = tcp.timestamp();
    made.ts_val = stamps.first;
    made.ts_ecr = stamps.second;
}

template <bool with_options>
Reading read(Packet packet) {
    Reading made;
    const auto size = static_cast<std::uint32_t>(packet.size());
    const auto take = [&](auto& ip) {
        const auto& tcp = ip.template rfind_pdu<Tins::TCP>();
        read_fields(ip, tcp, packet, made);
        if constexpr (with_options) {
            read_options(tcp, made);
        }
    };
    if (std::to_integer<unsigned>(packet[0]) >> 4U == 4U) {
        Tins::IP ip(octets(packet), size);
        take(ip);
        const std::uint32_t sum =
            Tins::Utils::sum_range(octets(packet), octets(packet) + ip.header_size());
        made.checksums_right = made.checksums_right && sum == 0xffffU;
    } else {
        Tins::IPv6 ip(octets(packet), size);
        take(ip);
    }
    return made;
}

Tins::TCP tcp_of(const Syn& syn) {
    Tins::TCP tcp(syn.destination, syn.source);
    tcp.seq(syn.seq);
    tcp.flags(Tins::TCP::SYN);
    tcp.window(syn.wnd);
    tcp.mss(syn.mss);
    tcp.sack_permitted();
    tcp.timestamp(syn.ts_val, 0);
    tcp.add_option(Tins::TCP::option(Tins::TCP::NOP));
    tcp.winscale(syn.shift);
    return tcp;
}

std::vector<std::uint8_t> write_octets(const Syn& syn) {
    if (syn.v6) {
        const auto octets_of = [](const std::array<std::byte, 16>& from) {
            return Tins::IPv6Address(octets(from));
        };
        auto packet = Tins::IPv6(octets_of(syn.to), octets_of(syn.from)) / tcp_of(syn);
        packet.hop_limit(64);
        return packet.serialize();
    }
    const auto number = [](const std::array<std::byte, 16>& from) {
        std::uint32_t made = 0;
        std::memcpy(&made, from.data(), sizeof made);
        return Tins::IPv4Address(made);
    };
    auto packet = Tins::IP(number(syn.to), number(syn.from)) / tcp_of(syn);
    packet.ttl(64);
    packet.id(syn.identification);
    packet.flags(Tins::IP::DONT_FRAGMENT);
    return packet.serialize();
}

void write_once(const Syn& syn) {
    auto written = write_octets(syn);
    benchmark::DoNotOptimize(written.data());
}

std::vector<std::byte> write(const Syn& syn) {
    const auto written = write_octets(syn);
    const auto view = std::as_bytes(std::span{written});
    return {view.begin(), view.end()};
}

}  // namespace

const Contender& libtins_contender() {
    static constexpr Contender made =
        all_round<read<true>, read<false>, write, write_once>("libtins");
    return made;
}

}  // namespace tcpcraft::bench
