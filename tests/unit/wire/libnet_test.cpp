// Our octets against those of libnet's builder, which knows nothing of ours. libnet writes neither
// AE nor the reserved bits, so every other combination of control bits is compared. LIBNET_NONE
// needs no privilege: it only builds.
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libnet.h>
#include <tests/support/octets.hpp>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {
namespace {

constexpr std::uint16_t tcp_fixed = 20;
constexpr std::uint16_t ipv4_fixed = 20;
constexpr std::uint16_t flag_dont_fragment = 0x4000;

const std::uint8_t* raw(std::span<const std::byte> octets) {
    return octets.empty() ? nullptr : reinterpret_cast<const std::uint8_t*>(octets.data());
}

template <typename Raw>
Raw raw_address(const Address& address) {
    Raw made{};
    std::memcpy(&made, address.octets().data(), sizeof made);
    return made;
}

class Libnet {
public:
    Libnet() : context_{libnet_init(LIBNET_NONE, nullptr, error_.data())} {}
    Libnet(const Libnet&) = delete;
    Libnet& operator=(const Libnet&) = delete;
    ~Libnet() { libnet_destroy(context_); }

    /// The packet as libnet builds it; the checksums are its own.
    [[nodiscard]] std::vector<std::byte> build(const Datagram& datagram) {
        libnet_clear_packet(context_);
        build_tcp(datagram.segment);
        if (datagram.ip.family() == Family::v4) {
            build_ipv4(datagram);
        } else {
            build_ipv6(datagram);
        }
        std::uint8_t* packet = nullptr;
        std::uint32_t size = 0;
        EXPECT_EQ(libnet_pblock_coalesce(context_, &packet, &size), 1) << libnet_geterror(context_);
        const auto octets = std::as_bytes(std::span{packet, size});
        std::vector<std::byte> made{octets.begin(), octets.end()};
        libnet_adv_free_packet(context_, packet);
        return made;
    }
    [[nodiscard]] bool ready() const { return context_ != nullptr; }
    [[nodiscard]] const char* error() const { return error_.data(); }

private:
    static std::uint16_t tcp_size(const Segment& seg) {
        return static_cast<std::uint16_t>(tcp_fixed + seg.options.size() + seg.payload.size());
    }
    void expect_built(libnet_ptag_t tag) { EXPECT_NE(tag, -1) << libnet_geterror(context_); }

    void build_tcp(const Segment& seg) {
        if (!seg.options.empty()) {
            expect_built(libnet_build_tcp_options(raw(seg.options.octets()),
                                                  static_cast<std::uint32_t>(seg.options.size()),
                                                  context_, 0));
        }
        expect_built(libnet_build_tcp(seg.source.value, seg.destination.value, seg.seq.raw(),
                                      seg.ack.raw(), static_cast<std::uint8_t>(seg.flags.bits()),
                                      seg.wnd, 0, seg.up, tcp_size(seg), raw(seg.payload),
                                      static_cast<std::uint32_t>(seg.payload.size()), context_, 0));
    }
    void build_ipv4(const Datagram& datagram) {
        const IpHeader& ip = datagram.ip;
        if (!ip.extension.empty()) {
            expect_built(libnet_build_ipv4_options(
                raw(ip.extension), static_cast<std::uint32_t>(ip.extension.size()), context_, 0));
        }
        const auto size = static_cast<std::uint16_t>(ipv4_fixed + ip.extension.size() +
                                                     tcp_size(datagram.segment));
        const std::uint16_t fragment = ip.dont_fragment ? flag_dont_fragment : std::uint16_t{0};
        expect_built(
            libnet_build_ipv4(size, ip.traffic_class, ip.identification, fragment, ip.hop_limit,
                              IPPROTO_TCP, 0, raw_address<std::uint32_t>(ip.source),
                              raw_address<std::uint32_t>(ip.destination), nullptr, 0, context_, 0));
    }
    void build_ipv6(const Datagram& datagram) {
        const IpHeader& ip = datagram.ip;
        expect_built(libnet_build_ipv6(
            ip.traffic_class, ip.flow_label, tcp_size(datagram.segment), IPPROTO_TCP, ip.hop_limit,
            raw_address<libnet_in6_addr>(ip.source), raw_address<libnet_in6_addr>(ip.destination),
            nullptr, 0, context_, 0));
    }

    std::array<char, LIBNET_ERRBUF_SIZE> error_{};
    libnet_t* context_;
};

class AgainstLibnet : public testing::TestWithParam<Family> {
protected:
    AgainstLibnet() {
        const bool v4 = GetParam() == Family::v4;
        datagram.ip.source = *Address::read(v4 ? "192.0.2.1" : "2001:db8::1");
        datagram.ip.destination = *Address::read(v4 ? "198.51.100.255" : "2001:db8:ffff::2");
        datagram.ip.identification = 0x1234;
        datagram.segment.source = Port{40000};
        datagram.segment.destination = Port{443};
        datagram.segment.seq = Seq{0xfffffff0U};
        datagram.segment.ack = Seq{0x80000001U};
        datagram.segment.wnd = 0xfedc;
    }
    void SetUp() override { ASSERT_TRUE(libnet.ready()) << libnet.error(); }
    /// libnet 1.1.6 repeats the lowest octet of the flow label in the middle one: only labels where
    /// these two are equal can be compared.
    static std::uint32_t comparable_label(std::uint32_t label) {
        return (label & 0xf00ffU) | (label & 0xffU) << 8;
    }
    void compare() {
        ASSERT_EQ(serialize(datagram), libnet.build(datagram)) << segment_text(datagram.segment);
    }

    Libnet libnet{};
    Datagram datagram{};
};

INSTANTIATE_TEST_SUITE_P(Families, AgainstLibnet, testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "ipv4" : "ipv6";
                         });

TEST_P(AgainstLibnet, EveryCombinationOfControlBits) {
    const auto data = test::octets("01 02 03 04 05");
    for (std::uint16_t bits = 0; bits < 0x100; ++bits) {
        datagram.segment.flags = Flags::from_bits(bits);
        datagram.segment.up = datagram.segment.has(Flag::urg) ? 0x0102 : 0;
        for (const std::size_t size : {0U, 1U, 2U, 5U}) {
            datagram.segment.payload = std::span{data}.first(size);
            compare();
        }
    }
}

TEST_P(AgainstLibnet, EveryLengthOfOptionsAndPayload) {
    test::SegmentGenerator dice{10};
    const auto data = dice.octets(1461);
    const auto list = dice.octets(Options::capacity);
    datagram.segment.flags = {Flag::syn};
    for (std::size_t words = 0; words <= 10; ++words) {
        datagram.segment.options = *Options::from_octets(std::span{list}.first(4 * words));
        for (const std::size_t size : {0U, 1U, 2U, 3U, 535U, 536U, 1460U, 1461U}) {
            datagram.segment.payload = std::span{data}.first(size);
            compare();
        }
    }
}

TEST_P(AgainstLibnet, TheSegmentsOfAConnection) {
    const Options offer{MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{1, 0}, NoOperation{},
                        WindowScale{7}};
    const Options clock{NoOperation{}, NoOperation{}, Timestamps{2, 1}};
    const auto data = test::octets("47 45 54 20 2f 0d 0a");
    struct Kind {
        Flags flags{};
        Options options{};
        std::span<const std::byte> payload{};
    };
    const Kind kinds[] = {{{Flag::syn}, offer, {}},
                          {{Flag::syn, Flag::ece, Flag::cwr}, offer, {}},
                          {{Flag::syn, Flag::ack}, offer, {}},
                          {{Flag::syn}, {MaximumSegmentSize{65535}}, data},
                          {{Flag::ack}, clock, {}},
                          {{Flag::psh, Flag::ack}, clock, data},
                          {{Flag::fin, Flag::ack}, clock, {}},
                          {{Flag::rst}, {}, {}},
                          {{Flag::rst, Flag::ack}, {}, {}},
                          {{Flag::urg, Flag::ack}, clock, data}};
    for (const Kind& kind : kinds) {
        datagram.segment.flags = kind.flags;
        datagram.segment.options = kind.options;
        datagram.segment.payload = kind.payload;
        compare();
    }
}

TEST_P(AgainstLibnet, TheEdgesOfEveryNumber) {
    Segment& seg = datagram.segment;
    seg.flags = {Flag::ack, Flag::urg};
    for (const std::uint32_t edge : {0U, 1U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
        seg.seq = seg.ack = Seq{edge};
        seg.wnd = seg.up = datagram.ip.identification = static_cast<std::uint16_t>(edge);
        seg.source = seg.destination = Port{static_cast<std::uint16_t>(edge)};
        datagram.ip.hop_limit = datagram.ip.traffic_class = static_cast<std::uint8_t>(edge);
        datagram.ip.flow_label = comparable_label(edge & 0xfffffU);
        datagram.ip.dont_fragment = !datagram.ip.dont_fragment;
        compare();
    }
}

TEST_P(AgainstLibnet, SegmentsByTheDice) {
    test::SegmentGenerator dice{11};
    for (int i = 0; i < 5000; ++i) {
        auto made = dice.well_formed(GetParam());
        datagram = made.datagram;
        datagram.segment.flags = datagram.segment.flags.without(Flag::ae);
        datagram.ip.flow_label = comparable_label(datagram.ip.flow_label);
        compare();
    }
}

TEST(AgainstLibnetIpv4, HeaderOptions) {
    Libnet libnet;
    ASSERT_TRUE(libnet.ready()) << libnet.error();
    test::SegmentGenerator dice{12};
    const auto extension = dice.octets(40);
    auto made = dice.well_formed(Family::v4);
    made.datagram.segment.flags = {Flag::ack};
    for (std::size_t words = 0; words <= 10; ++words) {
        made.datagram.ip.extension = std::span{extension}.first(4 * words);
        ASSERT_EQ(serialize(made.datagram), libnet.build(made.datagram)) << words;
    }
}

}  // namespace
}  // namespace tcpcraft
