#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/handshake_steps.hpp>

namespace tcpcraft {

namespace {

Negotiated negotiated_in(const Measurements& measured, Family family) {
    if (!measured.our_syn || !measured.peer_syn) {
        return {};
    }
    return negotiated(measured.our_syn->options, measured.peer_syn->options, measured.peer_syn->wnd,
                      family);
}

std::vector<std::string> tell(const Negotiated& made) {
    if (!made.mss_send) {
        return {};
    }
    std::vector<std::string> lines;
    lines.push_back(
        fmt::format("announced, each for itself: MSS {} by us, {} by the peer; its first "
                    "window {} octets",
                    *made.mss_receive, *made.mss_send, *made.window));
    const bool scaled = *made.window_scale_send != 0 || *made.window_scale_receive != 0;
    lines.push_back(
        fmt::format("negotiated, by both SYNs: window scale {}, SACK {}, timestamps {}",
                    scaled ? fmt::format("{} (ours) / {} (the peer's)", *made.window_scale_receive,
                                         *made.window_scale_send)
                           : "none",
                    *made.sack ? "yes" : "no", *made.timestamps ? "yes" : "no"));
    return lines;
}

struct Judgement {
    int exit_status;
    Verdict verdict;
    std::string rule;
    std::string text;
};

// RFC 9293 §3.10.7.1: RST,ACK with SEQ 0 that acknowledges the SYN and its data. SYN-SENT does not
// look at SEQ, so that other numbers get this far.
Judgement judge_refusal(const Session& session, int exit_status) {
    const auto& reset = session.connection().measured().peer_reset;
    const auto& syn = session.connection().measured().our_syn;
    if (!reset || !syn) {
        return {exit_status, Verdict::inconclusive, "RFC 9293 §3.10.7.1",
                session.outcome()->explanation};
    }
    if (reset->seq != Seq{0}) {
        return {1, Verdict::violates, "RFC 9293 §3.10.7.1",
                fmt::format("refused by a RST with seq {} where 0 is due", reset->seq.raw())};
    }
    const Seq due = syn->seq + session.connection().measured().our_syn_len;
    if (reset->ack != due) {
        return {1, Verdict::violates, "RFC 9293 §3.10.7.1",
                fmt::format("refused by a RST that acknowledges {} where SEG.SEQ + SEG.LEN is {}",
                            reset->ack.raw(), due.raw())};
    }
    return {exit_status, Verdict::conforms, "RFC 9293 §3.10.7.1",
            "the SYN was met by RST,ACK with seq 0, as a closed port answers"};
}

std::string_view rule_of(const HandshakeRequest& request) {
    switch (request.scenario) {
        case HandshakeScenario::two_way:
            return "";  // shown, not judged: no rule allows it
        case HandshakeScenario::syn_flood_view:
            return "RFC 9293 §3.8.1 (MUST-19)";
        case HandshakeScenario::simultaneous_open:
            return "RFC 9293 §3.5, figure 7 (MUST-10)";
        case HandshakeScenario::old_duplicate_syn:
            return "RFC 9293 §3.5, figure 8";
        default:
            return request.server ? "RFC 9293 §3.10.7.4, fifth"
                                  : "RFC 9293 §3.10.7.2, third; §3.10.7.3, fourth";
    }
}

// H-36. A server with SYN cookies keeps nothing that it could repeat (RFC 4987 §3.6).
Judgement judge_repetition(const Session& session, const HandshakeRequest& request) {
    const std::vector<Instant>& at = session.connection().measured().syn_acks;
    if (at.size() < 2) {
        return {0, Verdict::permitted_deviation, "RFC 9293 §3.8.3",
                "the peer did not repeat its SYN,ACK while we watched, as one with SYN cookies"};
    }
    return {0, Verdict::conforms, std::string{rule_of(request)}, ""};
}

Judgement judge_end(const Session& session, const HandshakeRequest& request) {
    const Outcome& outcome = *session.outcome();
    const bool wants_refusal = request.scenario == HandshakeScenario::refused;
    switch (outcome.ending) {
        case Ending::completed:
            break;
        case Ending::refused:
            return judge_refusal(session, wants_refusal ? 0 : 1);
        case Ending::reset:
            if (outcome.escaped_resets != 0) {
                return {4, Verdict::inconclusive, "",
                        "this host's own kernel sent a RST for the connection: nothing can be said "
                        "about the peer"};
            }
            // To abort is every TCP's right (RFC 9293 §3.10.5): no rule is broken by it.
            return {1, Verdict::inconclusive, "RFC 9293 §3.5.3", "the peer reset the connection"};
        case Ending::icmp:
            return {1, Verdict::inconclusive, "RFC 9293 §3.9.2.2", outcome.explanation};
        case Ending::unreachable:
        case Ending::no_answer:
        case Ending::gave_up:
            return {3, Verdict::no_answer, "RFC 9293 §3.8.3", outcome.explanation};
        case Ending::unexpected:
            return {1, Verdict::inconclusive, "RFC 9293 §3.10.7", outcome.explanation};
        case Ending::interrupted:
            return {130, Verdict::inconclusive, "", "interrupted: " + outcome.explanation};
        case Ending::deadline:
            return {3, Verdict::inconclusive, "", outcome.explanation};
        case Ending::environment:
            return {4, Verdict::inconclusive, "", outcome.explanation};
    }
    if (wants_refusal && outcome.established) {
        return {1, Verdict::inconclusive, "RFC 9293 §3.10.7.2",
                "not refused: something listens there and accepted the connection"};
    }
    if (wants_refusal) {
        return judge_refusal(session, 0);
    }
    if (request.scenario == HandshakeScenario::syn_flood_view) {
        return judge_repetition(session, request);
    }
    return {0, Verdict::conforms, std::string{rule_of(request)}, ""};
}

std::string spacing_of(const std::vector<Instant>& at) {
    std::string told;
    for (const Instant instant : at) {
        told += fmt::format("{}+{:.1f}", told.empty() ? "" : ", ", seconds(instant - at.front()));
    }
    return told;
}

std::string success(const Session& session, const HandshakeRequest& request) {
    const Measurements& measured = session.connection().measured();
    if (request.scenario == HandshakeScenario::two_way && !request.server) {
        return "two-way handshake shown on a simulated server that breaks the rule";
    }
    if (request.scenario == HandshakeScenario::syn_flood_view) {
        return fmt::format("without the ACK the peer sent its SYN,ACK {} times, at {} s",
                           measured.syn_acks.size(), spacing_of(measured.syn_acks));
    }
    if (request.third == Third::none || request.third == Third::rst) {
        return fmt::format(
            "the peer answered the SYN; it got {} in place of the third segment: "
            "no connection",
            request.third == Third::none ? "nothing" : "a RST");
    }
    std::string told = "ESTABLISHED with " + session.connection().setup().id.remote.text();
    if (session.connection().setup().id.remote.port.value == 0) {
        told = "ESTABLISHED with " + session.connection().tcb().id.remote.text();
    }
    if (measured.rtt) {
        told += fmt::format(", round trip {}{}", spoken(*measured.rtt),
                            measured.rtt_from_kernel ? " (kernel timestamps)" : " (our clock)");
    }
    const std::size_t octets = session.received().size();
    return octets == 0 ? told : told + fmt::format(", {} octets received", octets);
}

}  // namespace

HandshakeResult judge_handshake(const Session& session, const HandshakeRequest& request) {
    const Outcome& outcome = *session.outcome();
    const Measurements& measured = session.connection().measured();
    const Tcb& tcb = session.connection().tcb();
    HandshakeResult result;
    Judgement judgement = judge_end(session, request);
    if (judgement.text.empty()) {
        judgement.text = success(session, request);
    }
    result.exit_status = judgement.exit_status;
    const bool refused = outcome.ending == Ending::refused;
    result.summary = refused ? "connection refused: nothing listens there" : judgement.text;
    // Without the third segment only our own side believes in it.
    result.established =
        outcome.established && request.third != Third::none && request.third != Third::rst;
    result.rtt = measured.rtt;
    result.isn = measured.our_syn ? std::optional{measured.our_syn->seq} : std::nullopt;
    result.peer_isn = measured.peer_syn ? std::optional{measured.peer_syn->seq} : std::nullopt;
    result.negotiated = negotiated_in(measured, tcb.id.local.address.family());
    result.state = outcome.state;
    result.lines = outcome.established ? tell(result.negotiated) : std::vector<std::string>{};
    const bool unwanted = refused && request.scenario != HandshakeScenario::refused;
    result.verdict = Judged{unwanted ? "refusal" : std::string{text(request.scenario)},
                            judgement.verdict, judgement.rule, judgement.text,
                            measured.opening.empty() ? outcome.segments : measured.opening};
    return result;
}

}  // namespace tcpcraft
