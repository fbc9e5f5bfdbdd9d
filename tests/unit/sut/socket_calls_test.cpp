// Calls with real sockets, on this machine's loopback, and those that are refused beforehand.
#include <optional>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtcpcraft/sut/socket_calls.hpp>

namespace tcpcraft {

namespace {

Script script_of(const std::string& text) {
    auto read = read_script(text);
    EXPECT_TRUE(read.has_value()) << text;
    return read ? *read : Script{};
}

/// A port of the loopback that nobody listens on just now.
Port free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ::close(fd);
    return Port{ntohs(address.sin_port)};
}

class Calls : public ::testing::Test {
protected:
    /// What differs from the line; empty: it is what the line says.
    std::string make(const std::string& line) {
        const Script script = script_of("+0 " + line);
        const auto outcome = calls_.perform(std::get<ScriptCall>(script.events.front().what));
        return outcome.as_expected ? "" : outcome.got;
    }

private:
    const Endpoint place_{*Address::read("127.0.0.1"), free_port()};
    SocketCalls calls_{{place_, place_}};
};

TEST_F(Calls, AConnectionFromItsStartToItsEnd) {
    for (const char* line : {"socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
                             "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0",
                             "bind(3, ..., ...) = 0",
                             "listen(3, 1) = 0",
                             "socket(..., SOCK_STREAM, IPPROTO_TCP) = 4",
                             "connect(4, ..., ...) = 0",
                             "accept(3, ..., ...) = 5",
                             "setsockopt(5, SOL_SOCKET, SO_LINGER, {onoff=1, linger=7}, 8) = 0",
                             "getsockopt(5, SOL_SOCKET, SO_LINGER, {onoff=1, linger=7}, [8]) = 0",
                             "write(4, \"hello\", 5) = 5",
                             "poll([{fd=5, events=POLLIN, revents=POLLIN}], 1, 5000) = 1",
                             "ioctl(5, SIOCINQ, [5]) = 0",
                             "recv(5, ..., 2, MSG_PEEK) = 2",
                             "read(5, ..., 100) = 5",
                             "fcntl(5, F_SETFL, O_RDWR|O_NONBLOCK) = 0",
                             "read(5, ..., 100) = -1 EAGAIN (later)",
                             "send(5, ..., 10, 0) = 10",
                             "shutdown(5, SHUT_WR) = 0",
                             "send(5, ..., 10, 0) = -1 EPIPE (Broken pipe)",
                             "recv(4, ..., 100, MSG_WAITALL) = 10",
                             "close(4) = 0",
                             "close(5) = 0",
                             "close(5) = -1 EBADF (Bad file descriptor)"}) {
        EXPECT_EQ(make(line), "") << line;
    }
}

TEST_F(Calls, DescriptorsAreNotForPrograms) {
    const int next = ::dup(0);  // the lowest that is free
    ::close(next);
    for (const char* line : {"socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", "bind(3, ..., ...) = 0",
                             "listen(3, 1) = 0", "socket(..., SOCK_STREAM, IPPROTO_TCP) = 4",
                             "connect(4, ..., ...) = 0", "accept(3, ..., ...) = 5"}) {
        ASSERT_EQ(make(line), "") << line;
    }
    for (const int fd : {next, next + 1, next + 2}) {
        EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC) << fd - next;
    }
}

TEST_F(Calls, WhatDiffersIsTold) {
    EXPECT_EQ(make("socket(..., SOCK_STREAM, IPPROTO_TCP) = 3"), "");
    EXPECT_EQ(make("listen(9, 1) = 0"), "-1 EBADF (Bad file descriptor)");
    EXPECT_EQ(make("listen(9, 1) = -1 EPIPE"), "-1 EBADF (Bad file descriptor)");
    EXPECT_EQ(make("setsockopt(3, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 5"), "0");
    EXPECT_EQ(make("getsockopt(3, SOL_SOCKET, SO_KEEPALIVE, [0], [4]) = 0"), "0, and the value 1");
    EXPECT_EQ(make("poll([{fd=3, events=POLLIN, revents=POLLIN}], 1, 0) = 1"),
              "1, and revents=0x10");  // POLLHUP of a socket that is not connected
    const std::string longer(1000, 'x');
    EXPECT_EQ(make("getsockopt(3, SOL_TCP, TCP_CONGESTION, \"" + longer + "\", [1000]) = 0")
                  .substr(0, 12),
              "0, and the v");
    EXPECT_EQ(make("close(3) = ..."), "");
}

std::string refusal(const std::string& line) {
    const auto cannot = SocketCalls::cannot_make(script_of("+0 " + line));
    return cannot ? cannot->text("") : "";
}

TEST(CannotMake, NamesTheCallOrTheSymbolAndItsPlace) {
    EXPECT_EQ(refusal("fork() = 0"), ":1:1: the call fork() cannot be made here");
    EXPECT_EQ(refusal("close(3, 4) = 0"), ":1:1: close() has 1 arguments, not 2");
    EXPECT_EQ(refusal("setsockopt(3, SOL_NONSENSE, 1, [1], 4) = 0"),
              ":1:18: 'SOL_NONSENSE' is not known (--define SOL_NONSENSE=NUMBER)");
    EXPECT_EQ(refusal("poll([{fd=3, events=POLLIN|POLLODD}], 1, 0) = 0").substr(0, 6), ":1:31:");
    EXPECT_EQ(refusal("fcntl(3, F_GETFL) = 0"), "");
    EXPECT_EQ(refusal("ioctl(3, SIOCOUTQ, [0]) = 0"), "");
    EXPECT_EQ(refusal("ioctl(3, SIOCINQ) = 0"), ":1:1: ioctl() has 3 arguments, not 2");
    EXPECT_EQ(refusal("ioctl(3, 21531, [0]) = 0"), "");
    EXPECT_EQ(refusal("ioctl(3, 0x8912, [0]) = 0"),
              ":1:13: of ioctl() SIOCINQ and SIOCOUTQ can be made here");
}

TEST(Symbols, StandForTheSystemsNumbers) {
    EXPECT_EQ(symbol("SOCK_STREAM"), SOCK_STREAM);
    EXPECT_EQ(symbol("SHUT_RDWR"), SHUT_RDWR);
    EXPECT_EQ(symbol("NONSENSE"), std::nullopt);
}

}  // namespace

}  // namespace tcpcraft
