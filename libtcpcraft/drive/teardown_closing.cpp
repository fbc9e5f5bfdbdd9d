#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

void active_close(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"close", CloseCall{}});
    steps.push_back({"close", asks_for_ack_of_fin(request)});
    add_await_fin(steps, request);
    const std::size_t from = steps.size();
    add_forgotten(steps,
                  "closed; that the peer has forgotten us was not confirmed: no RST to a "
                  "stray ACK");
    only_in(steps, from, {State::time_wait});
}

void passive_close(Steps& steps, const TeardownRequest& request) {
    add_peer_closes(steps, request);
    add_our_close(steps, "T-40", "RFC 9293 §3.10.7.4, eighth",
                  "the peer closed first, and acknowledged our FIN");
}

void half_close(Steps& steps, const TeardownRequest& request) {
    add_send(steps, request);
    steps.push_back({"close", CloseCall{}});
    steps.push_back({"close", asks_for_ack_of_fin(request)});
    const std::size_t from = steps.size();
    add_control(steps, "T-06",
                stands("RFC 9293 §3.10.7.4, first", "half-closed, and alive: CLOSE-WAIT"),
                reset_by_peer(Verdict::inconclusive, "RFC 9293 §3.6.1",
                              "RST while half-closed: its application aborted, or its TCP dropped "
                              "the connection"));
    only_in(steps, from, {State::fin_wait_2});
    steps.push_back({"half-closed",
                     asks_for_fin(request, "T-22",
                                  nothing(Verdict::conforms, "RFC 9293 §3.6.1",
                                          "half-closed all the time, and not aborted")),
                     while_peer_is_open});
}

namespace {

void three_segments_seen(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"close", CloseCall{}});
    Ask ask = asks_for_ack_of_fin(request);
    Answer merged{.with = fin_ack,
                  .ack = snd_nxt,
                  .verdict = Verdict::conforms,
                  .rule = "RFC 9293 §3.6",
                  .text = "three segments: the peer's FIN acknowledges ours"};
    ask.answers.front().text = "four segments: ACK and FIN of the peer came apart";
    ask.answers.insert(ask.answers.begin(), merged);
    ask.row = "T-21";
    steps.push_back({"close", std::move(ask)});
    add_await_fin(steps, request);
}

void three_segments_made(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"", KeepBack{fin_flag}});
    add_send(steps, request);
    steps.push_back({"its FIN", keeps_its_fin(request, "the peer closes first")});
    steps.push_back({"close", Release{}});
    add_our_close(steps, "T-33", "RFC 9293 §3.10.7.4, eighth; §3.6",
                  "our FIN acknowledges the peer's: FIN-WAIT-1 goes straight to TIME-WAIT");
}

}  // namespace

void three_segment_close(Steps& steps, const TeardownRequest& request) {
    closer(request) == Closer::peer ? three_segments_made(steps, request)
                                    : three_segments_seen(steps, request);
}

void simultaneous_close(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"", KeepBack{fin_flag}});
    add_send(steps, request);
    steps.push_back({"its FIN", keeps_its_fin(request, "its FIN is on the way while ours leaves")});
    steps.push_back({"close", CloseCall{}});
    steps.push_back({"crossing", Release{}});
    steps.push_back(
        {"crossing",
         Ask{.row = "T-34",
             .answers = {ack_of_fin(Verdict::conforms, "RFC 9293 §3.6, figure 13",
                                    "both FINs crossed, both sides passed CLOSING"),
                         reset_by_peer(Verdict::violates, "RFC 9293 §3.10.7.4, eighth",
                                       "RST to a FIN that does not acknowledge its own"),
                         not_counted()},
             .silence = nothing(Verdict::no_answer, "RFC 9293 §3.10.7.4, eighth",
                                "no ACK of our FIN, though it was repeated"),
             .within = request.timeout,
             .prompt = true}});
}

namespace {

void data_after_its_close(Steps& steps, const TeardownRequest& request) {
    add_peer_closes(steps, request);
    steps.push_back({"data", SendData{{std::byte{'x'}}, request.timeout, false}});
    Answer refused = reset_by_peer(Verdict::conforms, "RFC 9293 §3.6.1 (MAY-1, SHLD-3)",
                                   "RST: the application closed both ways, nobody will read it");
    Answer wrong = reset_by_peer(Verdict::violates, "RFC 9293 §3.10.7.1",
                                 "RST with a number that is no ACK of ours that it could answer");
    wrong.unexplained = true;
    steps.push_back(
        {"data",
         Ask{.row = "T-38",
             .answers = {std::move(refused), std::move(wrong),
                         ack_of_fin(Verdict::conforms, "RFC 9293 §3.6.1",
                                    "taken: the application closed one way only (shutdown)")},
             .silence =
                 nothing(Verdict::permitted_deviation, "RFC 9293 §3.6.1 (SHLD-3); RFC 2525 §2.16",
                         "no answer to data that nobody will read"),
             .within = 4s}});  // long enough for it to be sent three times
}

void data_after_our_close(Steps& steps, const TeardownRequest& request) {
    steps.push_back({"close", CloseCall{}});
    steps.push_back({"close", asks_for_ack_of_fin(request)});
    const std::size_t from = steps.size();
    steps.push_back({"data", Probe{Flags{Flag::psh, Flag::ack}, snd_nxt, rcv_nxt, 4,
                                   "data behind our own FIN"}});
    Answer taken = nothing(Verdict::violates, "RFC 9293 §3.10.7.4, seventh",
                           "acknowledged data that lies behind our FIN");
    taken.with = ack_flag;
    taken.without = rst_flag;
    taken.ack = Number{Mark::snd_nxt, 4};
    // Its FIN may be on the way; once that is acknowledged other RSTs are due.
    Answer reset =
        reset_by_peer(Verdict::permitted_deviation, "RFC 9293 §3.10.7.4, seventh (ignore the text)",
                      "RST to data behind our FIN");
    reset.seq = Number{Mark::probe_ack, 0};
    Answer over = reset_by_peer(Verdict::conforms, "RFC 9293 §3.10.7.1",
                                "RST: both sides had closed before it arrived");
    over.only_in = {State::time_wait};
    steps.push_back(
        {"data",
         Ask{.row = "T-05",
             .answers = {std::move(taken), std::move(over),
                         stands("RFC 9293 §3.10.7.4, seventh", "ignored, and answered with an ACK"),
                         std::move(reset)},
             .silence =
                 nothing(Verdict::conforms, "RFC 9293 §3.10.7.4, seventh", "ignored in silence")}});
    only_in(steps, from, {State::fin_wait_2});
    const std::size_t closed = steps.size();
    add_gone(
        steps, "T-58",
        stands("RFC 9293 §3.10.7.1", "answered after both sides have closed", Verdict::violates));
    std::get<Probe>(steps[closed].what) = Probe{Flags{Flag::psh, Flag::ack}, snd_nxt, rcv_nxt, 4,
                                                "data after both sides have closed"};
    only_in(steps, closed, {State::time_wait});
}

}  // namespace

void data_after_close(Steps& steps, const TeardownRequest& request) {
    closer(request) == Closer::peer ? data_after_its_close(steps, request)
                                    : data_after_our_close(steps, request);
}

// More than a server reads of a request before it answers, and more than its window.
void unread_data(Steps& steps, const TeardownRequest& request) {
    std::vector<std::byte> data = request.send.value_or(std::vector<std::byte>{});
    data.resize(data.size() + 100000, std::byte{'x'});
    steps.push_back({"excess", SendData{std::move(data), request.timeout, false}});
    Answer reset = reset_by_peer(Verdict::conforms, "RFC 9293 §3.6.1 (SHLD-3); RFC 2525 §2.17",
                                 "closed with RST: the sender learns that not all was read");
    // A RST may follow the FIN; a shut window says that nobody has read what the peer holds.
    Answer fin{.with = fin_ack,
               .verdict = Verdict::inconclusive,
               .rule = reset.rule,
               .text = "closed with FIN alone: its application may have read all that we sent",
               .wait_on = true,
               .then = 1s};
    Answer shut = fin;
    shut.verdict = Verdict::permitted_deviation;
    shut.text = "closed with FIN alone, with a window that unread data had shut";
    shut.shut = true;
    Ask ask = asks_for_fin(request, "T-55", never_closes());
    ask.unheard = never_heard();
    ask.answers = {ask.answers.front(), std::move(shut), std::move(fin), std::move(reset)};
    steps.push_back({"its close", std::move(ask)});
}

void fin_wait_2_timeout(Steps& steps, const TeardownRequest& request) {
    add_peer_closes(steps, request);
    steps.push_back({"FIN-WAIT-2", Settle{request.look_after.value_or(Duration{})}});
    add_control(
        steps, "T-41", stands("RFC 9293 §3.10.7.4, first", "the peer is still in FIN-WAIT-2"),
        reset_by_peer(Verdict::permitted_deviation, "RFC 9293 §3.6.1 (FIN-WAIT-2 has no limit)",
                      "the peer has left FIN-WAIT-2"));
}

}  // namespace tcpcraft
