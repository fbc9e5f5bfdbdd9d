#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/link/raw/frame_sender.hpp>
#include <libtcpcraft/link/raw/loop.hpp>
#include <libtcpcraft/link/raw/next_hops.hpp>

namespace tcpcraft {

/// The way out as Ethernet frames, with a kernel's raw socket beside it for whatever cannot go
/// that way.
class FrameExit {
public:
    /// What it needs of its owner.
    struct Owner {
        /// Sends a packet by the kernel's raw socket.
        std::function<Expected<void>(const Outgoing&)> by_kernel{};
        std::function<void(const Sent&)> sent{};
        /// Called from the loop.
        std::function<void(const IcmpError&)> failed{};
    };
    /// Loop and what the owner's functions refer to must outlive this.
    [[nodiscard]] static Expected<std::unique_ptr<FrameExit>> open(Loop& loop,
                                                                   const std::string& interface,
                                                                   Owner owner);
    FrameExit(const FrameExit&) = delete;
    FrameExit& operator=(const FrameExit&) = delete;
    ~FrameExit();

    /// Opens now what it would open when a packet needs it.
    void open_senders();

    [[nodiscard]] Expected<void> send(std::span<const Outgoing> packets);
    /// While corked, packets gather; uncork() sends what has.
    void cork() noexcept { ++corks_; }
    void uncork();

private:
    FrameExit(Loop& loop, NextHops hops, Owner owner);

    struct Failed {
        std::vector<std::byte> packet{};
        Error error{};
        bool unsent{true};  ///< else its neighbour did not answer
    };

    [[nodiscard]] Expected<void> send(const Outgoing& packet, Instant now);
    [[nodiscard]] Expected<void> by_kernel(const Outgoing& packet);
    [[nodiscard]] Expected<void> await(Neighbour& neighbour, const Outgoing& packet, Instant now);
    void queue(FrameSender& sender, const Neighbour& neighbour, const Outgoing& packet,
               Instant now);
    [[nodiscard]] FrameSender* sender_of(std::uint32_t interface_index);
    void forget_outdated_senders();
    void flush();
    void flush_soon();
    void changed(Neighbour& neighbour);
    void release(Neighbour& neighbour);
    void give_up(Neighbour& neighbour);
    void look_after_held();
    void fail(std::span<const std::byte> packet, Error error, bool unsent = true);
    void tell_failures();

    Loop& loop_;
    NextHops hops_;
    Owner owner_;
    /// By interface; null where it is no Ethernet.
    std::unordered_map<std::uint32_t, std::unique_ptr<FrameSender>> senders_{};
    FrameSender* filling_{nullptr};  ///< the one that has packets to be sent
    std::uint32_t last_interface_{0};
    FrameSender* last_sender_{nullptr};
    unsigned corks_{0};
    bool soon_{false};  ///< flush() is going to be called from the loop
    AlarmId patience_{AlarmId::none};
    std::size_t held_{0};
    std::vector<Failed> failed_{};
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)};
    Readiness changes_;
};

}  // namespace tcpcraft
