#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

Answer ack_of_fin(Verdict verdict, std::string rule, std::string text) {
    return {.with = ack_flag,
            .without = Flags{Flag::rst, Flag::syn},
            .ack = snd_nxt,
            .verdict = verdict,
            .rule = std::move(rule),
            .text = std::move(text)};
}

Answer stands(std::string rule, std::string text, Verdict verdict) {
    return {.with = ack_flag,
            .without = Flags{Flag::rst, Flag::syn, Flag::fin},
            .seq = rcv_nxt,
            .ack = snd_nxt,
            .verdict = verdict,
            .rule = std::move(rule),
            .text = std::move(text),
            .empty = true};
}

Answer reset_by_peer(Verdict verdict, std::string rule, std::string text) {
    return {.with = rst_flag, .verdict = verdict, .rule = std::move(rule), .text = std::move(text)};
}

Answer nothing(Verdict verdict, std::string rule, std::string text) {
    return {.verdict = verdict, .rule = std::move(rule), .text = std::move(text)};
}

Probe live_probe() {
    return {ack_flag, {Mark::snd_nxt, -1}, rcv_nxt, 0, "control probe: does the peer live?"};
}

void add_control(Steps& steps, std::string row, Answer lives, Answer forgot) {
    // Its FIN says as much as an ACK; and whose FIN we have acknowledged may be gone.
    Answer closes = lives;
    closes.with = fin_ack;
    closes.without = Flags{Flag::rst, Flag::syn};
    closes.seq.reset();
    Answer closed = forgot;
    closed.verdict = Verdict::conforms;
    closed.text = "it has closed in the meantime";
    closed.only_in = {State::time_wait, State::last_ack, State::closing};
    steps.push_back({"control", live_probe()});
    steps.push_back(
        {"control",
         Ask{.row = std::move(row),
             .answers = {std::move(lives), std::move(closes), std::move(closed), std::move(forgot)},
             .silence = nothing(Verdict::no_answer, "RFC 9293 §3.10.7.4, first",
                                "no answer to a control probe, three times"),
             .repeats = 2}});
}

void add_gone(Steps& steps, std::string row, Answer still_there) {
    steps.push_back(
        {"gone?", Probe{ack_flag, {Mark::snd_nxt, -1}, rcv_nxt, 0, "does it still know us?"}});
    Answer gone = reset_by_peer(Verdict::conforms, "RFC 9293 §3.10.7.1",
                                "RST: the peer is CLOSED and knows of no connection");
    // Our last segment may have been lost. The answer to this one, or the peer's retransmission,
    // brings it again; so the last of four answers counts.
    still_there.wait_on = true;
    Answer wrong = reset_by_peer(Verdict::violates, "RFC 9293 §3.10.7.1",
                                 "a RST whose seq is no ACK of ours that it could answer");
    wrong.unexplained = true;
    steps.push_back(
        {"gone?", Ask{.row = std::move(row),
                      .answers = {std::move(gone), std::move(wrong), std::move(still_there)},
                      .silence = nothing(Verdict::no_answer, "RFC 9293 §3.10.7.1",
                                         "no RST from a connection that is closed: a firewall "
                                         "in between, perhaps"),
                      .repeats = 3}});
}

void add_forgotten(Steps& steps, std::string silence) {
    add_gone(steps, "T-10",
             stands("RFC 9293 §3.10.7.4, fifth (LAST-ACK)",
                    "the peer still answers after the ACK of its FIN", Verdict::violates));
    std::get<Ask>(steps.back().what).silence =
        nothing(Verdict::conforms, "RFC 9293 §3.6", std::move(silence));
}

void add_open(Steps& steps, const TeardownRequest& request) {
    if (!request.server) {
        steps.push_back({"open", Open{}});
    }
    steps.push_back(
        {"handshake", ExpectState{{State::established, State::close_wait}, request.timeout}});
}

void add_end(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"", Told{}});
    steps.push_back({"reset",
                     AbortCall{},
                     {State::syn_sent, State::established, State::close_wait, State::fin_wait_1,
                      State::fin_wait_2, State::closing, State::last_ack}});
    steps.push_back({"reset", Settle{20ms}, {State::closed}});
    steps.push_back({"TIME-WAIT", Linger{request.linger, request.time_wait_full}});
}

// Only without octets and FIN: those are repeated also when it is the path that loses our FIN.
Answer not_counted() {
    return {.with = ack_flag,
            .without = Flags{Flag::rst, Flag::syn, Flag::fin},
            .ack = Number{Mark::snd_nxt, -1},
            .verdict = Verdict::violates,
            .rule = "RFC 9293 §3.10.7.4, eighth",
            .text = "acknowledged what came before the FIN, never the FIN",
            .empty = true,
            .wait_on = true,
            .times = 2};  // one may have crossed our FIN
}

Ask asks_for_ack_of_fin(const TeardownRequest& request) {
    return Ask{.row = "T-01",
               .answers = {ack_of_fin(Verdict::conforms, "RFC 9293 §3.10.7.4, eighth",
                                      "the FIN was acknowledged"),
                           reset_by_peer(Verdict::inconclusive, "RFC 9293 §3.10.5",
                                         "the peer aborted with RST where its ACK was due"),
                           not_counted()},
               .silence = nothing(Verdict::no_answer, "RFC 9293 §3.10.7.4, eighth",
                                  "no ACK of our FIN, though it was repeated"),
               .within = request.timeout,
               .prompt = true};
}

Ask asks_for_fin(const TeardownRequest& request, std::string row, Answer silence) {
    Answer bare{.with = fin_flag,
                .without = ack_flag,
                .verdict = Verdict::violates,
                .rule = "RFC 9293 §3.1 (ACK is set in all but the first SYN)",
                .text = "a FIN without ACK"};
    Answer behind_a_gap{.with = fin_ack,
                        .verdict = Verdict::inconclusive,  // small ones pass where large do not
                        .rule = "RFC 9293 §3.10.4 (the FIN follows what was sent before it)",
                        .text =
                            "its FIN leaves a gap behind its data, which was never filled: "
                            "not sent, or too large for the path",
                        .wait_on = true,  // what is missing may have been lost
                        .then = 7s,
                        .seq_beyond = rcv_nxt};
    Answer fin{.with = fin_ack,
               .verdict = Verdict::conforms,
               .rule = "RFC 9293 §3.6",
               .text = "the peer closed its side too"};
    return Ask{.row = std::move(row),
               .answers = {std::move(bare), std::move(behind_a_gap), std::move(fin),
                           reset_by_peer(Verdict::inconclusive, "RFC 9293 §3.10.5",
                                         "the peer aborted with RST where it could have closed")},
               .silence = std::move(silence),
               .within = request.patience};
}

void add_await_fin(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"its FIN",
                     asks_for_fin(request, "T-21",
                                  nothing(Verdict::conforms, "RFC 9293 §3.6.1",
                                          "its application keeps its side open; the peer stays "
                                          "in CLOSE-WAIT, as it may")),
                     while_peer_is_open});
}

Answer never_closes() {
    return nothing(Verdict::inconclusive, "RFC 9293 §3.6, case 2",
                   "the peer's application did not close first: --send a request after which it "
                   "does, or have more --patience");
}

Answer never_heard() {
    return nothing(Verdict::no_answer, "RFC 9293 §3.10.7.4, seventh",
                   "not even our request was acknowledged");
}

AwaitKept keeps_its_fin(const TeardownRequest& request, std::string said) {
    return {.row = "T-30",
            .came = nothing(Verdict::conforms, "RFC 9293 §3.6, case 2", std::move(said)),
            .silence = never_closes(),
            .within = request.patience,
            .unheard = never_heard()};
}

void add_send(Steps& steps, const TeardownRequest& request) {
    if (request.send) {
        steps.push_back({"request", SendData{*request.send, request.timeout, false}});
    }
}

void add_peer_closes(Steps& steps, const TeardownRequest& request) {
    add_send(steps, request);
    Ask ask = asks_for_fin(request, "T-30", never_closes());
    ask.answers[2].text = "the peer closes first, with FIN,ACK";
    ask.unheard = never_heard();
    steps.push_back({"its FIN", std::move(ask), {State::established}});
}

void add_our_close(Steps& steps, std::string row, std::string rule, std::string said) {
    steps.push_back({"close", CloseCall{}});
    steps.push_back(
        {"close",
         Ask{.row = std::move(row),
             .answers = {ack_of_fin(Verdict::conforms, rule, std::move(said)),
                         reset_by_peer(Verdict::inconclusive, "RFC 9293 §3.10.5",
                                       "RST in answer to our FIN: the peer had given up the "
                                       "connection"),
                         not_counted()},
             .silence = nothing(Verdict::no_answer, rule,
                                "no ACK of our FIN, though it was "
                                "repeated"),
             .within = 7s,
             .prompt = true}});
}

void only_in(Steps& steps, std::size_t from, std::initializer_list<State> states) {
    for (std::size_t i = from; i < steps.size(); ++i) {
        steps[i].only_in = states;
    }
}

}  // namespace tcpcraft
