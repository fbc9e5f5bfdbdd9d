#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <libtcpcraft/guard/liveness.hpp>

namespace tcpcraft {

std::optional<Liveness> Liveness::take(const std::string& token) {
    const std::string name = "tcpcraft/" + token;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (name.size() + 1 > sizeof address.sun_path) {
        return std::nullopt;
    }
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!socket.open() ||
        bind(socket.raw(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        return std::nullopt;
    }
    return Liveness{token, std::move(socket)};
}

std::optional<Liveness> Liveness::take_new() {
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::uint64_t random = 0;
        if (getrandom(&random, sizeof random, 0) != sizeof random) {
            return std::nullopt;
        }
        if (auto taken = take(fmt::format("{:016x}", random))) {
            return taken;
        }
    }
    return std::nullopt;
}

}  // namespace tcpcraft
