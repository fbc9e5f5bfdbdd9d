#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft::test {

/// What was heard of the kernel: a segment without its octets.
struct Heard {
    Segment segment{};  ///< `payload` is empty
    std::uint32_t size{0};
};

/// A network with this kernel's TCP on one end of a veth pair and nobody but us on the other, where
/// we write and read whole packets as any host would. Both ends are in one private network. What
/// was written has been answered when a ping behind it is answered: one processor does the work in
/// order. Nothing here depends on how long anything takes.
class PeerWire {
public:
    PeerWire();

    /// Why there is none on this machine.
    [[nodiscard]] const std::optional<std::string>& missing() const noexcept { return missing_; }
    [[nodiscard]] static Address kernel(Family family);
    [[nodiscard]] static Address peer(Family family);

    /// From us to the kernel.
    void write(const Segment& segment, Family family) const;
    /// Everything the kernel has sent to `to_us` by now, oldest first.
    [[nodiscard]] std::vector<Heard> answers(Port kernels, Port ours);

private:
    void join();
    void wait_for(Family family);
    void tune() const;
    void put(std::span<const std::byte> packet, bool v6) const;
    void ping();
    [[nodiscard]] bool is_the_pong(std::span<const std::byte> packet) const;

    std::optional<std::string> missing_{};
    Descriptor packets_{};
    int interface_{0};
    std::uint32_t pings_{0};
};

}  // namespace tcpcraft::test
