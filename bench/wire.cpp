// What one segment costs: reading and verifying it, and writing it, by us and by others.
#include <memory>

#include <bench/wire.hpp>
#include <fmt/format.h>

#include <libtcpcraft/wire/codec.hpp>

namespace {

using namespace tcpcraft;
using namespace tcpcraft::bench;

Syn syn_v4() {
    Syn made;
    made.from = {std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}};
    made.to = {std::byte{198}, std::byte{51}, std::byte{100}, std::byte{7}};
    made.source = 40000;
    made.destination = 443;
    made.seq = 0x12345678;
    made.identification = 0x4242;
    made.wnd = 64240;
    made.mss = 1460;
    made.ts_val = 0x0a0b0c0d;
    made.shift = 7;
    made.options = {MaximumSegmentSize{made.mss}, SackPermitted{}, Timestamps{}, NoOperation{},
                    WindowScale{made.shift}};
    return made;
}

Syn syn_v6() {
    Syn made = syn_v4();
    made.v6 = true;
    made.from = {std::byte{0x20}, std::byte{0x01}, std::byte{0x0d}, std::byte{0xb8}};
    made.to = made.from;
    made.from[15] = std::byte{1};
    made.to[15] = std::byte{7};
    made.identification = 0;
    return made;
}

/// The answer to a SYN, with everything a Linux server puts into it.
std::vector<std::byte> syn_ack(const Syn& syn) {
    auto packet = *parse(tcpcraft_contender().write(syn));
    std::swap(packet.ip.source, packet.ip.destination);
    std::swap(packet.segment.source, packet.segment.destination);
    packet.segment.ack = packet.segment.seq + 1;
    packet.segment.seq = Seq{0x9abcdef0};
    packet.segment.flags = {Flag::syn, Flag::ack};
    packet.segment.options.set_timestamps({0x01020304, syn.ts_val});
    return serialize(packet);
}

std::vector<std::byte> data_segment() {
    auto packet = *parse(tcpcraft_contender().write(syn_v4()));
    std::vector<std::byte> text(1460);
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<std::byte>(i * 37 + 11);
    }
    packet.segment.flags = {Flag::ack, Flag::psh};
    packet.segment.ack = Seq{0x9abcdef0};
    packet.segment.options.clear();
    packet.segment.payload = text;
    return serialize(packet);
}

std::vector<const Contender*> all_contenders(const Contender& ours = tcpcraft_contender()) {
    std::vector<const Contender*> all{&ours, &libnet_contender()};
#ifdef BENCH_LIBTINS
    all.push_back(&libtins_contender());
#endif
#ifdef BENCH_PCAPPLUSPLUS
    all.push_back(&pcapplusplus_contender());
#endif
    return all;
}

std::string shown(const Reading& r) {
    return fmt::format(
        "{}>{} seq {} ack {} flags {} wnd {} mss {} ts {} {} ws {} sack {} data {} {}", r.source,
        r.destination, r.seq, r.ack, r.flags, r.wnd, r.mss, r.ts_val, r.ts_ecr, r.shift,
        r.sack_permitted, r.payload, r.checksums_right);
}

using Reader = Reading (*Contender::*)(Packet);
using Timer = void (*Contender::*)(benchmark::State&, Packet);

/// All readers see the same, ours says that it is right, and a wrong octet anywhere in it is seen.
std::string readings_differ(const std::vector<std::byte>& packet, Reader read) {
    const Reading ours = (tcpcraft_contender().*read)(packet);
    if (!ours.checksums_right) {
        return "ours finds a wrong checksum";
    }
    auto damaged = packet;
    damaged.back() ^= std::byte{1};
    for (const Contender* one : all_contenders()) {
        if (one->*read == nullptr) {
            continue;
        }
        if (const Reading theirs = (one->*read)(packet); theirs != ours) {
            return fmt::format("ours {}, {} {}", shown(ours), one->name, shown(theirs));
        }
        if ((one->*read)(damaged).checksums_right) {
            return fmt::format("{} does not see a damaged octet", one->name);
        }
    }
    return {};
}

void compare_reading(const std::string& work, std::vector<std::byte> octets, Reader read,
                     Timer time) {
    // Lives as long as the measurements that are registered here.
    const auto packet = std::make_shared<const std::vector<std::byte>>(std::move(octets));
    require({work, [=] { return readings_differ(*packet, read); }});
    for (const Contender* one : all_contenders()) {
        if (one->*time != nullptr) {
            measure(work, one->name,
                    [=](benchmark::State& state) { (one->*time)(state, *packet); });
        }
    }
}

std::string writings_differ(const Syn& syn, const std::vector<const Contender*>& all) {
    const auto ours = tcpcraft_contender().write(syn);
    for (const Contender* one : all) {
        if (one->write == nullptr) {
            continue;
        }
        const auto theirs = one->write(syn);
        const auto [at, other] =
            std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
        if (at != ours.end() || other != theirs.end()) {
            return fmt::format("{} writes {} octets, we {}; the first that differs is number {}",
                               one->name, theirs.size(), ours.size(), at - ours.begin());
        }
    }
    return {};
}

void compare_writing(const std::string& work, const Syn& syn,
                     const Contender& ours = tcpcraft_contender()) {
    const auto all = all_contenders(ours);
    require({work, [=] { return writings_differ(syn, all); }});
    for (const Contender* one : all) {
        if (one->time_write != nullptr) {
            measure(work, one->name, [=](benchmark::State& state) { one->time_write(state, syn); });
        }
    }
}

}  // namespace

void prepare_bench() {
#ifndef BENCH_LIBTINS
    say_absent("libtins");
#endif
#ifndef BENCH_PCAPPLUSPLUS
    say_absent("PcapPlusPlus");
#endif
    compare_reading("parse and verify SYN,ACK v4", syn_ack(syn_v4()), &Contender::read,
                    &Contender::time_read);
    compare_reading("parse and verify SYN,ACK v6", syn_ack(syn_v6()), &Contender::read,
                    &Contender::time_read);
    compare_reading("parse and verify 1460 octets v4", data_segment(), &Contender::read_data,
                    &Contender::time_read_data);
    compare_writing("build SYN v4", syn_v4());
    compare_writing("build SYN v6", syn_v6());
    compare_writing("another SYN of a fleet v4", syn_v4(), template_contender());
    compare_writing("another SYN of a fleet v6", syn_v6(), template_contender());
}
