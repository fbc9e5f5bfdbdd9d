#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

void lost_fin_of_ours(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"", Withhold{fin_ack, 1, "lost on purpose"}});
    steps.push_back({"close", CloseCall{}});
    Ask ask = asks_for_ack_of_fin(request);
    ask.answers.front().text = "our FIN was lost once; its repetition was acknowledged";
    ask.prompt = false;
    steps.push_back({"close", std::move(ask)});
    add_await_fin(steps, request);
}

constexpr const char* never_again = "RFC 9293 §3.8.1 (MUST-19); RFC 6298 §5";
constexpr const char* not_again =
    "its FIN was not acknowledged, and did not come again while we waited";

/// T-11, T-31: the FIN that nobody acknowledges comes again, after a growing pause.
AwaitKept repeated_fin(std::string row) {
    return {.row = std::move(row),
            .came = nothing(Verdict::conforms, "RFC 9293 §3.8.1 (MUST-19); RFC 6298 §5",
                            "its FIN was not acknowledged and came again"),
            .silence = nothing(Verdict::no_answer, never_again, not_again),
            .within = 16s,
            .times = 5,
            .enough = 2,
            .go_on = true};
}

/// Silence of one that forgot or fell silent is one thing, of one that holds its state another.
void add_control_of_repetition(Steps& steps, const std::string& row) {
    Answer holds = ack_of_fin(Verdict::violates, never_again,
                              "its FIN was not acknowledged and did not come again, though the "
                              "peer still holds the connection");
    holds.without = Flags{Flag::rst, Flag::syn, Flag::fin};
    std::size_t i = steps.size();
    add_control(steps, row, std::move(holds),
                reset_by_peer(Verdict::inconclusive, never_again,
                              "the peer has given the connection up without another FIN"));
    for (; i < steps.size(); ++i) {
        steps[i].if_silent = true;
    }
}

void lost_fin_of_the_peer(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"", KeepBack{fin_flag, true}});
    add_send(steps, request);
    steps.push_back({"its FIN", keeps_its_fin(request, "the peer closes first; its FIN is lost")});
    steps.push_back({"again", repeated_fin("T-31")});
    add_control_of_repetition(steps, "T-31");
    if (request.long_ones) {
        steps.push_back({"to its end", AwaitLast{fin_flag, 300s}});
    }
    steps.push_back({"found", Release{}, {State::established}});
    add_our_close(steps, "T-40", "RFC 9293 §3.10.7.4, eighth",
                  "both sides closed once its FIN got through");
    if (request.long_ones) {  // by then it may have given up; how soon is judged by its FINs
        Answer& late = std::get<Ask>(steps.back().what).answers[1];
        late.verdict = Verdict::conforms;
        late.rule = "RFC 9293 §3.8.3";
        late.text = "RST: the peer had given up, as it may in the end";
    }
}

/// The last ACK: the one with which our machine enters TIME-WAIT or skips it.
Withhold last_ack_lost(std::size_t count) {
    return {ack_flag, count, "the last ACK is lost on purpose", {State::time_wait, State::closed}};
}

/// T-11: the FIN comes again, with the number that it had.
void add_await_repetition(Steps& steps, std::string said) {
    Answer again{.with = fin_ack,
                 .verdict = Verdict::conforms,
                 .rule = never_again,
                 .text = std::move(said)};
    steps.push_back({"again", Ask{.row = "T-11",
                                  .answers = {std::move(again)},
                                  .silence = nothing(Verdict::no_answer, never_again, not_again),
                                  .within = 14s,  // its third timeout, where its SYN was lost
                                  .go_on = true}});
    add_control_of_repetition(steps, "T-11");
}

void add_close_without_last_ack(Steps& steps, const TeardownRequest& request, std::size_t lost) {
    steps.push_back({"", last_ack_lost(lost)});
    steps.push_back({"close", CloseCall{}});
    steps.push_back({"close", asks_for_ack_of_fin(request)});
    Ask ask = asks_for_fin(request, "T-21",
                           nothing(Verdict::inconclusive, "RFC 9293 §3.6.1",
                                   "its application keeps its side open: there is no last ACK"));
    steps.push_back({"its FIN", std::move(ask), while_peer_is_open});
}

}  // namespace

void lost_fin(Steps& steps, const TeardownRequest& request) {
    closer(request) == Closer::peer ? lost_fin_of_the_peer(steps, request)
                                    : lost_fin_of_ours(steps, request);
}

void lost_final_ack(Steps& steps, const TeardownRequest& request) {
    add_close_without_last_ack(steps, request, 2);
    add_await_repetition(steps, "its FIN came again");
    add_await_repetition(steps, "its repeated FIN was acknowledged from TIME-WAIT");
    steps.push_back({"", Settle{50ms}});
    add_forgotten(steps,
                  "its FIN does not come any more; that it has forgotten us was not "
                  "confirmed");
    // Only its FIN brings our ACK again, and it comes after ever longer pauses.
    std::get<Ask>(steps.back().what).repeats = 5;
}

void no_time_wait(Steps& steps, const TeardownRequest& request) {
    add_close_without_last_ack(steps, request, 1);
    if (request.mute) {
        add_await_repetition(steps, "nobody answers: its FIN comes again and again");
        steps.push_back(request.long_ones ? Step{"to its end", AwaitLast{fin_flag, 300s}}
                                          : Step{"again", Settle{5s}});
        return;
    }
    add_await_repetition(steps, "its FIN came again; CLOSED answers it with RST");
    steps.push_back({"RST", Settle{3s}});
    add_gone(
        steps, "T-13",
        stands("RFC 9293 §3.10.7.4, second (LAST-ACK)",
               "the peer still answers, though each answer was met by our RST", Verdict::violates));
    auto& ask = std::get<Ask>(steps.back().what);
    Answer again = ask.answers.back();
    again.with = fin_ack;
    again.without = rst_flag;
    again.seq.reset();
    again.text = "its FIN comes on, though each was met by our RST";
    ask.answers.front().text = "our RST ended it: the peer knows us no more";
    ask.answers.push_back(std::move(again));
    ask.silence = nothing(Verdict::conforms, "RFC 9293 §3.10.7.4, second (LAST-ACK)",
                          "our RST ended it: no FIN any more");
    ask.repeats = 3;
}

namespace {

/// Its TIME-WAIT: it has closed first, and we after it. Our CLOSED is mute, for its RST would end
/// TIME-WAIT (RFC 1337).
void add_its_time_wait(Steps& steps, const TeardownRequest& request) {
    add_peer_closes(steps, request);
    add_our_close(steps, "T-40", "RFC 9293 §3.10.7.4, eighth", "the peer is in TIME-WAIT now");
}

}  // namespace

void time_wait(Steps& steps, const TeardownRequest& request) {
    add_its_time_wait(steps, request);
    if (request.look_after) {
        steps.push_back({"TIME-WAIT", Settle{*request.look_after}});
        add_control(steps, "T-43",
                    stands("RFC 9293 §3.10.7.4, first", "the peer is still in TIME-WAIT"),
                    reset_by_peer(
                        *request.look_after < 1s ? Verdict::violates : Verdict::permitted_deviation,
                        "RFC 9293 §3.6.1 (MUST-13); §3.4.2 (MSL may be changed)",
                        "the peer has left TIME-WAIT"));
        return;
    }
    for (int i = 0; i < 3; ++i) {
        steps.push_back({"FIN again", Probe{fin_ack,
                                            {Mark::snd_nxt, -1},
                                            rcv_nxt,
                                            0,
                                            "our FIN again, as if its ACK had been lost"}});
        steps.push_back(
            {"FIN again",
             Ask{.row = "T-42",
                 .answers = {stands("RFC 9293 §3.10.7.4, first and eighth (TIME-WAIT)",
                                    "TIME-WAIT acknowledges our repeated FIN"),
                             reset_by_peer(Verdict::violates, "RFC 9293 §3.6.1 (MUST-13)",
                                           "RST to a repeated FIN: no TIME-WAIT there")},
                 .silence = nothing(Verdict::no_answer, "RFC 9293 §3.6.1 (MUST-13)",
                                    "no answer to a repeated FIN"),
                 .repeats = 1}});
        steps.push_back({"", Settle{gap}});
    }
}

// RFC 9293 §3.6.1 (MAY-2), RFC 6191
void time_wait_reuse(Steps& steps, const TeardownRequest& request) {
    add_its_time_wait(steps, request);
    steps.push_back({"new SYN", Open{.iss_above = 1000000}});
    Answer taken{.with = Flags{Flag::syn, Flag::ack},
                 .ack = snd_nxt,
                 .verdict = Verdict::conforms,
                 .rule = "RFC 9293 §3.6.1 (MAY-2); RFC 6191 §2",
                 .text = "TIME-WAIT gave way to a new connection on the same addresses and ports",
                 .seq_beyond = Number{Mark::first_rcv_nxt, -1}};
    Answer behind = taken;
    behind.seq_beyond.reset();
    behind.verdict = Verdict::violates;
    behind.text = "accepted, with a first number that lies behind the old connection's last";
    Answer kept{.with = ack_flag,
                .without = Flags{Flag::syn, Flag::rst},
                .ack = Number{Mark::first_snd_nxt, 0},
                .verdict = Verdict::conforms,
                .rule = "RFC 9293 §3.10.7.4, first and fourth (TIME-WAIT)",
                .text = "TIME-WAIT answers for the old connection: no reuse"};
    steps.push_back(
        {"new SYN",
         Ask{.row = "T-49",
             .answers = {std::move(taken), std::move(behind), std::move(kept),
                         reset_by_peer(Verdict::violates, "RFC 9293 §3.10.7.4, fourth (TIME-WAIT)",
                                       "RST to a SYN in TIME-WAIT")},
             .silence = nothing(Verdict::no_answer, "RFC 9293 §3.10.7.4, fourth (TIME-WAIT)",
                                "no answer to a new SYN, though it was repeated"),
             .within = 7s}});
}

}  // namespace tcpcraft
