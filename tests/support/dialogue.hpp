#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <libtcpcraft/engine/advance.hpp>

namespace tcpcraft::test {

using namespace std::chrono_literals;

/// What both sides start from: once at 0, once just below the wrap.
struct Origins {
    Seq iss{};
    Seq irs{};
};

/// A test that talks to the state machine as its peer and its user. Segments are written in
/// packetdrill's notation with relative numbers: ours count from ISS, the peer's from IRS. Each
/// Transmit, Entered and Deliver has to be asked for before the next event; on failure the whole
/// dialogue so far is printed.
class Dialogue : public ::testing::TestWithParam<Origins> {
protected:
    Dialogue();
    void TearDown() override;

    // ---- what happens
    void arrives(std::string_view notation);
    void call(const Event& event);
    void active_open();
    void passive_open();
    void send(std::string_view octets);
    void close() { call(Close{}); }
    void abort() { call(Abort{}); }
    void after(Duration passed);
    /// To the next deadline, and lets it fire.
    void wait_for_timer();

    // ---- what must have come of it
    void sends(std::string_view notation);
    void enters(State state);
    /// No other state, and nothing more is sent.
    void stays();
    void says_nothing();
    void delivers(std::string_view octets);
    /// As many octets of zero, as packetdrill's notation has them.
    void delivers(std::size_t zeros);
    void discards(DiscardReason why);
    void discards(DiscardReason why, Rule rule);
    void notifies(Notice notice);
    void acts_by(Rule rule);
    /// The next segment sent, to be looked at; null when there is none.
    [[nodiscard]] const Transmit* next_transmit() { return next<Transmit>(); }

    // ---- ways to the states
    void establish();
    void go_to(State state);

    Policy policy{};
    Tcb tcb{};
    Instant now{std::chrono::seconds{1000}};
    Actions actions{};
    ConnectionId id{};

    [[nodiscard]] Seq ours(std::uint32_t relative) const { return GetParam().iss + relative; }
    [[nodiscard]] Seq theirs(std::uint32_t relative) const { return GetParam().irs + relative; }

private:
    void step(const Event& event, std::string told);
    void tell(std::string line) { told_.push_back(std::move(line)); }
    void settle();
    void fail(std::string_view what);
    [[nodiscard]] std::string story() const;
    [[nodiscard]] std::string in_words(const Action& action) const;
    template <typename T>
    [[nodiscard]] const T* next();

    std::vector<std::string> told_{};
    std::vector<bool> asked_{};
    std::deque<std::vector<std::byte>> octets_{};
};

/// The parameters of every dialogue.
[[nodiscard]] std::string origin_name(const ::testing::TestParamInfo<Origins>& info);
inline const Origins at_zero{Seq{0}, Seq{0}};
inline const Origins below_the_wrap{Seq{0xffffffff}, Seq{0xfffffffe}};

}  // namespace tcpcraft::test

/// Runs the tests of a fixture from both origins.
#define TCPCRAFT_DIALOGUES(Fixture)                                                     \
    INSTANTIATE_TEST_SUITE_P(                                                           \
        From, Fixture,                                                                  \
        ::testing::Values(::tcpcraft::test::at_zero, ::tcpcraft::test::below_the_wrap), \
        ::tcpcraft::test::origin_name)
