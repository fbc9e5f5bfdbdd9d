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

namespace {

struct Name {
    sockaddr_un address{};
    socklen_t size{0};
};

std::optional<Name> name_of(const std::string& token) {
    const std::string name = "tcpcraft/" + token;
    Name made;
    made.address.sun_family = AF_UNIX;
    if (name.size() + 1 > sizeof made.address.sun_path) {
        return std::nullopt;
    }
    std::memcpy(made.address.sun_path + 1, name.data(), name.size());
    made.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    return made;
}

}  // namespace

std::optional<Liveness> Liveness::take(const std::string& token) {
    const auto name = name_of(token);
    Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!name || !socket.open() ||
        bind(socket.raw(), reinterpret_cast<const sockaddr*>(&name->address), name->size) != 0) {
        return std::nullopt;
    }
    return Liveness{token, std::move(socket)};
}

bool Liveness::held(const std::string& token) {
    const auto name = name_of(token);
    const Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    return name && socket.open() &&
           connect(socket.raw(), reinterpret_cast<const sockaddr*>(&name->address), name->size) ==
               0;
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
