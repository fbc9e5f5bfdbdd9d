#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

#include <libtcpcraft/guard/channel.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t longest_message = 4096;

}  // namespace

Expected<std::pair<Channel, Channel>> Channel::make() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return failure(last_system_error(), "make a pair of sockets for the guardian");
    }
    return std::pair{Channel{ends[0]}, Channel{ends[1]}};
}

bool Channel::say(const std::string& message) noexcept {
    const std::size_t size = std::min(message.size(), longest_message);
    return send(socket_.raw(), message.data(), size, MSG_NOSIGNAL) >= 0;
}

std::optional<std::string> Channel::hear() {
    std::array<char, longest_message> buffer{};
    ssize_t size = 0;
    do {
        size = recv(socket_.raw(), buffer.data(), buffer.size(), 0);
    } while (size < 0 && errno == EINTR);
    // No message of ours is empty: 0 is the end.
    return size > 0 ? std::optional{std::string{buffer.data(), static_cast<std::size_t>(size)}}
                    : std::nullopt;
}

std::optional<std::string> Channel::hear(std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point deadline = Clock::now() + patience;
    int ready = 0;
    do {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd waiting{socket_.raw(), POLLIN, 0};
        ready = poll(&waiting, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    } while (ready < 0 && errno == EINTR);
    return ready > 0 ? hear() : std::nullopt;
}

bool Channel::ended() const noexcept {
    char octet = 0;
    return recv(socket_.raw(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace tcpcraft
