// Coroutines and other completion tokens over led sessions, in virtual time.
#include <future>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <libtcpcraft/asio/host.hpp>
#include <libtcpcraft/host/simulation.hpp>
#include <libtcpcraft/trace/tee_sink.hpp>

namespace tcpcraft::test {

namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using boost::asio::awaitable;

class AsyncTest : public ::testing::TestWithParam<Family> {
protected:
    void start(SimulationOptions options = {}) {
        options.family = GetParam();
        simulation_.emplace(options);
        auto opened = AsyncHost::open(io_.get_executor(), *simulation_, nowhere_);
        ASSERT_TRUE(opened);
        host_.emplace(std::move(*opened));
    }
    /// Runs it to its end; false when it has none.
    [[nodiscard]] bool run(awaitable<void> story) {
        bool over = false;
        boost::asio::co_spawn(io_, std::move(story),
                              [&over](const std::exception_ptr& thrown) { over = !thrown; });
        io_.run();
        return over;
    }
    AsyncHost& host() { return *host_; }
    [[nodiscard]] Duration now() { return simulation_->alarm().now().time_since_epoch(); }

    TeeSink nowhere_{};
    boost::asio::io_context io_{};
    std::optional<Simulation> simulation_{};
    std::optional<AsyncHost> host_{};
};

void expect_code(const auto& result, std::errc code) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << result.error().message();
}

awaitable<void> talk_to_echo(AsyncHost& host) {
    AsyncSession session = host.session();
    EXPECT_TRUE(co_await session.open());
    const auto syn_ack = co_await session.expect("S. 0:0(0) ack 1 <...>");
    EXPECT_TRUE(syn_ack && syn_ack->segment.has(Flag::syn));
    EXPECT_TRUE(co_await session.send("hello"));
    EXPECT_EQ((co_await session.receive()).value_or(""), "hello");
    EXPECT_TRUE(co_await session.close());
    EXPECT_EQ(session.state(), State::time_wait);
}

// RFC 9293 §3.5, figure 6, and §3.6, case 1.
TEST_P(AsyncTest, LeadsAConnection) {
    start({.peer = {.application = SimApplication::echo}});
    EXPECT_TRUE(run(talk_to_echo(host())));
}

awaitable<void> expect_in_vain(AsyncHost& host) {
    AsyncSession session = host.session();
    EXPECT_TRUE(co_await session.open());
    expect_code(co_await session.expect("R 1:1(0)", 3s), std::errc::timed_out);
    expect_code(co_await session.expect("nonsense"), std::errc::invalid_argument);
    EXPECT_TRUE(co_await session.craft(". 1:1(0) ack 100000 <...>", "a lie"));
    EXPECT_TRUE(co_await session.expect(". 1:1(0) ack 1 <...>", 1s));
    EXPECT_TRUE(co_await session.expect_silence(1s));
    session.abort();
    EXPECT_EQ(session.state(), State::closed);
}

TEST_P(AsyncTest, TellsErrorsAndGoesOn) {
    start();
    EXPECT_TRUE(run(expect_in_vain(host())));
    EXPECT_EQ(now(), 20ms + 3s + 20ms + 1s);
}

awaitable<void> race(AsyncHost& host) {
    AsyncSession session = host.session();
    EXPECT_TRUE(co_await session.open());
    const auto first = co_await (session.expect("R 1:1(0)", 1h) || host.wait(2s));
    EXPECT_EQ(first.index(), 1U);
    // What has been cancelled is out of the way of the next.
    EXPECT_TRUE(co_await session.close());
}

TEST_P(AsyncTest, CancelsWhatHasLostARace) {
    start();
    EXPECT_TRUE(run(race(host())));
    EXPECT_LT(now(), 10s);
}

awaitable<Expected<void>> open_one(AsyncSession session) { co_return co_await session.open(); }

awaitable<void> open_two(AsyncHost& host) {
    const auto [a, b] = co_await (open_one(host.session(0)) && open_one(host.session(1)));
    EXPECT_TRUE(a);
    EXPECT_TRUE(b);
}

TEST_P(AsyncTest, LeadsConnectionsSideBySide) {
    start();
    EXPECT_TRUE(run(open_two(host())));
    EXPECT_EQ(now(), 20ms);
}

awaitable<void> answer_two(AsyncHost& host) {
    for (int i = 0; i < 2; ++i) {
        auto session = co_await host.accept(5s);
        EXPECT_TRUE(session);
        EXPECT_TRUE(session && co_await session->established());
    }
    expect_code(co_await host.accept(5s), std::errc::timed_out);
}

TEST_P(AsyncTest, AnswersWhoeverCalls) {
    start({.peer_opens = 2});
    EXPECT_TRUE(run(answer_two(host())));
}

awaitable<void> wait_for_ever(AsyncHost& host, std::optional<Expected<void>>& told) {
    AsyncSession session = host.session();
    told = co_await session.open(1h);
}

// Who waits is told, and the program comes to its end.
TEST_P(AsyncTest, TellsWhoWaitsThatTheHostIsGone) {
    start({.network = {.blackhole = true}});
    std::optional<Expected<void>> opened;
    std::optional<Expected<void>> waited;
    boost::asio::co_spawn(io_, wait_for_ever(host(), opened), boost::asio::detached);
    host().wait(1h, [&waited](const Expected<void>& told) { waited = told; });
    boost::asio::post(io_, [this] { host_.reset(); });
    io_.run();
    ASSERT_TRUE(opened && waited);
    expect_code(*opened, std::errc::operation_canceled);
    expect_code(*waited, std::errc::operation_canceled);
}

// Any completion token will do.
TEST_P(AsyncTest, GivesAFuture) {
    start();
    AsyncSession session = host().session();
    std::future<Expected<void>> opened = session.open(1s, boost::asio::use_future);
    io_.run();
    EXPECT_TRUE(opened.get());  // set on a thread of Asio's
}

INSTANTIATE_TEST_SUITE_P(Families, AsyncTest, ::testing::Values(Family::v4, Family::v6),
                         [](const auto& family) {
                             return family.param == Family::v4 ? "IPv4" : "IPv6";
                         });

}  // namespace

}  // namespace tcpcraft::test
