#include <array>

#include <tests/support/dialogue.hpp>

// What the eight checks of RFC 9293 §3.10.7.4, and the calls, do where two conditions meet.

namespace tcpcraft::test {
namespace {

class Corner : public Dialogue {
protected:
    void establish_with(std::string_view syn_ack) {
        active_open();
        (void)next_transmit();
        enters(State::syn_sent);
        arrives(syn_ack);
        enters(State::established);
        (void)next_transmit();
    }
};
TCPCRAFT_DIALOGUES(Corner);

// ---- first: the sequence number

TEST_P(Corner, AResetWithTheSynsNumberIsNoRepeatedSyn) {  // RFC 9293 §3.10.7.4, first
    go_to(State::syn_received);
    arrives("SR 0:0(0)");
    discards(DiscardReason::reset_out_of_window);
    stays();
}

TEST_P(Corner, OnlyTheLastFinRestartsTimeWait) {  // RFC 9293 §3.10.7.4, first and eighth
    go_to(State::time_wait);
    const Instant ends = next_deadline(tcb);
    now += 1s;
    arrives("F. 0:0(0) ack 2");  // a FIN that is older still
    sends(". 2:2(0) ack 2");
    acts_by(Rule::sequence_unacceptable);
    arrives("SF. 0:0(0) ack 2");  // and one with a SYN
    sends(". 2:2(0) ack 2");
    acts_by(Rule::sequence_unacceptable);
    EXPECT_EQ(next_deadline(tcb), ends);
}

TEST_P(Corner, ASynAtAZeroWindowIsOutOfIt) {  // RFC 9293 §3.4 Table 5
    establish();
    tcb.rcv.wnd = 0;
    arrives("S. 1:2(1) ack 1");
    sends(". 1:1(0) ack 1 win 0");
    discards(DiscardReason::sequence_unacceptable);
}

TEST_P(Corner, AFinAtAZeroWindowWaits) {  // RFC 9293 §3.4 Table 5
    establish();
    tcb.rcv.wnd = 0;
    arrives("F. 1:1(0) ack 1");
    sends(". 1:1(0) ack 1 win 0");
    EXPECT_EQ(tcb.state, State::established);
    tcb.rcv.wnd = 10;
    arrives("F. 1:1(0) ack 1");
    sends(". 1:1(0) ack 2");
    enters(State::close_wait);
}

// ---- second and fourth: RST and SYN by the older rules

TEST_P(Corner, ASynInTheWindowResetsByTheOldRules) {  // RFC 793 §3.9, fourth
    policy.challenge_ack = false;
    establish();
    arrives("S. 5:5(0) ack 1");
    sends("R 1:1(0)");
    notifies(Notice::connection_reset);
    enters(State::closed);
}

TEST_P(Corner, AnOldAckIsToleratedByTheOldRules) {  // RFC 793 §3.9, fifth
    policy.challenge_ack = false;
    establish();
    arrives("P. 1:3(2) ack 4294901761");
    delivers(2);
    sends(". 1:1(0) ack 3");
}

// ---- a SYN in TIME-WAIT

TEST_P(Corner, ASynDoesNotReopenWhereThePolicyForbidsIt) {  // RFC 9293 §3.10.7.4, fourth
    policy.rfc6191 = false;
    go_to(State::time_wait);
    tcb.opened_passively = true;
    arrives("S 100:100(0)");
    sends(". 2:2(0) ack 2");
    stays();
}

TEST_P(Corner, OnlyABareSynReopens) {  // RFC 9293 §3.6.1
    go_to(State::time_wait);
    tcb.opened_passively = true;
    arrives("S. 100:100(0) ack 2");
    sends(". 2:2(0) ack 2");
    now += 1s;  // the next challenge may go out
    arrives("SR 100:100(0)");
    sends(". 2:2(0) ack 2");
    discards(DiscardReason::reset_ignored, Rule::rst_challenge);
    stays();
}

// ---- fifth: the ACK

TEST_P(Corner, TheUserTimeoutGoesOnForWhatWaitsUnsent) {  // RFC 9293 §3.9.1.1
    policy.user_timeout = 5s;
    establish_with("S. 0:0(0) ack 1 win 2");
    send("abcd");
    sends(". 1:3(2) ack 1");
    now += 1s;
    arrives(". 1:1(0) ack 3 win 0");
    EXPECT_EQ(tcb.timers.at(Timer::user), now + 5s);
}

TEST_P(Corner, AnAckOfAllStopsAClockedWindow) {  // RFC 9293 §3.10.7.4, fifth: SND.WL2
    establish_with("S. 0:0(0) ack 1 win 100");
    send("ab");
    sends("P. 1:3(2) ack 1");
    arrives(". 1:1(0) ack 3 win 50");
    EXPECT_EQ(tcb.snd.wnd, 50U);
    arrives(". 1:1(0) ack 2 win 90");
    discards(DiscardReason::ack_duplicate);
    EXPECT_EQ(tcb.snd.wnd, 50U);
}

// ---- seventh: text

TEST_P(Corner, WhatIsHeldAndComesAgainIsDeliveredOnce) {  // RFC 9293 §3.10.7.4, seventh
    establish();
    arrives(". 11:21(10) ack 1");
    sends(". 1:1(0) ack 1");
    arrives(". 1:31(30) ack 1");
    delivers(30);
    sends(". 1:1(0) ack 31");
    stays();
}

TEST_P(Corner, TextThatIsKnownWithAFinThatIsNot) {  // RFC 9293 §3.10.7.4, seventh and eighth
    establish();
    arrives(". 1:11(10) ack 1");
    delivers(10);
    sends(". 1:1(0) ack 11");
    arrives("F. 1:11(10) ack 1");
    sends(". 1:1(0) ack 12");
    enters(State::close_wait);
}

TEST_P(Corner, AHalfDuplexCloseResetsNothingBeforeItIsOne) {  // RFC 9293 §3.6.1
    policy.half_duplex_close = true;
    establish();
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    sends(". 1:1(0) ack 2");
    close();
    sends("F. 1:1(0) ack 2");
    enters(State::fin_wait_1);
    arrives(". 2:2(0) ack 2");
    enters(State::fin_wait_2);
    stays();
}

// ---- eighth: the FIN, with an ACK that may wait

TEST_P(Corner, TheAckOfAFinWaitsForOurOwn) {  // RFC 9293 §3.8.6.3
    policy.delayed_ack = 200ms;
    establish();
    arrives("F. 1:1(0) ack 1");
    enters(State::close_wait);
    says_nothing();
    close();
    sends("F. 1:1(0) ack 2");
    enters(State::last_ack);
}

TEST_P(Corner, TheAckOfAFinDoesNotWaitBesideData) {  // RFC 9293 §3.8.6.3
    policy.delayed_ack = 200ms;
    establish();
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    const auto set = tcb.timers.at(Timer::delayed_ack);
    now += 100ms;
    arrives("F. 2:2(0) ack 1");
    enters(State::close_wait);
    EXPECT_EQ(tcb.timers.at(Timer::delayed_ack), set);  // not put off
    after(100ms);
    sends(". 1:1(0) ack 3");
}

TEST_P(Corner, TheAckOfAFinDoesNotWaitBehindASecondSegment) {  // RFC 9293 §3.8.6.3
    policy.delayed_ack = 200ms;
    establish();
    arrives("P. 1:2(1) ack 1");
    delivers(1);
    arrives("FP. 2:3(1) ack 1");
    delivers(1);
    sends(". 1:1(0) ack 4");
    enters(State::close_wait);
}

TEST_P(Corner, TheAckOfAFinDoesNotWaitInFinWait2) {  // RFC 9293 §3.10.7.4, eighth
    policy.delayed_ack = 200ms;
    go_to(State::fin_wait_2);
    arrives("F. 1:1(0) ack 2");
    sends(". 2:2(0) ack 2");
    enters(State::time_wait);
}

// ---- timestamps

TEST_P(Corner, TimestampsAreNotAgreedOnByOneSide) {  // RFC 7323 §3.2
    go_to(State::listen);
    arrives("S 0:0(0) <TS val 5 ecr 0>");
    sends("S. 0:0(0) ack 1 <>");
    enters(State::syn_received);
    EXPECT_FALSE(tcb.timestamps);
}

TEST_P(Corner, AResetEchoesTheTimestampOfWhatItAnswers) {  // RFC 7323 §3.2
    go_to(State::listen);
    arrives(". 5:5(0) ack 77 <nop,nop,TS val 9 ecr 8>");
    sends("R 77:77(0) <nop,nop,TS val 0 ecr 9>");
    arrives("S. 5:5(0) ack 77 <nop,nop,TS val 9 ecr 8>");  // a SYN agrees on nothing yet
    sends("R 77:77(0) <>");
    stays();
}

TEST_P(Corner, PaddingDoesNotOutliveWhatItPadded) {  // RFC 7323 §3.2
    policy.syn_options = {MaximumSegmentSize{1000}, Timestamps{}, SackPermitted{}, EndOfList{}};
    go_to(State::listen);
    arrives("S 0:0(0) <mss 1460,sackOK>");
    sends("S. 0:0(0) ack 1 <mss 1000,sackOK,nop,nop>");
    enters(State::syn_received);
}

// ---- what is sent

TEST_P(Corner, DataThatDoesNotFitBesideTheOptionsWaits) {  // RFC 9293 §3.7.1
    policy.mms_s = 24;
    policy.syn_options = {NoOperation{}, WindowScale{1}};
    static constexpr std::array<std::byte, 3> data{};
    call(ActiveOpen{.id = id, .iss = GetParam().iss, .syn_data = data});
    sends("S 0:0(0)");
    enters(State::syn_sent);
    arrives("S. 0:0(0) ack 1 win 1000");
    enters(State::established);
    sends("P. 1:4(3) ack 1");
}

TEST_P(Corner, DataIsPushedOnlyWhenAskedTo) {  // RFC 9293 §3.9.1.2
    establish();
    static constexpr std::array<std::byte, 3> data{};
    call(Send{.data = data, .push = false});
    sends(". 1:4(3) ack 1");
    arrives(". 1:1(0) ack 4");
}

TEST_P(Corner, TwoSendsIntoAClosedWindowAreProbedOnce) {  // RFC 9293 §3.8.6.1
    establish_with("S. 0:0(0) ack 1 win 0");
    send("a");
    const Instant probe = next_deadline(tcb);
    now += 500ms;
    send("b");
    EXPECT_EQ(next_deadline(tcb), probe);
    after(500ms);
    sends(". 1:2(1) ack 1");
}

TEST_P(Corner, AFinThatLostItsRoomIsNotRepeated) {  // RFC 9293 §3.8.6
    establish_with("S. 0:0(0) ack 1 win 100");
    send("abc");
    sends("P. 1:4(3) ack 1");
    close();
    sends("F. 4:4(0) ack 1");
    enters(State::fin_wait_1);
    arrives(". 1:1(0) ack 1 win 3");
    after(1s);
    sends("P. 1:4(3) ack 1");
    arrives(". 1:1(0) ack 4 win 3");
    after(2s);
    sends("F. 4:4(0) ack 1");
}

// ---- calls

TEST_P(Corner, AConnectionCannotBeOpenedPassivelyAsWell) {  // RFC 9293 §3.10.1
    establish();
    passive_open();
    notifies(Notice::connection_already_exists);
    stays();
}

TEST_P(Corner, SendAfterACloseThatWaitsIsTooLate) {  // RFC 9293 §3.10.2, §3.10.4
    go_to(State::syn_received);
    send("a");
    close();
    send("b");
    notifies(Notice::connection_closing);
    arrives(". 1:1(0) ack 1");
    enters(State::established);
    sends("FP. 1:2(1) ack 1");
    enters(State::fin_wait_1);
}

TEST_P(Corner, CloseInSynReceivedWaitsForAWindow) {  // RFC 9293 §3.10.4
    go_to(State::listen);
    arrives("S 0:0(0) win 0");
    sends("S. 0:0(0) ack 1");
    enters(State::syn_received);
    close();
    stays();
    arrives(". 1:1(0) ack 1 win 10");
    enters(State::established);
    sends("F. 1:1(0) ack 1");
    enters(State::fin_wait_1);
}

TEST_P(Corner, AbortInTimeWaitAndClosingSaysNothing) {  // RFC 9293 §3.10.5
    go_to(State::closing);
    abort();
    enters(State::closed);
    says_nothing();
}

// ---- a simultaneous open with a window scale

TEST_P(Corner, TheWindowOfASynAckIsNeverScaled) {  // RFC 7323 §2.2
    policy.syn_options = {NoOperation{}, WindowScale{4}};
    go_to(State::syn_sent);
    arrives("S 0:0(0) win 500 <nop,wscale 4>");
    sends("S. 0:0(0) ack 1");
    enters(State::syn_received);
    arrives("S. 0:0(0) ack 1 win 500 <nop,wscale 4>");
    enters(State::established);
    EXPECT_EQ(tcb.snd.wnd, 500U);
    arrives(". 1:1(0) ack 1 win 500");
    EXPECT_EQ(tcb.snd.wnd, 8000U);
}

}  // namespace
}  // namespace tcpcraft::test
