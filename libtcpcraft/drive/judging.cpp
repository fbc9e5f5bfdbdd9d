#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <libtcpcraft/drive/judging.hpp>

namespace tcpcraft {

namespace {

/// A peer that deviates answers what it is asked; who sends so much is somebody else.
constexpr std::size_t many_strays = 50;

/// Why nothing bad may be said of the peer; empty: nothing speaks against it.
std::string excuse(const Outcome& outcome, Verdict verdict) {
    if (outcome.lost_packets != 0) {
        return "the capture lost packets";
    }
    if (verdict == Verdict::violates && outcome.faults != 0) {
        return "--fault meddled with its segments or ours";
    }
    if (verdict == Verdict::violates && outcome.strays > many_strays) {
        return fmt::format("{} segments came that do not belong", outcome.strays);
    }
    return {};
}

}  // namespace

int rank(Verdict verdict) noexcept {
    static constexpr std::array order{Verdict::conforms, Verdict::permitted_deviation,
                                      Verdict::inconclusive, Verdict::no_answer, Verdict::violates};
    return static_cast<int>(std::ranges::find(order, verdict) - order.begin());
}

int exit_status_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::conforms:
        case Verdict::permitted_deviation:
            return 0;
        case Verdict::violates:
            return 1;
        default:
            return 3;
    }
}

void judge_end(const Outcome& outcome, Judged& verdict, int& exit_status) {
    const auto set = [&](int status, Verdict what, std::string rule, std::string text) {
        exit_status = status;
        verdict.verdict = what;
        verdict.rule = std::move(rule);
        verdict.text = std::move(text);
    };
    const int opened = outcome.established ? 3 : 1;  // 1: it was our SYN that was met so
    switch (outcome.ending) {
        case Ending::completed:
            return set(3, Verdict::inconclusive, "", "nothing could be seen");
        case Ending::refused:
            return set(1, Verdict::inconclusive, "RFC 9293 §3.10.7.1",
                       "connection refused: nothing listens there");
        case Ending::reset:
            return set(opened, Verdict::inconclusive, "RFC 9293 §3.10.5",
                       "the peer reset the connection");
        case Ending::icmp:
            return set(opened, Verdict::inconclusive, "RFC 9293 §3.9.2.2", outcome.explanation);
        case Ending::unreachable:
        case Ending::no_answer:
        case Ending::gave_up:
            return set(3, Verdict::no_answer, "RFC 9293 §3.8.3", outcome.explanation);
        case Ending::unexpected:
            return set(3, Verdict::inconclusive, "RFC 9293 §3.10.7", outcome.explanation);
        case Ending::interrupted:
            return set(130, Verdict::inconclusive, "", "interrupted: " + outcome.explanation);
        case Ending::deadline:
            return set(3, Verdict::inconclusive, "", outcome.explanation);
        case Ending::environment:
            return set(4, Verdict::inconclusive, "", outcome.explanation);
    }
}

void doubt(const Outcome& outcome, Judged& verdict, int& exit_status, bool silent) {
    const bool blames =
        verdict.verdict == Verdict::violates || verdict.verdict == Verdict::no_answer;
    if (outcome.escaped_resets != 0) {
        verdict.verdict = Verdict::inconclusive;
        verdict.rule.clear();
        verdict.text =
            "this host's own kernel sent a RST for the connection: nothing can be said "
            "about the peer";
        exit_status = 4;
        return;
    }
    const std::string why = excuse(outcome, verdict.verdict);
    if ((blames || (silent && outcome.lost_packets != 0)) && !why.empty()) {
        verdict.verdict = Verdict::inconclusive;
        verdict.text = why + "; otherwise: " + verdict.text;
        exit_status = 3;
    }
}

}  // namespace tcpcraft
