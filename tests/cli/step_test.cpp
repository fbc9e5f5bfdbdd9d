// --step between the state machine and the wire, with commands from a pipe, in virtual time.
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/simulated_run.hpp>
#include <tools/cli/step.hpp>
#include <unistd.h>

namespace tcpcraft::cli {
namespace {

using test::SeenSegment;
using test::SimulatedRun;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A run whose prompt reads `commands` from a pipe.
class Stepped {
public:
    explicit Stepped(const std::string& commands) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        EXPECT_EQ(::write(ends[1], commands.data(), commands.size()),
                  static_cast<ssize_t>(commands.size()));
        ::close(ends[1]);
        in_ = ::fdopen(ends[0], "r");
        out_ = std::tmpfile();
        step_ = std::make_unique<StepInterceptor>(
            StepSetup{.out = shown_, .now = [] { return Instant{}; }, .stop = [this] { ++stops_; }},
            open_step_prompt(in_, out_));
        run.setup.interceptor = step_.get();
    }
    Stepped(const Stepped&) = delete;
    Stepped& operator=(const Stepped&) = delete;
    ~Stepped() {
        step_.reset();
        std::fclose(in_);
        std::fclose(out_);
    }

    [[nodiscard]] std::string shown() const { return shown_.str(); }
    [[nodiscard]] int stops() const { return stops_; }
    [[nodiscard]] std::vector<SeenSegment> out() const {
        std::vector<SeenSegment> ours;
        for (const SeenSegment& segment : run.seen().segments) {
            if (segment.direction == Direction::out) {
                ours.push_back(segment);
            }
        }
        return ours;
    }
    void end() { step_.reset(); }

    SimulatedRun run{};

private:
    std::ostringstream shown_{};
    int stops_{0};
    std::FILE* in_{nullptr};
    std::FILE* out_{nullptr};
    std::unique_ptr<StepInterceptor> step_{};
};

TEST(StepInterceptor, AnEditedIsnIsTheTcbs) {
    Stepped stepped{"e isn=5000 win=1000\ns\nrun\n"};
    const Session& session = stepped.run.run();
    EXPECT_EQ(session.connection().tcb().snd.iss, Seq{5000});
    EXPECT_THAT(stepped.out().at(0).text, StartsWith("S 0:0(0) win 1000"));
    EXPECT_FALSE(stepped.out().at(0).altered);
    EXPECT_TRUE(session.outcome()->established);
}

TEST(StepInterceptor, AnAbsoluteSequenceNumberOnTheFirstSynIsItsIsn) {
    Stepped stepped{"e seq=!77\ns\nrun\n"};
    EXPECT_EQ(stepped.run.run().connection().tcb().snd.iss, Seq{77});
    EXPECT_FALSE(stepped.out().at(0).altered);
}

TEST(StepInterceptor, OptionsOfASynAreAnHonestChoice) {
    Stepped stepped{"e options=mss 500\ns\nrun\n"};
    const Session& session = stepped.run.run();
    EXPECT_THAT(stepped.out().at(0).text, HasSubstr("<mss 500>"));
    EXPECT_FALSE(stepped.out().at(0).altered);
    EXPECT_FALSE(session.connection().tcb().window_scaling);
}

TEST(StepInterceptor, AnAddedNumberIsALieAndTheTcbStays) {
    Stepped stepped{"e seq+1\ns\ni\nr\n"};
    const Session& session = stepped.run.run();
    EXPECT_THAT(stepped.out().at(0).text, StartsWith("S 1:1(0)"));
    EXPECT_TRUE(stepped.out().at(0).altered);
    EXPECT_EQ(session.connection().tcb().snd.iss, Seq{1000});
    EXPECT_THAT(stepped.out().at(1).text, StartsWith("S 0:0(0)"));  // comes out honest
    EXPECT_TRUE(stepped.out().at(1).retransmission);
    EXPECT_FALSE(stepped.out().at(1).altered);
}

TEST(StepInterceptor, OtherFlagsAreLaidOver) {
    Stepped stepped{"flags=SF\ns\nrun\n"};
    stepped.run.run();
    EXPECT_THAT(stepped.out().at(0).text, StartsWith("FS 0:0(0)"));
    EXPECT_TRUE(stepped.out().at(0).altered);
    EXPECT_THAT(stepped.shown(), HasSubstr("altered"));
}

TEST(StepInterceptor, WhatSaysTheSameAltersNothing) {
    Stepped stepped{"flags=S seq+0\ns\nrun\n"};
    stepped.run.run();
    EXPECT_FALSE(stepped.out().at(0).altered);
}

TEST(StepInterceptor, AWindowIsScaledAsTheSegmentIsSent) {
    Stepped stepped{"s\na\ne win=100\ns\nrun\n"};
    const Session& session = stepped.run.run();
    EXPECT_THAT(stepped.out().at(1).text, HasSubstr("win 100"));
    EXPECT_FALSE(stepped.out().at(1).altered);
    EXPECT_EQ(session.connection().tcb().rcv.wnd,
              std::uint32_t{100} << session.connection().tcb().rcv_shift);
}

TEST(StepInterceptor, ADroppedSynIsOfferedAgain) {
    Stepped stepped{"d\ns\nrun\n"};
    const Session& session = stepped.run.run();
    EXPECT_EQ(stepped.out().at(0).fault, "drop");
    EXPECT_TRUE(stepped.out().at(1).retransmission);
    EXPECT_THAT(stepped.shown(), HasSubstr("retransmission timer runs out in 1 s"));
    EXPECT_THAT(stepped.shown(), HasSubstr("SYN-SENT, retransmission"));
    EXPECT_TRUE(session.outcome()->established);
}

TEST(StepInterceptor, ADoubledSegmentLeavesTwice) {
    Stepped stepped{"2\nrun\n"};
    stepped.run.run();
    EXPECT_EQ(stepped.out().at(0).text, stepped.out().at(1).text);
    EXPECT_EQ(stepped.out().at(0).at, stepped.out().at(1).at);
    EXPECT_FALSE(stepped.out().at(1).retransmission);
}

TEST(StepInterceptor, ADelayedSegmentLeavesLater) {
    Stepped stepped{"w 200ms\nrun\n"};
    stepped.run.run();
    EXPECT_EQ(stepped.out().at(0).at, Instant{} + std::chrono::milliseconds{200});
}

TEST(StepInterceptor, AnIgnoredArrivalIsLostAndOurSynComesAgain) {
    Stepped stepped{"s\ni\ns\na\nrun\n"};
    const Session& session = stepped.run.run();
    const auto& seen = stepped.run.seen().segments;
    EXPECT_EQ(seen.at(1).direction, Direction::in);
    EXPECT_EQ(seen.at(1).fault, "drop");
    EXPECT_EQ(seen.at(1).state, State::syn_sent);
    EXPECT_TRUE(stepped.out().at(1).retransmission);
    EXPECT_TRUE(session.outcome()->established);
}

TEST(StepInterceptor, RunLeavesOutThatManyPrompts) {
    Stepped stepped{"run 2\nd\nrun\n"};  // the SYN, the SYN,ACK, then the ACK is dropped
    stepped.run.run();
    EXPECT_EQ(stepped.out().at(0).fault, "");
    EXPECT_EQ(stepped.out().at(1).fault, "drop");
}

TEST(StepInterceptor, ABadCommandIsAskedAgainAndTheEndRunsOn) {
    Stepped stepped{"bad\ne ttl=300\ns"};
    const Session& session = stepped.run.run();
    EXPECT_THAT(stepped.shown(), HasSubstr("'bad' is no command"));
    EXPECT_THAT(stepped.shown(), HasSubstr("is no number from 0 to 255"));
    EXPECT_THAT(stepped.shown(), HasSubstr("end of input"));
    EXPECT_TRUE(session.outcome()->established);
}

TEST(StepInterceptor, AnIsnOnlyLeavesWithASyn) {
    Stepped stepped{"s\na\ne isn=5\nrun\n"};
    stepped.run.run();
    EXPECT_THAT(stepped.shown(), HasSubstr("our ISN leaves with a SYN only"));
    EXPECT_FALSE(stepped.out().at(1).altered);
}

TEST(StepInterceptor, QuitStopsTheRunAndSendsNothing) {
    Stepped stepped{"quit\n"};
    stepped.run.setup.policy.syn_retransmissions = 0;
    stepped.run.run();
    EXPECT_EQ(stepped.stops(), 1);
    EXPECT_EQ(stepped.out().at(0).fault, "drop");
}

TEST(StepInterceptor, SaveWritesWhatWasDone) {
    const std::string file = testing::TempDir() + "step_test.pkt";
    Stepped stepped{"save " + file + "\nflags=SF\ns\ni\nd\nrun\n"};
    stepped.run.run();
    stepped.end();
    std::stringstream script;
    script << std::ifstream{file}.rdbuf();
    const std::string text = script.str();
    EXPECT_THAT(text, HasSubstr("< FS 0:0(0) win"));
    EXPECT_THAT(text, HasSubstr("// edited: flags=SF; altered"));
    EXPECT_THAT(text, HasSubstr("> S. 0:0(0) ack"));
    EXPECT_THAT(text, HasSubstr("// ignored, as if it had been lost"));
    EXPECT_THAT(text, HasSubstr("retransmission; dropped"));
    std::remove(file.c_str());
}

TEST(StepInterceptor, AFileThatCannotBeWrittenIsTold) {
    Stepped stepped{"save /nowhere/at/all\nrun\n"};
    stepped.run.run();
    EXPECT_THAT(stepped.shown(), HasSubstr("write /nowhere/at/all"));
}

}  // namespace
}  // namespace tcpcraft::cli
