#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft {

/// One end of a conversation in whole messages between two processes.
class Channel {
public:
    [[nodiscard]] static Expected<std::pair<Channel, Channel>> make();

    /// Whether somebody is there to hear it.
    bool say(const std::string& message) noexcept;
    /// Waits without end; none when the other side is gone.
    [[nodiscard]] std::optional<std::string> hear();
    /// None when the other side is gone or says nothing in time.
    [[nodiscard]] std::optional<std::string> hear(std::chrono::milliseconds patience);

    /// Whether the other side is gone.
    [[nodiscard]] bool ended() const noexcept;

    [[nodiscard]] int descriptor() const noexcept { return socket_.raw(); }
    [[nodiscard]] bool open() const noexcept { return socket_.open(); }
    void close() noexcept { socket_.reset(); }

private:
    explicit Channel(int descriptor) noexcept : socket_{descriptor} {}

    Descriptor socket_;
};

}  // namespace tcpcraft
