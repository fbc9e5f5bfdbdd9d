#include <libtcpcraft/drive/teardown_steps.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

void reset(Steps& steps, const TeardownRequest& /*request*/) {
    steps.push_back({"reset", AbortCall{}});
    steps.push_back({"reset", Settle{20ms}});
    add_gone(steps, "R-01",
             stands("RFC 9293 §3.10.7.4, second",
                    "the peer lives on after a RST with the exact number", Verdict::violates));
}

namespace {

Answer challenge(std::string text, std::string rule = "RFC 9293 §3.10.7.4, second; RFC 5961 §3.2") {
    return stands(std::move(rule), std::move(text));
}

void add_reset_in_window(Steps& steps, Number at, std::string note) {
    Answer closed = reset_by_peer(Verdict::permitted_deviation,
                                  "RFC 793 p. 37; RFC 5961 §3.2 asks for a challenge ACK",
                                  "closed by it, with a RST of its own");
    closed.ends = true;
    steps.push_back({"RST", Probe{rst_flag, at, {}, 0, std::move(note)}});
    steps.push_back(
        {"RST",
         Ask{.row = "R-02",
             .answers = {challenge("a challenge ACK, and the connection lives"), std::move(closed)},
             .silence = nothing(Verdict::permitted_deviation,
                                "RFC 5961 §3.2 (challenge ACK), §7 (may be limited)",
                                "no challenge ACK, three times"),
             .repeats = 2}});
    steps.push_back({"", Settle{gap}});
}

}  // namespace

void reset_in_window(Steps& steps, const TeardownRequest& /*request*/) {
    add_reset_in_window(steps, {Mark::snd_nxt, 1}, "one above the number that is expected");
    const std::size_t from = steps.size();
    add_reset_in_window(steps, {Mark::window_end, -1}, "the last number in the window");
    add_control(steps, "CP-LIVE",
                stands("RFC 9293 §3.10.7.4, second", "the connection is still there"),
                reset_by_peer(Verdict::permitted_deviation,
                              "RFC 793 p. 37; RFC 5961 §3.2 asks for a challenge ACK",
                              "closed by a RST that was only in the window"));
    only_in(steps, from, {State::established});
}

void reset_outside_window(Steps& steps, const TeardownRequest& /*request*/) {
    steps.push_back({"RST", Probe{rst_flag, {Mark::snd_nxt, -1}, {}, 0, "below the window"}});
    steps.push_back({"RST", Probe{rst_flag, {Mark::window_end, 1000}, {}, 0, "above the window"}});
    Answer odd = reset_by_peer(Verdict::violates, "RFC 9293 §3.5.3", "answered a RST with RST");
    odd.unexplained = true;
    steps.push_back(
        {"RST", Ask{.row = "R-03",
                    .answers = {stands("RFC 9293 §3.10.7.4, first (a RST is dropped)",
                                       "answered where silence is asked for",
                                       Verdict::permitted_deviation),
                                reset_by_peer(Verdict::violates, "RFC 9293 §3.5.3",
                                              "answered a RST with RST"),
                                std::move(odd)},
                    .silence = nothing(Verdict::conforms, "RFC 9293 §3.10.7.4, first",
                                       "dropped in silence, below and above the window"),
                    .proves_silence = true}});
    add_control(steps, "CP-LIVE", stands("RFC 9293 §3.5.3", "the connection is still there"),
                reset_by_peer(Verdict::violates, "RFC 9293 §3.5.3",
                              "closed by a RST from outside the window"));
}

namespace {

void add_syn(Steps& steps, Number at, std::string row, std::string note, Answer closed) {
    closed.ends = true;
    Answer opened{.with = Flags{Flag::syn, Flag::ack},
                  .ack = Number{at.mark, at.offset + 1},
                  .verdict = Verdict::violates,
                  .rule = "RFC 9293 §3.10.7.4, fourth",
                  .text = "SYN,ACK on an open connection"};
    steps.push_back({"SYN", Probe{syn_flag, at, {}, 0, std::move(note)}});
    steps.push_back({"SYN", Ask{.row = std::move(row),
                                .answers = {challenge("a challenge ACK",
                                                      "RFC 9293 §3.10.7.4, fourth; RFC 5961 §4.2"),
                                            std::move(closed), std::move(opened)},
                                .silence = nothing(Verdict::no_answer, "RFC 9293 §3.10.7.4, fourth",
                                                   "no answer to a SYN on an open connection"),
                                .repeats = 1}});
    steps.push_back({"", Settle{gap}});
}

}  // namespace

void syn_in_established(Steps& steps, const TeardownRequest& /*request*/) {
    // The last segment of the handshake is not acknowledged, and in SYN-RECEIVED it is another
    // case.
    for (int i = 0; i < 2; ++i) {
        steps.push_back({"handshake", Probe{ack_flag, snd_nxt, rcv_nxt, 0,
                                            "our ACK again, should it have been lost"}});
    }
    add_syn(
        steps, snd_nxt, "R-08", "in the window",
        reset_by_peer(Verdict::permitted_deviation, "RFC 793 p. 71; RFC 5961 §4.2 asks for an ACK",
                      "closed by it, with RST"));
    const std::size_t from = steps.size();
    add_syn(steps, {Mark::window_end, 1000}, "R-09", "outside the window",
            reset_by_peer(Verdict::violates, "RFC 9293 §3.10.7.4, first; RFC 5961 §4.2",
                          "RST to a SYN from outside the window"));
    add_control(steps, "CP-LIVE", stands("RFC 5961 §4.2", "the connection is still there"),
                reset_by_peer(Verdict::violates, "RFC 5961 §4.2",
                              "the connection did not survive two SYNs"));
    only_in(steps, from, {State::established});
}

}  // namespace tcpcraft
