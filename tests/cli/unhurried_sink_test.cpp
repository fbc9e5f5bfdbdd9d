// Records are drawn when the run has a moment to spare, in their order, and none too late.
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tools/cli/unhurried_sink.hpp>

#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

class Unhurried : public testing::Test {
protected:
    using Line = std::pair<std::string, Duration>;
    /// Who draws, and when.
    struct Drawn final : TraceSink {
        explicit Drawn(const Alarm& clock) : clock_{clock} {}
        void write(const Record& record) override {
            lines.emplace_back(std::get<Note>(record.what).text, clock_.now().time_since_epoch());
        }
        std::vector<Line> lines{};

    private:
        const Alarm& clock_;
    };

    void note(const char* text) { sink.write({.what = Note{.text = text}}); }
    void note_at(Duration when, const char* text) {
        network.call_at(Instant{when}, [this, text] { note(text); });
    }
    void pass() { (void)network.run({}); }

    SimNetwork network{};
    Drawn drawn{network};
    UnhurriedSink sink{drawn};
};

TEST_F(Unhurried, PassesOnAtOnceUntilItIsToldToGiveWay) {
    note("first");
    EXPECT_THAT(drawn.lines, ElementsAre(Pair("first", 0ms)));
}

TEST_F(Unhurried, WaitsForAMillisecondWithoutARecord) {
    sink.give_way(network);
    note("SYN");
    note_at(900us, "SYN,ACK");
    note_at(1800us, "ACK");
    note_at(10ms, "FIN");
    EXPECT_TRUE(drawn.lines.empty());
    pass();
    EXPECT_THAT(drawn.lines, ElementsAre(Pair("SYN", 2800us), Pair("SYN,ACK", 2800us),
                                         Pair("ACK", 2800us), Pair("FIN", 11ms)));
}

TEST_F(Unhurried, LetsNobodyWaitLongerThanTwentyMilliseconds) {
    sink.give_way(network);
    note("first");
    for (Duration when = 500us; when < 30ms; when += 500us) {
        note_at(when, "next");
    }
    pass();
    ASSERT_EQ(drawn.lines.size(), 60U);
    EXPECT_EQ(drawn.lines.front(), (Line{"first", 20ms}));
    EXPECT_EQ(drawn.lines.back(), (Line{"next", 30500us}));
}

TEST_F(Unhurried, CatchesUpInOrderWhenItIsAsked) {
    sink.give_way(network);
    note("a");
    note("b");
    sink.catch_up();
    EXPECT_THAT(drawn.lines, ElementsAre(Pair("a", 0ms), Pair("b", 0ms)));
    note("c");
    pass();
    EXPECT_THAT(drawn.lines, ElementsAre(Pair("a", 0ms), Pair("b", 0ms), Pair("c", 1ms)));
}

TEST_F(Unhurried, LeavesNoAlarmBehind) {
    {
        UnhurriedSink gone{drawn};
        gone.give_way(network);
        gone.write({.what = Note{.text = "lost"}});
    }
    pass();
    EXPECT_TRUE(drawn.lines.empty());
}

}  // namespace
}  // namespace tcpcraft::cli
