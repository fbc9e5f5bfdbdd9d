#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/teardown.hpp>

namespace tcpcraft {

namespace {

std::string told(Number number) {
    const std::string_view mark = [&]() -> std::string_view {
        switch (number.mark) {
            case Mark::rcv_nxt:
                return "RCV.NXT";
            case Mark::window_end:
                return "the end of the window";
            case Mark::first_snd_nxt:
                return "the old SND.NXT";
            case Mark::first_rcv_nxt:
                return "the old RCV.NXT";
            case Mark::probe_ack:
                return "the ACK of our probe";
            case Mark::snd_nxt:
                break;
        }
        return "SND.NXT";
    }();
    if (number.offset == 0) {
        return std::string{mark};
    }
    return fmt::format("{} {} {}", mark, number.offset < 0 ? "-" : "+", std::abs(number.offset));
}

std::string told(const Answer& answer) {
    return fmt::format("{}: {} [{}]", text(answer.verdict), answer.text, answer.rule);
}

std::string told(const std::vector<State>& states, std::string_view between) {
    std::string all;
    for (const State state : states) {
        all += fmt::format("{}{}", all.empty() ? "" : between, text(state));
    }
    return all;
}

using Lines = std::vector<std::string>;

Lines told(const Open& step) {
    return {step.iss_above == 0 ? "open actively: send SYN"
                                : fmt::format("open again on the same addresses and ports, with a "
                                              "first number {} above the last",
                                              step.iss_above)};
}
Lines told(const SendData& step) {
    return {fmt::format("send {} octets{}", step.data.size(),
                        step.wait ? ", wait until they are acknowledged" : "")};
}
Lines told(const AwaitKeepAlive& step) {
    return {fmt::format("be idle and probe, until {} probe{} answered", step.answers,
                        step.answers == 1 ? " is" : "s are")};
}
Lines told(const Overhear& step) {
    return {fmt::format("be silent; let the peer probe, {} at most for its first probe",
                        spoken(step.first_within))};
}
Lines told(const Quiet& step) {
    return {fmt::format("be silent until nothing has come or gone for {}", spoken(step.during))};
}
Lines told(const CloseCall& /*step*/) { return {"CLOSE: send FIN"}; }
Lines told(const AbortCall& /*step*/) { return {"ABORT: send RST"}; }
Lines told(const Craft& step) { return {"craft a segment: " + step.note}; }
Lines told(const ExpectState& step) {
    return {fmt::format("wait for {}, {} at most", told(step.any_of, " or "), spoken(step.within))};
}
Lines told(const ExpectSegment& step) {
    return {"wait for a segment, " + spoken(step.within) + " at most"};
}
Lines told(const ExpectSyn& step) {
    return {"wait for a SYN, " + spoken(step.within) + " at most"};
}
Lines told(const ExpectSilence& step) { return {"expect silence for " + spoken(step.during)}; }
Lines told(const ExpectData& step) {
    return {"wait for data, " + spoken(step.within) + " at most"};
}
Lines told(const Hold& step) {
    return {step.during ? "hold it open for " + spoken(*step.during) : "hold it open"};
}
Lines told(const AwaitPeerClose& step) {
    return {"wait for the peer to close, " + spoken(step.within) + " at most"};
}
Lines told(const Linger& step) {
    return {step.full ? "stay in TIME-WAIT for 2 MSL"
                      : "stay in TIME-WAIT for a while, to answer a repeated FIN"};
}
Lines told(const Settle& step) { return {"let " + spoken(step.at_least) + " pass"}; }
Lines told(const Probe& step) {
    std::string line = fmt::format("send {} with seq = {}", spelled(step.flags), told(step.seq));
    if (step.flags.has(Flag::ack)) {
        line += fmt::format(", ack = {}", told(step.ack));
    }
    if (step.payload_size != 0) {
        line += fmt::format(", {} octets", step.payload_size);
    }
    return {step.note.empty() ? line : line + " (" + step.note + ")"};
}
Lines told(const Ask& step) {
    std::string line = step.row + ": what comes back";
    if (step.within) {
        line += " within " + spoken(*step.within);
    } else {
        line += step.proves_silence ? " within max(3 s, 8 RTT)" : " within max(1 s, 3 RTT + 0.6 s)";
    }
    if (step.repeats != 0) {
        line += fmt::format(" (asked {} times)", step.repeats + 1);
    }
    Lines lines{line};
    for (const Answer& answer : step.answers) {
        const std::string what = answer.with.none() ? "anything" : spelled(answer.with);
        const std::string ack = answer.ack ? ", ack = " + told(*answer.ack) : "";
        lines.push_back("  " + what + ack + ": " + told(answer));
    }
    lines.push_back("  silence: " + told(step.silence));
    return lines;
}
Lines told(const KeepBack& step) {
    return {fmt::format("keep each {} of the peer's from our machine{}", spelled(step.having),
                        step.lost ? ", as if it were lost" : "")};
}
Lines told(const AwaitKept& step) {
    std::string line = step.row + ": wait for it";
    line += step.times > 1 ? fmt::format(" {} times", step.times) : "";
    return {line + ", " + spoken(step.within) + " at most", "  it comes: " + told(step.came),
            "  it does not: " + told(step.silence)};
}
Lines told(const AwaitLast& step) {
    return {fmt::format("wait until {} comes no more, {} at most", spelled(step.having),
                        spoken(step.within))};
}
Lines told(const Release& /*step*/) { return {"our machine gets what was kept back"}; }
Lines told(const Withhold& step) {
    return {fmt::format("our next {}{} will be lost{}",
                        step.count == 1 ? "" : fmt::format("{} ", step.count), spelled(step.flags),
                        step.only_in.empty() ? "" : " (" + told(step.only_in, " or ") + ")")};
}
Lines told(const Told& /*step*/) { return {}; }
Lines told(const Say& step) { return {step.note.text}; }

}  // namespace

std::vector<std::string> spelled_out(const Scenario& scenario) {
    Lines all;
    for (const Step& step : scenario.steps) {
        Lines lines = std::visit([](const auto& what) { return told(what); }, step.what);
        if (!lines.empty() && !step.only_in.empty()) {
            lines.front() = fmt::format("in {}: {}", told(step.only_in, " or "), lines.front());
        }
        all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
}

}  // namespace tcpcraft
