#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>

#include <libtcpcraft/link/raw/packet_tap.hpp>
#include <libtcpcraft/link/raw/peek.hpp>

namespace tcpcraft {

/// Looks at what leaves this host, behind netfilter, for RSTs on our sockets that we did not send:
/// proof that the kernel has answered in our place. Sees each packet once, over loopback too.
class ResetWatch {
public:
    [[nodiscard]] static Expected<ResetWatch> open(const CaptureScope& scope,
                                                   const std::string& interface);

    [[nodiscard]] int raw() const noexcept { return tap_.raw(); }
    /// A packet of ours that has just gone out. Each excuses one departure like it, so that a
    /// kernel's RST which looks like ours is counted all the same.
    void sent(std::span<const std::byte> packet) noexcept;
    /// More of our RSTs are waiting to be seen leaving than may be forgotten: drain() is wanted.
    [[nodiscard]] bool crowded() const noexcept { return own_.size() >= memory / 2; }
    /// Looks at what has left since.
    void drain(const Alarm& alarm);
    [[nodiscard]] std::uint64_t escaped() const noexcept { return escaped_; }

private:
    ResetWatch(PacketTap tap, const CaptureScope& scope) : tap_{std::move(tap)}, scope_{scope} {}
    void departed(std::span<const std::byte> packet) noexcept;
    bool excused(const Fingerprint& print) noexcept;

    /// More RSTs of ours than this between two looks would be taken for the kernel's.
    static constexpr std::size_t memory = 4096;
    PacketTap tap_;
    CaptureScope scope_;
    std::deque<Fingerprint> own_{};  ///< leaves mostly at the front
    std::uint64_t escaped_{0};
};

}  // namespace tcpcraft
