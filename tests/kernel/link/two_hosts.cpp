#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <tests/kernel/link/two_hosts.hpp>
#include <tests/support/namespace.hpp>
#include <unistd.h>

#include <libtcpcraft/base/socket_address.hpp>

namespace tcpcraft::test {

namespace {

void must(bool good, const std::string& what) {
    if (!good) {
        throw std::runtime_error{what + ": " + last_system_error().message()};
    }
}

Address literal(const char* text) { return Address::read(text).value(); }

int open_network(pid_t process) {
    const std::string path = "/proc/" + std::to_string(process) + "/ns/net";
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    must(fd >= 0, path);
    return fd;
}

/// Is the far end's kernel reached? A closed port refuses as soon as both directions resolve.
bool reached(Family family) {
    const int fd =
        ::socket(family == Family::v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{0, 100'000};
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const SocketAddress to = SocketAddress::of({TwoHosts::far(family), Port{9}});
    const bool refused =
        ::connect(fd, to.generic(), to.size) != 0 && last_system_error().value() == ECONNREFUSED;
    ::close(fd);
    return refused;
}

}  // namespace

TwoHosts::TwoHosts() {
    if (const auto why = testing::enter_private_network()) {
        missing_ = *why;
        return;
    }
    near_ = open_network(::getpid());
    make_far_host();
    join();
    await_neighbours();
}

TwoHosts::~TwoHosts() {
    if (keeper_ > 0) {
        ::kill(keeper_, SIGKILL);
        ::waitpid(keeper_, nullptr, 0);
    }
    ::close(near_);
    ::close(far_);
}

void TwoHosts::make_far_host() {
    std::array<int, 2> ready{};
    must(::pipe(ready.data()) == 0, "pipe");
    keeper_ = ::fork();
    if (keeper_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const char done = ::unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
        (void)!::write(ready[1], &done, 1);
        for (;;) {
            ::pause();
        }
    }
    char done = 'n';
    must(::read(ready[0], &done, 1) == 1 && done == 'y', "make the far host");
    ::close(ready[0]);
    ::close(ready[1]);
    far_ = open_network(keeper_);
}

void TwoHosts::join() const {
    const auto raise = [](const std::string& name, const std::string& v4, const std::string& v6) {
        for (const char* knob : {"accept_dad", "dad_transmits"}) {
            std::ofstream{"/proc/sys/net/ipv6/conf/" + name + "/" + knob} << "0";
        }
        shell("ip link set " + name + " up && ip addr add " + v4 + "/24 dev " + name +
              " && ip addr add " + v6 + "/64 dev " + name + " nodad");
    };
    shell("ip link add c0 type veth peer name s0 netns " + std::to_string(keeper_));
    in_far([&] {
        shell("ip link set lo up");
        raise("s0", far(Family::v4).text(), far(Family::v6).text());
    });
    raise("c0", near(Family::v4).text(), near(Family::v6).text());
}

void TwoHosts::await_neighbours() const {
    for (const Family family : {Family::v4, Family::v6}) {
        int tries = 100;
        while (!reached(family)) {
            must(--tries > 0, "the far host does not answer");
        }
    }
}

Address TwoHosts::near(Family family) {
    return family == Family::v4 ? literal("10.78.0.1") : literal("fd78::1");
}

Address TwoHosts::far(Family family) {
    return family == Family::v4 ? literal("10.78.0.2") : literal("fd78::2");
}

namespace {

Address link_local_of(const std::string& interface) {
    // address, index, prefix length, scope, flags, name
    std::ifstream list{"/proc/thread-self/net/if_inet6"};
    std::string hex;
    std::string name;
    std::array<std::string, 4> rest;
    while (list >> hex >> rest[0] >> rest[1] >> rest[2] >> rest[3] >> name) {
        if (name != interface || hex.rfind("fe80", 0) != 0) {
            continue;
        }
        for (std::size_t colon = 28; colon > 0; colon -= 4) {
            hex.insert(colon, ":");
        }
        return literal(hex.c_str());
    }
    throw std::runtime_error{interface + " has no link-local address"};
}

}  // namespace

Address TwoHosts::near_link_local() const {
    return link_local_of("c0").with_zone(::if_nametoindex("c0"));
}

Address TwoHosts::far_link_local() const {
    Address found;
    in_far([&found] { found = link_local_of("s0"); });
    return found.with_zone(::if_nametoindex("c0"));
}

void TwoHosts::in_far(const std::function<void()>& action) const {
    must(::setns(far_, CLONE_NEWNET) == 0, "go to the far host");
    action();
    must(::setns(near_, CLONE_NEWNET) == 0, "come back from the far host");
}

void TwoHosts::shell(const std::string& command) {
    const int status = std::system(("PATH=$PATH:/usr/sbin:/sbin; " + command).c_str());
    must(status == 0, command);
}

void TwoHosts::far_shell(const std::string& command) const {
    in_far([&command] { shell(command); });
}

Listener::Listener(const Endpoint& where)
    : fd_{::socket(where.address.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const SocketAddress at = SocketAddress::of(where);
    must(::bind(fd_, at.generic(), at.size) == 0, "bind " + where.text());
    must(::listen(fd_, 16) == 0, "listen at " + where.text());
}

Listener::~Listener() { ::close(fd_); }

}  // namespace tcpcraft::test
