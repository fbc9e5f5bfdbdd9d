#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/trace/defined.hpp>
#include <libtcpcraft/trace/wording.hpp>

namespace tcpcraft {

namespace {

/// As tcpdump, but just before the origin it is negative, which is what keep-alive probes are.
std::string relative(Seq number, Seq origin) {
    const std::int32_t offset = distance(origin, number);
    return offset < 0 && offset > -65536 ? fmt::format("{}", offset)
                                         : fmt::format("{}", number.raw() - origin.raw());
}

std::string number_text(Seq number, std::optional<Seq> origin, bool absolute) {
    return absolute || !origin ? fmt::format("{}", number.raw()) : relative(number, *origin);
}

}  // namespace

std::string time_text(Instant at) {
    const double s = seconds(at.time_since_epoch());
    int decimals = 6;
    for (double limit = 10; decimals > 0 && s >= limit; limit *= 10) {
        --decimals;
    }
    return fmt::format("{:8.{}f}", s, decimals);
}

std::string duration_text(Duration duration) {
    const auto us = duration.count();
    if (us < 0) {
        return "-" + duration_text(-duration);
    }
    if (us < 1000) {
        return fmt::format("{} µs", us);
    }
    if (us < 1'000'000) {
        return fmt::format("{:.4g} ms", static_cast<double>(us) / 1e3);
    }
    // Milliseconds are exact enough from a second on; trailing zeros say nothing.
    return fmt::format("{} s", std::round(static_cast<double>(us) / 1e3) / 1e3);
}

std::string flag_names(Flags flags) {
    constexpr std::array<std::pair<Flag, std::string_view>, 9> names{{{Flag::syn, "SYN"},
                                                                      {Flag::fin, "FIN"},
                                                                      {Flag::rst, "RST"},
                                                                      {Flag::psh, "PSH"},
                                                                      {Flag::ack, "ACK"},
                                                                      {Flag::urg, "URG"},
                                                                      {Flag::ece, "ECE"},
                                                                      {Flag::cwr, "CWR"},
                                                                      {Flag::ae, "AE"}}};
    std::string made;
    for (const auto& [flag, name] : names) {
        if (flags.has(flag)) {
            made += made.empty() ? "" : ",";
            made += name;
        }
    }
    return made.empty() ? "no flags" : made;
}

Tone tone_of(Flags flags) noexcept {
    if (flags.has(Flag::rst)) {
        return Tone::resets;
    }
    if (flags.has(Flag::syn)) {
        return Tone::opens;
    }
    return flags.has(Flag::fin) ? Tone::closes : Tone::strong;
}

Numbers numbers(const SegmentSeen& seen, const TextOptions& options, const Symbols* symbols) {
    const Segment& segment = seen.datagram.segment;
    const bool has_ack = segment.has(Flag::ack);
    if (symbols != nullptr) {
        return {symbols->seq(seen.direction, segment.seq),
                has_ack ? symbols->seq(reverse(seen.direction), segment.ack) : ""};
    }
    return {number_text(segment.seq, seen.origin.seq, options.absolute),
            has_ack ? number_text(segment.ack, seen.origin.ack, options.absolute) : ""};
}

bool lost(const SegmentSeen& seen) { return seen.fault == "drop" || seen.fault == "not sent"; }

std::vector<Remark> remarks(const SegmentSeen& seen, bool unicode) {
    std::vector<Remark> made;
    if (seen.retransmission) {
        made.push_back(
            {Tone::unusual, std::string{glyphs(unicode).again}.append(" retransmission")});
    }
    if (!seen.fault.empty()) {
        made.push_back({Tone::resets, "fault: " + seen.fault});
    }
    if (seen.altered) {
        made.push_back({Tone::unusual, "altered: not what the state machine would send"});
    }
    if (seen.datagram.lies.any() && seen.direction == Direction::out) {
        made.push_back(
            {Tone::unusual, seen.datagram.lies.bad_checksum || seen.datagram.lies.checksum
                                ? "bad checksum, on purpose"
                                : "header altered on purpose"});
    }
    if (seen.direction == Direction::in && seen.datagram.checksum == Checksum::bad) {
        made.push_back({Tone::resets, "bad checksum"});
    }
    if (!seen.note.empty()) {
        made.push_back({Tone::unusual, seen.note});
    }
    return made;
}

bool options_matter(const Segment& segment) {
    if (segment.has(Flag::syn)) {
        return !segment.options.empty();
    }
    return std::any_of(segment.options.begin(), segment.options.end(), [](const Option& option) {
        return !std::holds_alternative<NoOperation>(option) &&
               !std::holds_alternative<EndOfList>(option) &&
               !std::holds_alternative<Timestamps>(option);
    });
}

std::string fields_text(const SegmentSeen& seen) {
    const IpHeader& ip = seen.datagram.ip;
    constexpr std::array<std::string_view, 3> checksums{"ok", "offloaded", "bad"};
    std::string made =
        fmt::format("{} {}, tclass 0x{:02x}", ip.family() == Family::v6 ? "hlim" : "ttl",
                    ip.hop_limit, ip.traffic_class);
    if (ip.family() == Family::v4) {
        made += fmt::format(", id {}{}", ip.identification, ip.dont_fragment ? ", DF" : "");
    } else if (ip.flow_label != 0) {
        made += fmt::format(", flow 0x{:05x}", ip.flow_label);
    }
    if (seen.datagram.segment.up != 0 || seen.datagram.segment.has(Flag::urg)) {
        made += fmt::format(", urg {}", seen.datagram.segment.up);
    }
    const auto checksum = static_cast<std::size_t>(seen.datagram.checksum);
    if (seen.direction == Direction::in && checksum < checksums.size()) {
        made += fmt::format(", checksum {}", checksums[checksum]);
    }
    made += seen.kernel_timestamp ? ", kernel's clock" : ", our clock";
    return seen.step.empty() ? made : made + ", step " + seen.step;
}

std::vector<std::string> hex_lines(std::span<const std::byte> octets, std::size_t width) {
    const std::size_t a_line = width >= 72 ? 16 : 8;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < octets.size(); at += a_line) {
        std::string hex;
        std::string characters;
        for (const std::byte octet : octets.subspan(at, std::min(a_line, octets.size() - at))) {
            const auto value = std::to_integer<unsigned>(octet);
            hex += fmt::format("{:02x} ", value);
            characters += value >= 0x20 && value < 0x7f ? static_cast<char>(value) : '.';
        }
        lines.push_back(fmt::format("{:04x}  {:<{}} {}", at, hex, a_line * 3, characters));
    }
    return lines;
}

std::string excerpt(std::span<const std::byte> payload, std::size_t width) {
    std::string made = "\"";
    for (const std::byte octet : payload) {
        const auto value = std::to_integer<unsigned char>(octet);
        std::string one(1, static_cast<char>(value));
        if (value == '\r' || value == '\n') {
            one = value == '\r' ? "\\r" : "\\n";
        } else if (value == '"' || value == '\\') {
            one = {'\\', static_cast<char>(value)};
        } else if (value < 0x20 || value >= 0x7f) {
            one = fmt::format("\\x{:02x}", value);
        }
        if (made.size() + one.size() + 4 > width) {
            return made + "\"...";
        }
        made += one;
    }
    return made + "\"";
}

std::string timer_text(const TimerChanged& timer, Instant now) {
    const std::string name{text(timer.timer)};
    switch (timer.change) {
        case TimerChange::fired:
            return name + " timer fires";
        case TimerChange::cleared:
            return name + " timer stopped";
        case TimerChange::set:
            break;
    }
    return timer.deadline == never ? name : name + " " + duration_text(timer.deadline - now);
}

Tone tone_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::conforms:
        case Verdict::permitted_deviation:
            return Tone::good;
        case Verdict::violates:
            return Tone::resets;
        case Verdict::no_answer:
        case Verdict::inconclusive:
            return Tone::unusual;
    }
    return Tone::unusual;
}

std::string verdict_text(const Judged& judged, bool unicode) {
    const Glyphs& glyph = glyphs(unicode);
    const Tone tone = tone_of(judged.verdict);
    const std::string_view sign = tone == Tone::good     ? glyph.tick
                                  : tone == Tone::resets ? glyph.cross
                                                         : glyph.query;
    std::string made = fmt::format("{} {}", sign, text(judged.verdict));
    made += judged.id.empty() ? "" : " " + judged.id;
    made += judged.text.empty() ? "" : ": " + judged.text;
    return judged.rule.empty() ? made : made + " [" + judged.rule + "]";
}

std::string progress_text(const Progressed& progress) {
    std::string made = fmt::format("{} of {}", progress.done, progress.total);
    return progress.left ? made + ", " + duration_text(*progress.left) + " left" : made;
}

std::vector<std::string> tcb_entries(const Tcb& tcb, bool absolute) {
    if (tcb.state == State::closed) {
        return {"there is no TCB"};
    }
    const bool own = has_own_numbers(tcb.state);
    const bool peers_too = has_peer_numbers(tcb.state);
    const auto ours = [&](Seq s) { return own ? number_text(s, tcb.snd.iss, absolute) : "–"; };
    const auto peers = [&](Seq s) {
        return peers_too ? number_text(s, tcb.rcv.irs, absolute) : "–";
    };
    const auto plain = [](bool known, std::uint32_t value) {
        return known ? std::to_string(value) : "–";
    };
    std::vector<std::string> made{"SND.UNA " + ours(tcb.snd.una),
                                  "SND.NXT " + ours(tcb.snd.nxt),
                                  "SND.WND " + plain(peers_too, tcb.snd.wnd),
                                  "SND.UP " + ours(tcb.snd.up),
                                  "SND.WL1 " + peers(tcb.snd.wl1),
                                  "SND.WL2 " + (peers_too ? ours(tcb.snd.wl2) : "–"),
                                  "ISS " + plain(own, tcb.snd.iss.raw()),
                                  "RCV.NXT " + peers(tcb.rcv.nxt),
                                  fmt::format("RCV.WND {}", tcb.rcv.wnd),
                                  "RCV.UP " + peers(tcb.rcv.up),
                                  "IRS " + plain(peers_too, tcb.rcv.irs.raw()),
                                  "MSS " + plain(peers_too, tcb.snd_mss),
                                  "RTO " + duration_text(tcb.rto.value())};
    const Buffers* held = tcb.buffers.peek();
    made.push_back(fmt::format("send buffer {}", held == nullptr ? 0 : held->send.size()));
    made.push_back(fmt::format("out of order {}", held == nullptr ? 0 : held->out_of_order.size()));
    return made;
}

std::string rule_text(Rule rule) {
    if (rule == Rule::none) {
        return "";
    }
    return fmt::format("{} [{}]", sentence(rule), citation(rule));
}

}  // namespace tcpcraft
