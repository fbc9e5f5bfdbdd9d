// Connections led by coroutines of Boost.Asio: two at once, on one thread, in the program's own
// io_context. The one that opens is met by whoever answers: in the simulator, where it takes no
// time, or a real host. usage: coroutine [ADDRESS:PORT]
#include <csignal>
#include <iostream>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <libtcpcraft/asio/host.hpp>
#include <libtcpcraft/host/raw_host.hpp>
#include <libtcpcraft/host/simulation.hpp>
#include <libtcpcraft/trace/lines_sink.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tcpcraft;
using namespace boost::asio::experimental::awaitable_operators;
using boost::asio::awaitable;

Expected<std::unique_ptr<Host>> open_host(int argc, char** argv) {
    if (argc < 2) {
        return std::make_unique<Simulation>();
    }
    return Endpoint::read(argv[1]).and_then([](const Endpoint& remote) {
        // Signals are the program's, as the loop is.
        return RawHost::open({.remote = remote, .ports = 2, .options = {.heed_signals = false}})
            .map([](auto host) -> std::unique_ptr<Host> { return host; });
    });
}

awaitable<Expected<void>> shake_hands(AsyncSession session) {
    if (const auto sent = co_await session.begin(); !sent) {
        co_return sent;
    }
    if (const auto seen = co_await session.expect("S. 0:0(0) ack 1 <...>", 1s); !seen) {
        co_return Unexpected<Error>{seen.error()};
    }
    if (const auto open = co_await session.established(1s); !open) {
        co_return open;
    }
    co_return co_await session.close();
}

awaitable<void> talk(Host& host, TraceSink& trace, int& status) {
    auto here = AsyncHost::open(co_await boost::asio::this_coro::executor, host, trace);
    boost::asio::signal_set signals{co_await boost::asio::this_coro::executor, SIGINT, SIGTERM};
    if (!here) {
        std::cerr << here.error().message() << '\n';
        co_return;
    }
    const auto all = co_await ((shake_hands(here->session(0)) && shake_hands(here->session(1))) ||
                               signals.async_wait(boost::asio::use_awaitable));
    if (all.index() == 1) {
        std::cerr << "interrupted\n";
        co_return;
    }
    const auto& [first, second] = std::get<0>(all);
    status = first && second ? 0 : 1;
    for (const auto* result : {&first, &second}) {
        std::cout << (*result ? "opened and closed" : result->error().message()) << '\n';
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto host = open_host(argc, argv);
    if (!host) {
        std::cerr << host.error().message() << '\n';
        return 4;
    }
    LinesSink lines{std::cout, {}};
    boost::asio::io_context io;
    int status = 1;
    boost::asio::co_spawn(io, talk(**host, lines, status), boost::asio::detached);
    io.run();
    return status;
}
