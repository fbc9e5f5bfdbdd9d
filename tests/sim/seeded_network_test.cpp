// Does a connection survive a bad network, seed by seed? RFC 9293 §3.8.1, §3.10.7.4.

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/sim/unreliable_link.hpp>
#include <tests/support/engine_end.hpp>

#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/sim/sim_network.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;
using support::endpoint;
using support::EngineEnd;
using testing::Contains;
using testing::Not;

const Endpoint near_endpoint = endpoint("192.0.2.1:40000");
const Endpoint far_endpoint = endpoint("192.0.2.2:7");

// Everything of a run comes from its seed: numbers, faults, data and when it is sent.
class SeededRun {
public:
    SeededRun(std::uint32_t seed, Unreliability rates)
        : random_{seed},
          near_link_{network_.near(), network_, seed * 2, rates},
          far_link_{network_.far(), network_, seed * 2 + 1, rates},
          host_{far_link_, network_, host_options()},
          end_{near_link_, network_, ConnectionId{near_endpoint, far_endpoint}} {}

    void go() {
        end_.open(iss());
        Instant when{};
        const unsigned writes = 1 + random_() % 8;
        for (unsigned i = 0; i < writes; ++i) {
            when += Duration{random_() % 300'000};
            network_.call_at(when, [this, piece = piece()] {
                sent_ += piece;
                end_.send(piece);
            });
        }
        network_.call_at(when + Duration{random_() % 300'000}, [this] { close_once_open(); });
        ending_ = network_.run({}, Instant{24h});
    }

    void check() const {
        EXPECT_EQ(ending_, SimEnding::idle);
        EXPECT_TRUE(end_.received() == sent_)
            << end_.received().size() << " octets of " << sent_.size() << ", or others";
        EXPECT_THAT(end_.states(), Contains(State::time_wait));
        EXPECT_EQ(end_.state(), State::closed);
        EXPECT_EQ(host_.state({far_endpoint, near_endpoint}), State::closed);
        EXPECT_THAT(end_.notices(), Not(Contains(Notice::connection_reset)));
        if (testing::Test::HasFailure()) {
            for (const std::string& segment : end_.segments()) {
                GTEST_LOG_(INFO) << segment;
            }
        }
    }
    [[nodiscard]] const std::vector<std::string>& segments() const { return end_.segments(); }
    [[nodiscard]] unsigned faults() const { return near_link_.done() + far_link_.done(); }

private:
    // In SYN-SENT a CLOSE deletes the TCB (§3.10.4), which is another story.
    void close_once_open() {
        if (end_.state() == State::syn_sent) {
            network_.call_at(network_.now() + 100ms, [this] { close_once_open(); });
        } else {
            end_.close();
        }
    }
    // Every other run begins just below the wrap.
    Seq iss() {
        const auto number = static_cast<std::uint32_t>(random_());
        return number % 2 == 0 ? Seq{number} : Seq{0} - number % 2000;
    }
    std::string piece() {
        std::string made(1 + random_() % 1400, '?');
        for (char& letter : made) {
            letter = static_cast<char>('a' + random_() % 26);
        }
        return made;
    }
    SimHostOptions host_options() {
        return {.address = far_endpoint.address,
                .listening = {far_endpoint.port},
                .iss = iss(),
                .application = SimApplication::echo};
    }

    std::mt19937 random_;
    SimNetwork network_{};
    UnreliableLink near_link_;
    UnreliableLink far_link_;
    SimHost host_;
    EngineEnd end_;
    std::string sent_{};
    SimEnding ending_{};
};

// Returns how many faults there were, so that no test passes because nothing went wrong.
unsigned run_seeds(std::uint32_t seeds, Unreliability rates) {
    unsigned faults = 0;
    for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        SeededRun run{seed, rates};
        run.go();
        run.check();
        faults += run.faults();
        if (testing::Test::HasFailure()) {
            break;
        }
    }
    return faults;
}

TEST(SeededNetwork, AGoodOne) { EXPECT_EQ(run_seeds(50, {}), 0U); }

TEST(SeededNetwork, Loses) { EXPECT_GT(run_seeds(200, {.lost = 10}), 200U); }

TEST(SeededNetwork, Doubles) { EXPECT_GT(run_seeds(200, {.doubled = 20}), 200U); }

TEST(SeededNetwork, DelaysAndReorders) { EXPECT_GT(run_seeds(200, {.delayed = 40}), 200U); }

TEST(SeededNetwork, DoesAllOfIt) {
    EXPECT_GT(run_seeds(200, {.lost = 10, .doubled = 10, .delayed = 30}), 400U);
}

TEST(SeededNetwork, IsTheSameForTheSameSeed) {
    constexpr Unreliability rates{.lost = 10, .doubled = 10, .delayed = 30};
    SeededRun first{7, rates};
    SeededRun again{7, rates};
    SeededRun other{8, rates};
    for (SeededRun* run : {&first, &again, &other}) {
        run->go();
    }
    EXPECT_EQ(first.segments(), again.segments());
    EXPECT_NE(first.segments(), other.segments());
}

}  // namespace
}  // namespace tcpcraft
