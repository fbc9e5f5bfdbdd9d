// One side of the handshakes that bench/handshakes.py measures, in the network it is started in:
//   rush listen ADDRESS PORT                              takes connections until it is killed
//   rush epoll ADDRESS PORT COUNT IN-FLIGHT               the kernel's client
//   rush tcpcraft ADDRESS PORT COUNT IN-FLIGHT SOURCE     ours
// A client prints one object of JSON: how many, in what time, for how much CPU time of its own.

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtcpcraft/base/socket_address.hpp>
#include <libtcpcraft/drive/handshake_fleet.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>
#include <libtcpcraft/link/raw/ring_link.hpp>
#include <libtcpcraft/link/raw/runtime.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace {

using namespace tcpcraft;
using namespace std::chrono_literals;

constexpr std::uint16_t first_port = 20'000;

[[noreturn]] void give_up(const std::string& why) {
    fmt::print(stderr, "rush: {}\n", why);
    std::exit(4);
}

void need(bool done, const char* what) {
    if (!done) {
        give_up(fmt::format("{}: {}", what, std::strerror(errno)));
    }
}

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

/// From its making to tell().
class Account {
public:
    void tell(std::size_t done, std::size_t failed) const {
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - since_;
        fmt::print("{{\"done\":{},\"failed\":{},\"seconds\":{},\"cpu_us\":{}}}\n", done, failed,
                   wall.count(), (cpu_seconds() - cpu_) * 1e6 / static_cast<double>(done));
    }

private:
    std::chrono::steady_clock::time_point since_{std::chrono::steady_clock::now()};
    double cpu_{cpu_seconds()};
};

struct Wanted {
    Endpoint target{};
    std::size_t count{0};
    std::size_t in_flight{0};
    Address source{};
};

int open_socket(Family family) {
    const int made = ::socket(family == Family::v6 ? AF_INET6 : AF_INET,
                              SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    need(made >= 0, "socket");
    return made;
}

void reset_on_close(int fd) {
    const linger at_once{1, 0};
    need(::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0, "SO_LINGER");
}

int listen_at(const Endpoint& at) {
    const int listener = open_socket(at.address.family());
    const int on = 1;
    need(::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
    const SocketAddress name = SocketAddress::of(at);
    need(::bind(listener, name.generic(), name.size) == 0, "bind");
    need(::listen(listener, 65'535) == 0, "listen");
    need(::fcntl(listener, F_SETFL, 0) == 0, "fcntl");
    for (;;) {
        const int taken = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (taken >= 0) {
            ::close(taken);
        }
    }
}

/// Nonblocking connect, so many at a time; each is closed with RST as soon as it is open.
class EpollClient {
public:
    explicit EpollClient(const Wanted& wanted)
        : wanted_{wanted}, name_{SocketAddress::of(wanted.target)}, epoll_{::epoll_create1(0)} {
        need(epoll_ >= 0, "epoll");
    }

    void run() {
        const Account account;
        std::array<epoll_event, 256> events{};
        while (done_ + failed_ < wanted_.count) {
            while (begun_ < wanted_.count && begun_ - done_ - failed_ < wanted_.in_flight) {
                begin();
            }
            const int ready = ::epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < ready; ++i) {
                end(events[static_cast<std::size_t>(i)].data.fd);
            }
        }
        account.tell(done_, failed_);
    }

private:
    void begin() {
        const int fd = open_socket(wanted_.target.address.family());
        reset_on_close(fd);
        ++begun_;
        if (::connect(fd, name_.generic(), name_.size) == 0) {
            return end(fd);
        }
        need(errno == EINPROGRESS, "connect");
        epoll_event event{};
        event.events = EPOLLOUT;
        event.data.fd = fd;
        need(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
    }
    void end(int fd) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        ++(error == 0 ? done_ : failed_);
        ::close(fd);
    }

    const Wanted& wanted_;
    SocketAddress name_;
    int epoll_;
    std::size_t begun_{0};
    std::size_t done_{0};
    std::size_t failed_{0};
};

class Nowhere final : public TraceSink {
public:
    void write(const Record& /*record*/) override {}
};

template <typename T>
T got(Expected<T> made) {
    if (!made) {
        give_up(made.error().message());
    }
    return std::move(*made);
}

HandshakeFleetSetup setup_for(const Wanted& wanted) {
    HandshakeFleetSetup setup;
    setup.policies.resize(1);
    setup.policies[0].syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{},
                                     NoOperation{}, WindowScale{7}};
    setup.policies[0].isn_key = {{0x1234, 0x5678}};
    setup.then = Then::reset;
    setup.rate = 1e6;
    setup.in_flight = wanted.in_flight;
    return setup;
}

void rush(const Wanted& wanted) {
    const Endpoint local{wanted.source, Port{first_port}};
    const auto ports = static_cast<std::uint16_t>(4 * wanted.in_flight);
    const Port last{static_cast<std::uint16_t>(first_port + ports - 1)};
    GuardRequest guarded;
    guarded.backend = GuardBackend::iptables;
    guarded.local = local.address;
    guarded.first = local.port;
    guarded.last = last;
    guarded.remote = wanted.target;
    guarded.side = RuleSide::arrivals;
    const auto guard = got(RstGuard::raise(guarded));
    Runtime runtime = got(Runtime::create());
    const auto link = got(RingLink::open(
        runtime, {.scopes = {{local, last, wanted.target}}, .escaped_resets = false}));
    Nowhere trace;
    Surroundings around{.link = *link, .alarm = runtime.alarm(), .trace = trace};
    HandshakeFleet fleet{around, setup_for(wanted)};
    const Account account;
    std::size_t next = 0;
    std::size_t port = 0;
    const auto order = [&]() -> std::optional<HandshakeOrder> {
        if (next == wanted.count) {
            return std::nullopt;
        }
        HandshakeOrder made{next++, {local, wanted.target}, 0};
        do {
            made.id.local.port.value = static_cast<std::uint16_t>(first_port + port++ % ports);
        } while (fleet.under_way(made.id));
        return made;
    };
    fleet.start(order);
    runtime.run_until([&] { return fleet.finished(); });
    const auto good = fleet.counts()[HandshakeOutcome::established];
    account.tell(good, fleet.counts().done - good);
    fmt::print(stderr, "syns {} late {} strays {} unsent {}\n", fleet.counts().syns,
               fleet.counts().late, fleet.counts().strays, fleet.counts().unsent);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words{argv + 1, argv + argc};
    if (words.size() < 3) {
        give_up("see the head of bench/handshakes_rush.cpp");
    }
    Wanted wanted;
    wanted.target = {got(Address::read(words[1])),
                     Port{static_cast<std::uint16_t>(std::stoul(words[2]))}};
    if (words[0] == "listen") {
        return listen_at(wanted.target);
    }
    wanted.count = std::stoul(words.at(3));
    wanted.in_flight = std::stoul(words.at(4));
    if (words[0] == "epoll") {
        EpollClient{wanted}.run();
    } else {
        wanted.source = got(Address::read(words.at(5)));
        rush(wanted);
    }
    return 0;
}
