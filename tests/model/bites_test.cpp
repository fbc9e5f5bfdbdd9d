#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <tests/model/defects.hpp>
#include <tests/model/starts.hpp>

#include <libtcpcraft/sim/retell.hpp>

// Each law has a defect that breaks it, and the exploration finds the way. What it prints is stored
// in golden/; TCPCRAFT_RENEW_GOLDEN=1 in the environment writes the files anew.

namespace tcpcraft::model {
namespace {

#ifndef TCPCRAFT_MODEL_GOLDEN
#error "where the golden files lie"
#endif

std::string golden_path(const std::string& name) {
    return std::string{TCPCRAFT_MODEL_GOLDEN} + "/" + name + ".txt";
}

std::string stored(const std::string& name) {
    std::ifstream file{golden_path(name)};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool renews() { return std::getenv("TCPCRAFT_RENEW_GOLDEN") != nullptr; }

/// The way to the broken law; empty when there is none.
std::string way(const Start& start) {
    const Exploration seen = explore(start.world, start.setting, start.laws, start.bounds);
    return seen.found ? retell(start.world, start.setting, *seen.found) : std::string{};
}

/// The honest machine keeps the laws from this start; the altered one breaks `law`.
void bites(const std::string& name, Start start, const std::function<void(Setting&)>& defect,
           const std::string& law) {
    EXPECT_EQ(way(start), "");
    defect(start.setting);
    const std::string told = way(start);
    EXPECT_NE(told.find(law), std::string::npos) << told;
    if (renews()) {
        std::ofstream{golden_path(name)} << told;
    }
    EXPECT_EQ(told, stored(name)) << "TCPCRAFT_RENEW_GOLDEN=1 stores it anew";
}

std::function<void(Setting&)> step(StepFunction altered) {
    return [altered = std::move(altered)](Setting& setting) { setting.step = altered; };
}

std::function<void(Setting&)> both(void (*alter)(Policy&)) {
    return [alter](Setting& setting) {
        for (Policy& policy : setting.policy) {
            alter(policy);
        }
    };
}

const UserCalls close_only{closes()};
const UserCalls send_close{sends(1), closes()};
const UserCalls send_twice_close{sends(1), sends(1), closes()};

TEST(Bites, TwoWayHandshake) {  // RFC 9293 §3.5
    bites("two_way_handshake", old_duplicate_syn(true, {}),
          both([](Policy& policy) { policy.deviations.two_way_handshake = true; }),
          "an old duplicate SYN leaves a side ESTABLISHED");
}

TEST(Bites, NoTimeWait) {  // RFC 9293 §3.6.1 (MUST-13)
    bites("no_time_wait", client_server({close_only, close_only}, {.losses = 1, .timeouts = 1}),
          both([](Policy& policy) { policy.deviations.no_time_wait = true; }),
          "a repeated FIN is not answered");
}

/// A sends two octets, closes, and opens again with a number from which the second of them would be
/// the first; one segment may be doubled. TIME-WAIT ignores resets (RFC 1337).
Start opens_twice() {
    const Numbers first = far_from_the_wrap;
    const UserCalls a{sends(2), closes(), open_actively(first.a + 1)};
    const UserCalls b{closes(), open_passively(first.b + 2)};
    Start start = established({a, b}, {.duplicates = 1}, first);
    for (Policy& policy : start.setting.policy) {
        policy.rfc1337 = true;
    }
    start.laws = {laws::octets_as_sent};
    start.bounds.look_for_ends = false;  // an old SYN may leave a side waiting for R2
    return start;
}

TEST(Bites, OldOctetsWithoutTimeWait) {  // RFC 9293 §3.6.1, §3.4.3
    bites("old_octets_without_time_wait", opens_twice(),
          both([](Policy& policy) { policy.deviations.no_time_wait = true; }),
          "is not what was sent there on this connection");
}

TEST(Bites, TimeWaitAssassination) {  // RFC 1337 §3: what RFC 9293 itself allows
    bites("time_wait_assassination", opens_twice(),
          both([](Policy& policy) { policy.rfc1337 = false; }),
          "is not what was sent there on this connection");
}

TEST(Bites, SilenceInTimeWait) {  // RFC 9293 §3.10.7.4, eighth
    bites("silence_in_time_wait",
          client_server({close_only, close_only}, {.losses = 1, .timeouts = 1}),
          step(silent_in_time_wait()), "a repeated FIN is not answered");
}

TEST(Bites, PlainLessThan) {  // RFC 9293 §3.4
    const Scripts sends_one{send_close, close_only};
    bites("plain_less_than", client_server(sends_one, {}), step(compares_plain_numbers()),
          "neither CLOSED nor TIME-WAIT is ever reached");
    Start far = client_server(sends_one, {}, far_from_the_wrap);
    far.setting.step = compares_plain_numbers();
    EXPECT_EQ(way(far), "") << "away from the wrap nobody would have noticed";
}

TEST(Bites, FinOutOfOrder) {  // RFC 9293 §3.10.7.4, eighth
    bites("fin_out_of_order", client_server({send_close, close_only}, {}),
          step(takes_fin_out_of_order()), "a FIN is taken when 0 of 1 octets");
}

TEST(Bites, TextTwice) {  // RFC 9293 §3.10.7.4, first
    bites("text_twice", client_server({send_close, close_only}, {.duplicates = 1}),
          step(takes_text_twice()), "is not what was sent there on this connection");
}

TEST(Bites, TextOutOfOrder) {  // RFC 9293 §3.10.7.4, seventh
    bites("text_out_of_order", client_server({send_twice_close, close_only}, {}),
          step(takes_text_out_of_order()), "is not what was sent there on this connection");
}

TEST(Bites, ResetAnywhereInTheWindow) {  // RFC 9293 §3.10.7.4, second (RFC 5961 §3.2)
    bites("reset_anywhere_in_the_window", client_server({{sends(1), aborts()}, close_only}, {}),
          both([](Policy& policy) { policy.challenge_ack = false; }),
          "a reset that is not at RCV.NXT ends a connection");
}

TEST(Bites, ResetForAReset) {  // RFC 9293 §3.5.2
    bites("reset_for_a_reset", client_server({{aborts()}, {aborts()}}, {}),
          step(answers_reset_with_reset()), "a reset is answered with a reset");
}

TEST(Bites, NoThrottle) {  // RFC 5961 §7
    bites("no_throttle", desynchronised({}),
          both([](Policy& policy) { policy.challenge_spacing = Duration{}; }),
          "the exchange of segments never ends");
}

TEST(Bites, NoThrottleBothWays) {  // RFC 5961 §7
    bites("no_throttle_both_ways", desynchronised_both_ways({}),
          both([](Policy& policy) { policy.challenge_spacing = Duration{}; }),
          "the exchange of segments never ends");
}

TEST(Bites, WindowIgnored) {  // RFC 9293 §3.8.6
    bites("window_ignored", client_server({{sends(5), closes()}, close_only}, {}),
          step(ignores_the_window()), "beyond the peer's window");
}

TEST(Bites, EveryAckBelieved) {  // RFC 9293 §3.10.7.4, fifth
    bites("every_ack_believed", desynchronised({}), step(believes_every_ack()),
          "it no longer holds that SND.UNA =< SND.NXT");
}

TEST(Bites, AnySynAckTaken) {  // RFC 9293 §3.10.7.3, first
    bites("any_syn_ack_taken", old_duplicate_syn(false, {.losses = 1}), step(takes_any_syn_ack()),
          "ESTABLISHED");
}

TEST(Bites, NoRetransmission) {  // RFC 9293 §3.8.1 (MUST-18)
    bites("no_retransmission", client_server({close_only, close_only}, {.losses = 1}),
          step(never_retransmits()), "neither CLOSED nor TIME-WAIT is ever reached");
}

TEST(Bites, UnacceptableUnanswered) {  // RFC 9293 §3.10.7.4, first
    bites("unacceptable_unanswered", client_server({close_only, close_only}, {.losses = 1}),
          step(drops_what_is_unacceptable()), "neither CLOSED nor TIME-WAIT is ever reached");
}

TEST(Bites, FinWait2WithoutLimit) {  // RFC 9293 §3.6: the RFC itself sets none
    Start start = client_server({close_only, {aborts()}}, {.losses = 1});
    bites("fin_wait_2_without_limit", start,
          both([](Policy& policy) { policy.fin_wait_2.reset(); }),
          "nothing is left that could happen");
}

}  // namespace
}  // namespace tcpcraft::model
