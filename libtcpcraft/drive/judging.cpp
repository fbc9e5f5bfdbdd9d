#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <libtcpcraft/drive/judging.hpp>

namespace tcpcraft {

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
    switch (outcome.ending) {
        case Ending::completed:
            return set(3, Verdict::inconclusive, "", "nothing could be seen");
        case Ending::refused:
            return set(1, Verdict::inconclusive, "RFC 9293 §3.10.7.1",
                       "connection refused: nothing listens there");
        case Ending::reset:
            return set(1, Verdict::inconclusive, "RFC 9293 §3.10.5",
                       "the peer reset the connection");
        case Ending::icmp:
            return set(1, Verdict::inconclusive, "RFC 9293 §3.9.2.2", outcome.explanation);
        case Ending::unreachable:
        case Ending::no_answer:
        case Ending::gave_up:
            return set(3, Verdict::no_answer, "RFC 9293 §3.8.3", outcome.explanation);
        case Ending::unexpected:
            return set(3, Verdict::inconclusive, "RFC 9293 §3.10.7", outcome.explanation);
        case Ending::interrupted:
            return set(130, Verdict::inconclusive, "", "interrupted: " + outcome.explanation);
        case Ending::environment:
            return set(4, Verdict::inconclusive, "", outcome.explanation);
    }
}

/// A peer that deviates answers what it is asked; who sends so much is somebody else.
static constexpr std::size_t many_strays = 50;

void doubt(const Outcome& outcome, Judged& verdict, int& exit_status) {
    const bool blames =
        verdict.verdict == Verdict::violates || verdict.verdict == Verdict::no_answer;
    if (outcome.escaped_resets != 0) {
        verdict.verdict = Verdict::inconclusive;
        verdict.rule.clear();
        verdict.text =
            "this host's own kernel sent a RST for the connection: nothing can be said "
            "about the peer";
        exit_status = 4;
    } else if (blames && outcome.lost_packets != 0) {
        verdict.verdict = Verdict::inconclusive;
        verdict.text = "the capture lost packets; otherwise: " + verdict.text;
        exit_status = 3;
    } else if (verdict.verdict == Verdict::violates && outcome.strays > many_strays) {
        verdict.verdict = Verdict::inconclusive;
        verdict.text = fmt::format("{} segments came that do not belong; otherwise: {}",
                                   outcome.strays, verdict.text);
        exit_status = 3;
    }
}

}  // namespace tcpcraft
