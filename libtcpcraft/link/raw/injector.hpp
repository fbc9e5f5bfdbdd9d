#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/link/raw/kernel_clock.hpp>

struct libnet_context;

namespace tcpcraft {

/// Sends IP packets of one family through libnet's raw socket, and learns from the kernel when each
/// left. The kernel routes by the destination in the packet's header, resolves neighbours, and
/// fills in IPv4's total length and header checksum.
class Injector {
public:
    /// With an interface the packets leave there whatever the routes say; link-local destinations
    /// need one.
    [[nodiscard]] static Expected<Injector> open(Family family, const std::string& interface);

    /// For the loop: something may be in the error queue.
    [[nodiscard]] int raw() const noexcept;
    void on_sent(std::function<void(const Sent&)> handler) { on_sent_ = std::move(handler); }
    /// Errors in words: EPERM is the local netfilter, EMSGSIZE the MTU, and so on.
    [[nodiscard]] Expected<void> send(const Outgoing& packet, Instant now);
    /// Reports the departures that the kernel has told since. Over veth, loopback and most cards
    /// that is right after send(); a packet that waits for a neighbour is told later.
    void drain(const Alarm& alarm);
    /// The same, but only until none is missing: there is mostly one.
    void catch_up(const Alarm& alarm);
    /// Reports those sent before `limit` and not told, with our own clock.
    void give_up(Instant limit);
    /// Whether some departures are still to be told.
    [[nodiscard]] bool waiting() const noexcept { return waiting_ != 0; }
    [[nodiscard]] bool stamped() const noexcept { return stamped_; }

private:
    struct LibnetDeleter {
        void operator()(libnet_context* context) const noexcept;
    };
    struct Pending {
        std::uint32_t id{0};
        bool waiting{false};
        Sent sent{};
    };
    Injector(std::unique_ptr<libnet_context, LibnetDeleter> libnet, Family family);

    [[nodiscard]] int write(const Outgoing& packet) noexcept;
    void ask_for_stamps() noexcept;
    bool read_told(const Alarm& alarm);
    void remember(std::uint64_t token, Instant now);
    void told(std::uint32_t id, Instant at);
    void report(Pending& slot);

    static constexpr std::size_t memory = 256;
    std::unique_ptr<libnet_context, LibnetDeleter> libnet_;
    Family family_{};
    bool stamped_{false};
    std::uint32_t next_id_{0};  // the kernel counts sends from the moment stamps were asked for
    std::size_t waiting_{0};
    std::array<Pending, memory> pending_{};
    std::function<void(const Sent&)> on_sent_{};
};

}  // namespace tcpcraft
