#include <fmt/format.h>

#include <libtcpcraft/drive/keep_alive_matrix.hpp>
#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

std::string id_of(MatrixSituation situation, MatrixForm form) {
    return fmt::format("{}/{}", text(situation), text(form));
}

Probe probe_of(MatrixForm form) {
    Probe made{ack_flag, {Mark::snd_nxt, -1}, rcv_nxt, 0, "probe: " + std::string{spelled(form)},
               {}};
    switch (form) {
        case MatrixForm::empty:
            break;
        case MatrixForm::octet_without_stamp:
            made.payload_size = 1;
            made.stamp = ProbeStamp::none;
            break;
        case MatrixForm::empty_without_stamp:
            made.stamp = ProbeStamp::none;
            break;
        case MatrixForm::octet_old_stamp:
            made.payload_size = 1;
            made.stamp = ProbeStamp::old;
            break;
        case MatrixForm::empty_old_stamp:
            made.stamp = ProbeStamp::old;
            break;
        case MatrixForm::octet:
            made.payload_size = 1;
            break;
        case MatrixForm::two_below:
            made.seq = {Mark::snd_nxt, -2};
            break;
        case MatrixForm::plain:
            made.seq = snd_nxt;
            break;
    }
    return made;
}

Answer by_the_table(const MatrixRequest& request, MatrixForm form, MatrixAnswer kind) {
    const MatrixRule& rule = rule_for(form, request.situation, kind);
    return nothing(rule.verdict, std::string{rule.rule}, std::string{rule.text});
}

/// An ACK that says where the peer stands. Half-closed, its own FIN may have been kept back.
Answer ack_answer(const MatrixRequest& request, MatrixForm form) {
    Answer made = by_the_table(request, form, MatrixAnswer::ack);
    made.with = ack_flag;
    made.without = Flags{Flag::rst, Flag::syn, Flag::fin};
    made.ack = snd_nxt;
    made.empty = true;
    if (request.situation == MatrixSituation::half_closed) {
        made.seq_beyond = Number{Mark::rcv_nxt, -1};
    } else {
        made.seq = rcv_nxt;
    }
    // Our RST may have been lost; our CLOSED sends another one now.
    made.wait_on = request.situation == MatrixSituation::gone;
    return made;
}

constexpr const char* right_numbers = "RFC 9293 §3.10.7.4, first (SEQ=SND.NXT, ACK=RCV.NXT)";

Answer wrong_ack(std::string text) {
    return {.with = ack_flag,
            .without = Flags{Flag::rst, Flag::syn, Flag::fin},
            .verdict = Verdict::violates,
            .rule = right_numbers,
            .text = std::move(text),
            .empty = true};
}

/// What lies below is not among them: the peer's own keep-alive, or an ACK that was late.
void add_wrong_numbers(std::vector<Answer>& answers) {
    Answer above = wrong_ack(
        "ACK of more than was ever sent: the octet of a probe is garbage, and lies before the "
        "window");
    above.ack_beyond = snd_nxt;
    Answer repeats = wrong_ack("ACK with the number of the probe, not with what the peer expects");
    repeats.ack = Number{Mark::snd_nxt, -1};
    repeats.wait_on = true;
    Answer ahead = wrong_ack("ACK whose SEQ is beyond what the peer has sent");
    ahead.seq_beyond = rcv_nxt;
    ahead.wait_on = true;
    answers.insert(answers.end(), {std::move(above), std::move(repeats), std::move(ahead)});
}

Ask ask_of(const MatrixRequest& request, MatrixForm form) {
    Answer reset = by_the_table(request, form, MatrixAnswer::reset);
    reset.with = rst_flag;
    Answer odd = reset_by_peer(Verdict::violates, "RFC 9293 §3.10.7.1",
                               "RST with a number that is no ACK of ours that it could answer");
    odd.unexplained = true;
    std::vector<Answer> answers{ack_answer(request, form), std::move(reset), std::move(odd)};
    add_wrong_numbers(answers);
    return {.row = id_of(request.situation, form),
            .answers = std::move(answers),
            .silence = by_the_table(request, form, MatrixAnswer::silence),
            .go_on = true,
            .repeats = request.situation == MatrixSituation::gone ? 2U : 1U};
}

void add_form(Steps& steps, const MatrixRequest& request, MatrixForm form) {
    const std::string name{text(form)};
    const std::size_t from = steps.size();
    steps.push_back({name, probe_of(form)});
    steps.push_back({name, ask_of(request, form)});
    steps.push_back({"", Settle{gap}});
    for (std::size_t i = from; i < steps.size(); ++i) {
        steps[i].if_timestamps = needs_timestamps(form);
    }
}

/// After the last form: that the peer is still there makes silence before it mean something.
void add_last_control(Steps& steps) {
    steps.push_back({"control", Probe{ack_flag,
                                      {Mark::snd_nxt, -1},
                                      rcv_nxt,
                                      1,
                                      "control probe: does the peer still answer?",
                                      {}}});
    steps.push_back(
        {"control",
         Ask{.answers = {nothing(Verdict::conforms, "", "")}, .go_on = true, .repeats = 1}});
}

TeardownRequest closing(const MatrixRequest& request) {
    TeardownRequest made;
    made.server = request.server;
    made.send = request.send;
    made.timeout = request.timeout;
    made.patience = request.patience;
    return made;
}

void add_situation(Steps& steps, const MatrixRequest& request) {
    const TeardownRequest as = closing(request);
    add_open(steps, as);
    switch (request.situation) {
        case MatrixSituation::established:
            break;
        case MatrixSituation::half_closed:
            steps.push_back({"", Settle{gap}});
            steps.push_back({"", KeepBack{fin_flag, true}});
            steps.push_back({"close", CloseCall{}});
            steps.push_back({"close", asks_for_ack_of_fin(as)});
            break;
        case MatrixSituation::time_wait:
            add_peer_closes(steps, as);
            add_our_close(steps, "T-40", "RFC 9293 §3.10.7.4, eighth",
                          "the peer is in TIME-WAIT now");
            break;
        case MatrixSituation::gone:
            steps.push_back({"", Settle{gap}});
            steps.push_back({"reset", AbortCall{}});
            break;
    }
    steps.push_back({"", Settle{gap}});
}

State ours_in(MatrixSituation situation) {
    switch (situation) {
        case MatrixSituation::established:
            return State::established;
        case MatrixSituation::half_closed:
            return State::fin_wait_2;
        case MatrixSituation::time_wait:
        case MatrixSituation::gone:
            break;
    }
    return State::closed;
}

}  // namespace

Scenario matrix_scenario(const MatrixRequest& request) {
    Scenario scenario{"matrix: " + std::string{text(request.situation)}, {}};
    Steps& steps = scenario.steps;
    add_situation(steps, request);
    const std::size_t from = steps.size();
    for (const MatrixForm form : request.forms) {
        add_form(steps, request, form);
    }
    add_last_control(steps);
    only_in(steps, from, {ours_in(request.situation)});
    add_end(steps, closing(request));
    return scenario;
}

// The peer's TIME-WAIT must not die of our CLOSED (RFC 1337).
void adapt_policy(const MatrixRequest& request, Policy& policy) noexcept {
    policy.deviations.mute_when_closed = request.situation == MatrixSituation::time_wait;
}

}  // namespace tcpcraft
