#pragma once

#include <optional>
#include <string>

#include <libtcpcraft/base/descriptor.hpp>

namespace tcpcraft {

/// Who holds the abstract unix socket `\0tcpcraft/TOKEN` owns the rule of that token. Such a socket
/// belongs to the network namespace, exactly like the rule, and is gone the moment its last holder
/// is: no process id that is used again, no start time and no boot id can deceive it.
class Liveness {
public:
    /// Takes the name; none when somebody holds it.
    [[nodiscard]] static std::optional<Liveness> take(const std::string& token);
    /// Takes a random name that nobody has; none when the system refuses sockets.
    [[nodiscard]] static std::optional<Liveness> take_new();

    /// Whether somebody holds this name. Takes nothing, so that many may ask at once.
    [[nodiscard]] static bool held(const std::string& token);

    [[nodiscard]] const std::string& token() const noexcept { return token_; }
    [[nodiscard]] int descriptor() const noexcept { return socket_.raw(); }
    /// In a forked child: the same name, held by the child as well.
    [[nodiscard]] Liveness inherited() const { return {token_, Descriptor{socket_.raw()}}; }
    /// Only what holds the name.
    [[nodiscard]] Descriptor detach() && noexcept { return std::move(socket_); }
    void release() noexcept { socket_.reset(); }

private:
    Liveness(std::string token, Descriptor socket)
        : token_{std::move(token)}, socket_{std::move(socket)} {}

    std::string token_;
    Descriptor socket_;
};

}  // namespace tcpcraft
