#include <algorithm>

#include <tests/fuzz/event_feed.hpp>

namespace tcpcraft::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::byte, 256> text_octets{};
Address host(std::uint8_t number) {
    const std::array<std::byte, 4> octets{std::byte{192}, std::byte{0}, std::byte{2},
                                          std::byte{number}};
    return Address::v4(octets);
}

const Endpoint here{host(1), Port{40000}};
const Endpoint there{host(2), Port{80}};

bool bit(std::uint32_t bits, unsigned at) noexcept { return (bits >> at & 1U) != 0; }

Options all_options() {
    return {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{}, NoOperation{}, WindowScale{3}};
}

}  // namespace

std::uint8_t EventFeed::octet() noexcept {
    if (octets_.empty()) {
        return 0;
    }
    const std::uint8_t first = octets_.front();
    octets_ = octets_.subspan(1);
    return first;
}

std::uint32_t EventFeed::number(std::size_t octets) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < octets; ++i) {
        value = value << 8 | octet();
    }
    return value;
}

Policy EventFeed::policy() {
    const std::uint32_t bits = number(3);
    Policy policy;
    policy.challenge_ack = !bit(bits, 0);
    policy.challenge_spacing = bit(bits, 1) ? Duration{500ms} : Duration{0};
    policy.repeat_syn_ack = !bit(bits, 2);
    policy.rfc1337 = bit(bits, 3);
    policy.rfc6191 = !bit(bits, 4);
    policy.half_duplex_close = bit(bits, 5);
    policy.delayed_ack = bit(bits, 6) ? std::optional<Duration>{200ms} : std::nullopt;
    policy.fin_wait_2 = bit(bits, 7) ? std::optional<Duration>{60s} : std::nullopt;
    policy.user_timeout = bit(bits, 8) ? std::optional<Duration>{30s} : std::nullopt;
    policy.keep_alive =
        bit(bits, 9) ? std::optional{KeepAlive{10s, 1s, 3, bit(bits, 10)}} : std::nullopt;
    policy.syn_options = bit(bits, 11) ? all_options() : Options{};
    policy.rcv_wnd = bit(bits, 12) ? octet() : 65535U;
    policy.mms_s = bit(bits, 13) ? std::optional<std::uint16_t>{number(1)} : std::nullopt;
    policy.ecn = bit(bits, 14);
    policy.deviations.two_way_handshake = bit(bits, 15) && bit(bits, 16);
    policy.deviations.no_time_wait = bit(bits, 17) && bit(bits, 18);
    policy.deviations.mute_when_closed = bit(bits, 19) && bit(bits, 20);
    policy.retransmissions = bit(bits, 21) ? std::uint8_t{2} : std::uint8_t{15};
    return policy;
}

Duration EventFeed::pause(const Tcb& tcb, Instant now) {
    const std::uint8_t kind = octet();
    const Instant deadline = tcb.timers.next();
    if (kind >= 0xc0 && deadline != never) {
        return std::max(deadline - now, Duration{0});
    }
    if (kind == 0xbf) {
        return std::chrono::hours{24 * 25};
    }
    return kind < 0x80 ? Duration{0} : Duration{(kind & 0x3fU) * 10ms};
}

std::span<const std::byte> EventFeed::data() noexcept {
    const std::uint8_t size = octet();
    return std::span{text_octets}.first(size < 0x80 ? 0U : size & 0x7fU);
}

Seq EventFeed::near(const Tcb& tcb) noexcept {
    const std::uint8_t kind = octet();
    const auto off = static_cast<std::uint32_t>(static_cast<std::int8_t>(octet()) / 16);
    const std::array anchors{tcb.rcv.nxt, tcb.snd.nxt,      tcb.snd.una,
                             tcb.snd.iss, tcb.rcv.irs,      tcb.rcv.nxt + tcb.rcv.wnd,
                             Seq{0},      Seq{0x80000000U}, tcb.snd.una + tcb.snd.wnd};
    return kind == 0xff ? Seq{number(4)} : anchors.at(kind % anchors.size()) + off;
}

Options EventFeed::options(const Tcb& tcb) {
    Options options;
    const std::uint8_t bits = octet();
    if (bit(bits, 0)) {
        const auto off = static_cast<std::uint32_t>(static_cast<std::int8_t>(octet()));
        options.append(Timestamps{tcb.ts.recent + off, number(1)});
    }
    if (bit(bits, 1)) {
        options.append(MaximumSegmentSize{static_cast<std::uint16_t>(number(2))});
    }
    if (bit(bits, 2)) {
        options.append(WindowScale{octet()});
    }
    if (bit(bits, 3)) {
        options.append(SackPermitted{});
    }
    return options;
}

Segment EventFeed::segment(const Tcb& tcb) {
    Segment segment;
    segment.source = there.port;
    segment.destination = here.port;
    segment.flags = Flags::from_bits(static_cast<std::uint16_t>(number(2) & 0x1ffU));
    segment.seq = near(tcb);
    segment.ack = near(tcb);
    segment.wnd = static_cast<std::uint16_t>(number(2));
    segment.up = static_cast<std::uint16_t>(octet());
    segment.options = options(tcb);
    segment.payload = data();
    return segment;
}

Event EventFeed::event(const Tcb& tcb) {
    switch (octet() % 16) {
        case 0:
            return ActiveOpen{{here, there}, Seq{number(4)}, 0, data()};
        case 1:
            return PassiveOpen{here, Seq{number(4)}, 0};
        case 2:
            return Send{data(), bit(octet(), 0)};
        case 3:
            return Close{};
        case 4:
            return Abort{};
        case 5:
            return ProbeKeepAlive{bit(octet(), 0)};
        case 6:
            return IcmpArrives{bit(octet(), 0), near(tcb)};
        case 7:
        case 8:
            return TimePasses{};
        case 9: {  // SYN of an honest peer: without one, most connections would never begin
            Segment syn = segment(tcb);
            syn.flags = Flags{Flag::syn};
            return SegmentArrives{syn, there.address, here.address};
        }
        case 10: {  // what the connection waits for
            Segment next = segment(tcb);
            next.flags = {Flag::ack};
            next.seq = tcb.rcv.nxt;
            next.ack = tcb.snd.nxt;
            return SegmentArrives{next, there.address, here.address};
        }
        default:
            return SegmentArrives{segment(tcb), there.address, here.address};
    }
}

}  // namespace tcpcraft::fuzz
