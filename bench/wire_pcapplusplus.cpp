#include <IPv4Layer.h>
#include <IPv6Layer.h>
#include <Packet.h>
#include <PacketUtils.h>
#include <TcpLayer.h>
#include <arpa/inet.h>
#include <bench/wire.hpp>

namespace tcpcraft::bench {

namespace {

using Kind = pcpp::TcpOptionEnumType;

template <typename Value>
Value value_of(const pcpp::TcpOption& option, std::size_t at = 0) {
    return option.isNull() ? Value{} : option.getValueAs<Value>(at);
}

bool ip_checksum_right(const pcpp::IPv4Layer& ip) {
    pcpp::ScalarBuffer<std::uint16_t> header{};
    header.buffer = reinterpret_cast<std::uint16_t*>(ip.getIPv4Header());  // NOLINT
    header.len = ip.getHeaderLen();
    return pcpp::computeChecksum(&header, 1) == 0;
}

bool checksums_right(const pcpp::Packet& parsed, pcpp::TcpLayer& tcp) {
    const auto* v4 = parsed.getLayerOfType<pcpp::IPv4Layer>();
    if (v4 != nullptr && !ip_checksum_right(*v4)) {
        return false;
    }
    return tcp.calculateChecksum(false) == ntohs(tcp.getTcpHeader()->headerChecksum);
}

void read_options(const pcpp::TcpLayer& tcp, Reading& made) {
    made.mss = ntohs(value_of<std::uint16_t>(tcp.getTcpOption(Kind::Mss)));
    made.shift = value_of<std::uint8_t>(tcp.getTcpOption(Kind::Window));
    made.sack_permitted = !tcp.getTcpOption(Kind::SackPerm).isNull();
    const auto stamps = tcp.getTcpOption(Kind::Timestamp);
    made.ts_val = ntohl(value_of<std::uint32_t>(stamps));
    made.ts_ecr = ntohl(value_of<std::uint32_t>(stamps, 4));
}

template <bool with_options>
Reading read(Packet packet) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(packet.data());  // NOLINT
    pcpp::RawPacket raw(octets, static_cast<int>(packet.size()), timeval{}, false,
                        pcpp::LINKTYPE_RAW);
    const pcpp::Packet parsed(&raw, pcpp::TCP);
    Reading made;
    if (auto* tcp = parsed.getLayerOfType<pcpp::TcpLayer>()) {
        const pcpp::tcphdr* header = tcp->getTcpHeader();
        made.source = ntohs(header->portSrc);
        made.destination = ntohs(header->portDst);
        made.seq = ntohl(header->sequenceNumber);
        made.ack = ntohl(header->ackNumber);
        made.flags = octets[packet.size() - tcp->getDataLen() + 13];
        made.wnd = ntohs(header->windowSize);
        made.payload = static_cast<std::uint32_t>(tcp->getLayerPayloadSize());
        made.checksums_right = checksums_right(parsed, *tcp);
        if constexpr (with_options) {
            read_options(*tcp, made);
        }
    }
    return made;
}

/// Where the padding of the options shrinks, this version leaves octets of it behind them, which
/// would be data in a SYN. Its users have to take them off, too.
class TcpLayer : public pcpp::TcpLayer {
public:
    using pcpp::TcpLayer::TcpLayer;
    void drop_rest() {
        if (const std::size_t rest = getLayerPayloadSize(); rest != 0) {
            shortenLayer(static_cast<int>(getHeaderLen()), rest);
        }
    }
};

void fill(TcpLayer& tcp, const Syn& syn) {
    pcpp::tcphdr* header = tcp.getTcpHeader();
    header->sequenceNumber = htonl(syn.seq);
    header->synFlag = 1;
    header->windowSize = htons(syn.wnd);
    const std::array<std::uint32_t, 2> stamps{htonl(syn.ts_val), 0};
    tcp.addTcpOption({Kind::Mss, syn.mss});
    tcp.addTcpOption({Kind::SackPerm, nullptr, 0});
    tcp.addTcpOption({Kind::Timestamp,
                      reinterpret_cast<const std::uint8_t*>(stamps.data()),  // NOLINT
                      sizeof stamps});
    tcp.addTcpOption(pcpp::TcpOptionBuilder{pcpp::TcpOptionBuilder::NopEolOptionEnumType::Nop});
    tcp.addTcpOption({Kind::Window, syn.shift});
    tcp.drop_rest();
}

template <typename Take>
void with_packet(const Syn& syn, Take take) {
    const auto octets = [](const std::array<std::byte, 16>& from) {
        return reinterpret_cast<const std::uint8_t*>(from.data());  // NOLINT
    };
    pcpp::Packet packet(100, pcpp::LINKTYPE_RAW);
    TcpLayer tcp(syn.source, syn.destination);
    pcpp::IPv4Layer v4;
    pcpp::IPv6Layer v6;
    if (syn.v6) {
        v6 = {pcpp::IPv6Address(octets(syn.from)), pcpp::IPv6Address(octets(syn.to))};
        v6.getIPv6Header()->hopLimit = 64;
        packet.addLayer(&v6);
    } else {
        v4 = {pcpp::IPv4Address(octets(syn.from)), pcpp::IPv4Address(octets(syn.to))};
        v4.getIPv4Header()->timeToLive = 64;
        v4.getIPv4Header()->ipId = htons(syn.identification);
        v4.getIPv4Header()->fragmentOffset = htons(0x4000);
        packet.addLayer(&v4);
    }
    packet.addLayer(&tcp);
    fill(tcp, syn);
    packet.computeCalculateFields();
    const pcpp::RawPacket* raw = packet.getRawPacketReadOnly();
    take(std::as_bytes(
        std::span{raw->getRawData(), static_cast<std::size_t>(raw->getRawDataLen())}));
}

void write_once(const Syn& syn) {
    with_packet(syn, [](Packet written) { benchmark::DoNotOptimize(written.data()); });
}

std::vector<std::byte> write(const Syn& syn) {
    std::vector<std::byte> made;
    with_packet(syn, [&](Packet written) { made.assign(written.begin(), written.end()); });
    return made;
}

}  // namespace

const Contender& pcapplusplus_contender() {
    static constexpr Contender made =
        all_round<read<true>, read<false>, write, write_once>("PcapPlusPlus");
    return made;
}

}  // namespace tcpcraft::bench
