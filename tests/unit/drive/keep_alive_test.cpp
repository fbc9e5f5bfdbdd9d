// RFC 9293 §3.8.4; RFC 1122 §4.2.3.6: keep-alive, probed and overheard, in virtual time.
#include <gtest/gtest.h>
#include <tests/support/altering_link.hpp>
#include <tests/support/simulated_run.hpp>
#include <tests/support/teardown_peers.hpp>

#include <libtcpcraft/drive/keep_alive.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using test::AlteringLink;
using test::KeepingSink;
using test::made;

class ProgressSink final : public KeepingSink {
public:
    void write(const Record& record) override {
        KeepingSink::write(record);
        if (const auto* made = std::get_if<Progressed>(&record.what)) {
            progress.push_back(*made);
            at = record.at;
        }
    }
    std::vector<Progressed> progress{};
    Instant at{};  ///< the last
};

class KeepAliveRun : public testing::TestWithParam<Family> {
protected:
    KeepAliveRun() {
        const bool v4 = GetParam() == Family::v4;
        local = *Address::read(v4 ? "192.0.2.1" : "2001:db8::1");
        peer.address = *Address::read(v4 ? "192.0.2.2" : "2001:db8::2");
        peer.listening = {Port{80}};
        peer.iss = Seq{7000};
        peer.application = SimApplication::discard;
    }

    const Session& play(Scenario scenario, Policy policy) {
        far.emplace(network.far());
        far->arriving = arriving;
        far->leaving = leaving;
        far->answer = answer;
        host.emplace(*far, network, peer);
        around.emplace(Surroundings{.link = network.near(), .alarm = network, .trace = seen});
        fleet.emplace(*around);
        ConnectionSetup setup;
        setup.id = {{local, Port{40000}}, {peer.address, Port{80}}};
        setup.iss = Seq{1000};
        setup.keep_sightings = true;
        setup.policy = policy;
        fleet->launch(std::move(setup), std::move(scenario));
        (void)network.run([this] { return fleet->finished(); });
        return *fleet->sessions().front();
    }

    KeepAliveProbeResult probe() {
        Policy policy;
        policy.keep_alive = asked.keep_alive;
        return judge_probe(play(probe_scenario(asked), policy), asked);
    }
    LearnResult learn() { return judge_learn(play(learn_scenario(learning), ours), learning); }

    KeepAliveProbeRequest asked{.keep_alive = {.octet_in_every_second = true}};
    LearnRequest learning{};
    Policy ours{};  ///< while the peer probes
    Address local{};
    SimHostOptions peer{};
    std::function<bool(const Segment&)> arriving{};
    std::function<bool(Segment&)> leaving{};
    std::function<std::optional<Segment>(const Segment&)> answer{};
    ProgressSink seen{};
    SimNetwork network{};
    std::optional<AlteringLink> far{};
    std::optional<SimHost> host{};
    std::optional<Surroundings> around{};
    std::optional<Fleet> fleet{};
};

class ProbeKeepAlive : public KeepAliveRun {};
class LearnKeepAlive : public KeepAliveRun {};
INSTANTIATE_TEST_SUITE_P(Families, ProbeKeepAlive, testing::Values(Family::v4, Family::v6));
INSTANTIATE_TEST_SUITE_P(Families, LearnKeepAlive, testing::Values(Family::v4, Family::v6));

TEST_P(ProbeKeepAlive, IsAnsweredByAPeerThatLives) {
    const auto result = probe();
    EXPECT_EQ(result.exit_status, 0) << result.verdict.text;
    EXPECT_EQ(result.verdict.id, "K-01");
    EXPECT_EQ(result.alive, true);
    EXPECT_EQ(result.ending, KeepAliveEnding::answered);
    ASSERT_EQ(result.probes.size(), 1U);
    EXPECT_EQ(result.probes[0].seq_offset, -1);
    EXPECT_EQ(result.probes[0].len, 0U);
    EXPECT_EQ(result.probes[0].delay, 20ms);
    EXPECT_GE(result.probes[0].at.time_since_epoch(), 2h);
}

TEST_P(ProbeKeepAlive, CountsAsManyAnswersAsAreAskedFor) {
    asked.answers = 3;
    asked.keep_alive.idle = 5s;
    const auto result = probe();
    EXPECT_EQ(result.sent, 3U);
    EXPECT_EQ(result.answered, 3U);
    EXPECT_GE(result.probes[2].at - result.probes[1].at, 5s);
}

// MUST-29: the textbook's server declares its peer dead 75 s after the tenth probe.
TEST_P(ProbeKeepAlive, DeclaresDeadAfterTheLastInterval) {
    peer.dies_when_established = true;
    const auto result = probe();
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.verdict.verdict, Verdict::no_answer);
    EXPECT_EQ(result.alive, std::nullopt);
    EXPECT_EQ(result.ending, KeepAliveEnding::silent);
    EXPECT_EQ(result.sent, 10U);
    ASSERT_TRUE(result.dead_after);
    EXPECT_EQ(*result.dead_after, 7950s);
    EXPECT_EQ(result.probes[0].len, 0U);
    EXPECT_EQ(result.probes[1].len, 1U) << "before anybody is dead the octet is tried";
    EXPECT_NE(result.verdict.text.find("2 h 12 min"), std::string::npos) << result.verdict.text;
}

TEST_P(ProbeKeepAlive, TakesTheAnswerToTheOctet) {
    arriving = [](const Segment& segment) {
        return segment.seq != Seq{1000} || segment.has(Flag::syn) || !segment.payload.empty();
    };
    const auto result = probe();
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(result.verdict.id, "K-02");
    EXPECT_EQ(result.sent, 2U);
    EXPECT_EQ(result.answered, 1U);
}

TEST_P(ProbeKeepAlive, LearnsThatThePeerHasRestarted) {
    answer = [](const Segment& got) -> std::optional<Segment> {
        const bool probe = got.seq == Seq{1000} && !got.has(Flag::syn);
        return probe ? std::optional{made({Flag::rst}, got.ack, Seq{0})} : std::nullopt;
    };
    const auto result = probe();
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_EQ(result.verdict.id, "K-05");
    EXPECT_EQ(result.alive, false);
    EXPECT_EQ(result.ending, KeepAliveEnding::reset);
    EXPECT_NE(result.verdict.text.find("restarted"), std::string::npos);
}

// K-02: garbage lies before the window, and is not acknowledged.
TEST_P(ProbeKeepAlive, BlamesAPeerThatAcknowledgesGarbage) {
    answer = [](const Segment& got) -> std::optional<Segment> {
        const bool probe = got.seq == Seq{1000} && !got.has(Flag::syn);
        return probe ? std::optional{made({Flag::ack}, Seq{7001}, Seq{1002})} : std::nullopt;
    };
    const auto result = probe();
    EXPECT_EQ(result.verdict.verdict, Verdict::violates) << result.verdict.text;
    EXPECT_EQ(result.exit_status, 1);
}

TEST_P(ProbeKeepAlive, SaysWhenThePeerClosesFirst) {
    peer.application = SimApplication::close_at_once;
    const auto result = probe();
    EXPECT_EQ(result.ending, KeepAliveEnding::fin);
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.sent, 0U);
}

TEST(ReadingsOfACount, AreTwo) {
    const auto lines = readings_of(KeepAlive{});
    EXPECT_NE(lines[0].find("2 h 12 min"), std::string::npos) << lines[0];  // 7950 s
    EXPECT_NE(lines[1].find("2 h 13 min"), std::string::npos) << lines[1];  // 8025 s
}

TEST_P(LearnKeepAlive, FindsIdleIntervalAndCount) {
    peer.policy.keep_alive = KeepAlive{.idle = 7s, .interval = 2s, .count = 4};
    const auto result = learn();
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(result.verdict.verdict, Verdict::conforms) << result.verdict.text;
    EXPECT_EQ(result.probes.size(), 4U);
    EXPECT_EQ(result.idle, 7s);
    EXPECT_EQ(result.interval, 2s);
    EXPECT_EQ(result.count, 4U);
    EXPECT_EQ(result.ending, KeepAliveEnding::silent);
    EXPECT_EQ(result.profile, "configured");
}

TEST_P(LearnKeepAlive, KnowsTheProfilesThatAreInUse) {
    struct Known {
        KeepAlive set;
        std::string_view name;
    };
    for (const Known& known : {Known{{.interval = 75s, .count = 9}, "Linux"},
                               Known{{.interval = 75s, .count = 8}, "BSD"},
                               Known{{.interval = 75s, .count = 10}, "textbook"},
                               Known{{.interval = 1s, .count = 10, .octet = true}, "Windows"}}) {
        const auto at_first = network.now();
        peer.policy.keep_alive = known.set;
        const auto result = learn();
        EXPECT_EQ(result.profile, known.name);
        EXPECT_EQ(result.idle, 2h);
        EXPECT_EQ(result.interval, known.set.interval);
        EXPECT_EQ(result.count, known.set.count);
        EXPECT_GE(network.now() - at_first, 2h);
        fleet.reset();
    }
}

TEST_P(LearnKeepAlive, AnswersTheFirstProbesIfAsked) {
    peer.policy.keep_alive = KeepAlive{.idle = 700s, .interval = 2s, .count = 3};
    learning.answer = 2;
    const auto result = learn();
    EXPECT_EQ(result.probes.size(), 5U);
    EXPECT_EQ(result.idle, 700s);
    EXPECT_EQ(result.interval, 2s);
    EXPECT_EQ(result.count, 3U);
}

// What a Linux peer does when its count is used up: RST, at the time of one more probe.
TEST_P(LearnKeepAlive, SeesAnEndByReset) {
    peer.policy.keep_alive = KeepAlive{.idle = 7s, .interval = 2s, .count = 4};
    leaving = [probes = 0](Segment& segment) mutable {
        probes += segment.seq == Seq{7000} && !segment.has(Flag::syn) ? 1 : 0;
        if (probes == 4) {
            segment.flags = Flags{Flag::rst, Flag::ack};
            segment.seq = Seq{7001};
        }
        return true;
    };
    const auto result = learn();
    EXPECT_EQ(result.ending, KeepAliveEnding::reset);
    EXPECT_EQ(result.count, 3U);
    EXPECT_EQ(result.interval, 2s);
    EXPECT_EQ(result.exit_status, 0) << result.verdict.text;
}

// MUST-29: one probe without an answer must not be enough.
TEST_P(LearnKeepAlive, NotesAPeerThatTriesOnce) {
    peer.policy.keep_alive = KeepAlive{.idle = 7s, .interval = 2s, .count = 1};
    const auto result = learn();
    EXPECT_EQ(result.verdict.id, "K-14");
    EXPECT_EQ(result.verdict.verdict, Verdict::permitted_deviation) << result.verdict.text;
}

// RFC 7323 §3.2: once agreed on, timestamps are in every segment but RST.
TEST_P(LearnKeepAlive, BlamesProbesWithoutTheTimestampsAgreedOn) {
    peer.policy.keep_alive = KeepAlive{.idle = 7s, .interval = 2s, .count = 3};
    ours.syn_options.append(Timestamps{});
    peer.policy.syn_options.append(Timestamps{});
    leaving = [](Segment& segment) {
        if (segment.seq == Seq{7000} && !segment.has(Flag::syn)) {
            segment.options = {};
        }
        return true;
    };
    const auto result = learn();
    EXPECT_EQ(result.verdict.verdict, Verdict::violates) << result.verdict.text;
}

// §3.8.6.1 (SHLD-30): probes of a closed window look the same, but their pauses grow.
TEST_P(LearnKeepAlive, TellsWindowProbesApart) {
    ours.rcv_wnd = 0;
    peer.application = SimApplication::serve;
    peer.reply = "more than nothing";
    learning.send.emplace(1, std::byte{'?'});
    learning.patience = 30s;
    leaving = [](Segment& segment) {  // as Linux forms them
        if (segment.seq == Seq{7001} && !segment.payload.empty()) {
            segment.seq = Seq{7000};
            segment.payload = {};
        }
        return true;
    };
    const auto result = learn();
    EXPECT_EQ(result.kind, ProbingKind::zero_window) << result.verdict.text;
    EXPECT_EQ(result.verdict.id, "K-20");
    EXPECT_TRUE(result.profile.empty());
}

// MUST-25: off by default.
TEST_P(LearnKeepAlive, FindsNone) {
    const auto result = learn();
    EXPECT_TRUE(result.probes.empty());
    EXPECT_EQ(result.verdict.id, "K-10");
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.ending, KeepAliveEnding::answered) << "asked at the end, it still lives";
    EXPECT_GE(network.now().time_since_epoch(), learning.patience);
}

TEST_P(LearnKeepAlive, SaysWhenThePeerClosesFirst) {
    peer.application = SimApplication::close_at_once;
    const auto result = learn();
    EXPECT_EQ(result.ending, KeepAliveEnding::fin);
    EXPECT_EQ(result.exit_status, 3);
}

// A segment that only repeats what we have is a probe when nothing of it would be news.
TEST(LooksLikeProbe, ByItsNumbersAlone) {
    const Seq next{7001};
    EXPECT_TRUE(looks_like_probe(made({Flag::ack}, Seq{7000}, Seq{1}), next));
    EXPECT_TRUE(looks_like_probe(made({Flag::ack}, Seq{6999}, Seq{1}), next));
    EXPECT_FALSE(looks_like_probe(made({Flag::ack}, Seq{7001}, Seq{1}), next));
    EXPECT_FALSE(looks_like_probe(made({Flag::fin, Flag::ack}, Seq{7000}, Seq{1}), next));
    EXPECT_FALSE(looks_like_probe(made({Flag::rst}, Seq{7000}, Seq{1}), next));
    const std::array<std::byte, 2> two{};
    Segment data = made({Flag::ack}, Seq{7000}, Seq{1});
    data.payload = std::span{two}.first(1);
    EXPECT_TRUE(looks_like_probe(data, next));
    data.payload = two;
    EXPECT_FALSE(looks_like_probe(data, next));
}

TEST_P(LearnKeepAlive, ForetellsTheEndByTheProfileThatFits) {
    peer.policy.keep_alive = KeepAlive{.count = 9};
    learning.progress = true;
    const auto result = learn();
    const auto& told = seen.progress;
    ASSERT_EQ(told.size(), 9U);
    EXPECT_EQ(told.front().done, 1U);
    EXPECT_EQ(told.front().left, 9 * 75s) << "the idle time is Linux's: so is the rest";
    EXPECT_EQ(told.back().total, 9U);
    EXPECT_EQ(seen.at + told.back().left.value_or(0us), result.probes.back().at + 75s);
}

TEST_P(LearnKeepAlive, ForetellsNothingWhereNothingIsKnown) {
    peer.policy.keep_alive = KeepAlive{.idle = 20s, .interval = 3s, .count = 12};
    learning.progress = true;
    (void)learn();
    const auto& told = seen.progress;
    ASSERT_EQ(told.size(), 12U);
    EXPECT_EQ(told[0].left, std::nullopt) << "its spacing is not known after one";
    EXPECT_EQ(told[1].left, 8 * 3s) << "nine, as Linux sends where only times are set";
    EXPECT_EQ(told[11].total, 12U);
}

// A peer whose clock runs 100 times as fast: its times are what they are, and told as configured.
TEST_P(LearnKeepAlive, KnowsTheProportionsOfAScaledClock) {
    for (const int factor : {10, 100}) {
        peer.policy.keep_alive = KeepAlive{
            .idle = Duration{7200s} / factor, .interval = Duration{75s} / factor, .count = 9};
        const auto result = learn();
        EXPECT_EQ(result.idle, Duration{7200s} / factor);
        EXPECT_EQ(result.interval, Duration{75s} / factor);
        EXPECT_EQ(result.count, 9U);
        EXPECT_EQ(result.profile, "configured");
        EXPECT_NE(result.verdict.text.find("the proportions those of Linux, " +
                                           std::to_string(factor) + " times as fast"),
                  std::string::npos)
            << result.verdict.text;
    }
}

// A run that is cut short tells what it has, and blames nobody for the rest.
TEST_P(LearnKeepAlive, TellsWhatIsKnownWhenItIsCutShort) {
    struct Cut {
        Duration at{};
        Ending why{};
        int status{};
        std::string_view told{};
        std::size_t probes{};
    };
    for (const Cut& cut : {Cut{1h, Ending::interrupted, 130, "no keep-alive in the 1 h", 0},
                           Cut{1h, Ending::deadline, 3, "no keep-alive in the 1 h", 0},
                           Cut{7400s, Ending::interrupted, 130, "every 1 min 15 s", 3},
                           Cut{7400s, Ending::deadline, 3, "3 probes seen", 3}}) {
        peer.policy.keep_alive = KeepAlive{.count = 9};
        AlarmId cutting =
            network.call_at(network.now() + cut.at, [&] { fleet->stop(cut.why, "cut short"); });
        const auto result = learn();
        network.cancel(cutting);
        EXPECT_EQ(result.exit_status, cut.status);
        EXPECT_EQ(result.probes.size(), cut.probes);
        EXPECT_EQ(result.count, std::nullopt);
        EXPECT_NE(result.verdict.text.find(cut.told), std::string::npos) << result.verdict.text;
        EXPECT_NE(result.verdict.verdict, Verdict::violates);
    }
}

// After two probes nothing comes any more: not its count, for it does not answer us either.
TEST_P(LearnKeepAlive, TellsAPeerThatIsGoneFromOneThatGaveUp) {
    peer.policy.keep_alive = KeepAlive{.idle = 7s, .interval = 2s, .count = 4};
    leaving = [sent = 0](Segment& segment) mutable {
        sent += segment.seq == Seq{7000} && !segment.has(Flag::syn) ? 1 : 0;
        return sent <= 2;
    };
    const auto result = learn();
    EXPECT_EQ(result.verdict.id, "K-15");
    EXPECT_EQ(result.verdict.verdict, Verdict::no_answer) << result.verdict.text;
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.probes.size(), 2U);
    EXPECT_EQ(result.count, std::nullopt);
}

// A peer that never rests: an octet every two seconds, made of what would have been its probes.
TEST_P(LearnKeepAlive, SaysNothingOfAPeerThatIsNeverSilent) {
    peer.policy.keep_alive = KeepAlive{.idle = 2s, .interval = 2s, .count = 200};
    leaving = [next = Seq{7001}](Segment& segment) mutable {
        static constexpr std::array octet{std::byte{'x'}};
        if (segment.seq == Seq{7000} && !segment.has(Flag::syn)) {
            segment.seq = next;
            segment.payload = octet;
            next = next + 1;
        }
        return true;
    };
    arriving = [](const Segment& segment) { return at_or_before(segment.ack, Seq{7001}); };
    learning.patience = 30s;
    const auto result = learn();
    EXPECT_EQ(result.verdict.id, "K-10");
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_NE(result.verdict.text.find("never silent for 30 s"), std::string::npos)
        << result.verdict.text;
}

}  // namespace
}  // namespace tcpcraft
