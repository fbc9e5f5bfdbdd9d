#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/link/raw/frame_sender.hpp>
#include <libtcpcraft/link/raw/netlink.hpp>

namespace tcpcraft {

/// A packet that waits until its neighbour is known.
struct HeldPacket {
    std::vector<std::byte> octets{};
    Address destination{};
    std::uint64_t token{0};
};

/// A host on a link of ours: what packets are handed to.
struct Neighbour {
    std::uint32_t interface_index{0};
    Address address{};
    std::optional<HardwareAddress> hardware{};
    bool failed{false};    ///< the kernel looked for it in vain
    bool fixed{false};     ///< by configuration: nothing to be looked after
    bool asked{false};     ///< the kernel is finding out
    Instant checked_at{};  ///< when the kernel last had reason to look whether it is still there
    Instant asked_at{};
    std::vector<HeldPacket> held{};
};

/// Finds the neighbour that the kernel would hand a packet to, as fast as packets come. Where
/// routes and rules begin and end, the address space falls into blocks within which the kernel's
/// answer is one and the same: it is asked once for each block and source. Changes of routes,
/// rules, links and neighbours are followed.
class NextHops {
public:
    /// With an interface: by that one, whatever the routes say (0: as they say).
    [[nodiscard]] static Expected<NextHops> open(std::uint32_t interface_index);

    /// Null: leave it to the kernel, which will loop it back, wrap it, or say what is wrong. Stays
    /// where it is until forget_links().
    [[nodiscard]] Neighbour* find(const Address& source, const Address& destination);
    /// Asks the kernel for what it knows of it.
    void look_up(Neighbour& neighbour);
    /// Has the kernel find out where it is, or whether it is still there, as if it had something to
    /// send to it. False where that is refused (it takes CAP_NET_ADMIN): then it should have.
    [[nodiscard]] bool nudge(const Neighbour& neighbour);

    /// For the loop: changes are to be followed.
    [[nodiscard]] int raw() const noexcept { return changes_.raw(); }
    struct Handlers {
        std::function<void(Neighbour&)> neighbour_changed{};
        std::function<void()> links_changed{};
    };
    void follow(const Handlers& handlers);
    /// All neighbours, to be looked at one by one.
    void each(const std::function<void(Neighbour&)>& call);

private:
    using Boundary = std::array<std::byte, 16>;
    struct Way {
        bool known{false};
        bool by_frame{false};
        std::uint32_t interface_index{0};
        Neighbour* gateway{nullptr};
    };
    struct Source {
        Address address{};
        std::vector<Way> ways{};  ///< of each block
    };
    struct Blocks {
        bool read{false};
        std::vector<Boundary> boundaries{};  ///< sorted; block i ends before boundary i
        std::vector<Source> sources{};
    };
    struct Key {
        std::uint32_t interface_index{0};
        Address address{};
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept;
    };

    NextHops(Netlink questions, Netlink changes, std::uint32_t interface_index);
    void forget_routes();
    void read_boundaries(Blocks& blocks, Family family);
    [[nodiscard]] Way& way(const Address& source, const Address& destination);
    void ask(Way& way, const Address& source, const Address& destination);
    [[nodiscard]] Neighbour& neighbour_at(std::uint32_t interface_index, const Address& address);
    [[nodiscard]] Neighbour* search(const Address& source, const Address& destination);
    Neighbour* take_in(std::span<const std::byte> body, bool gone);

    Netlink questions_;
    Netlink changes_;
    std::uint32_t interface_index_;
    std::array<Blocks, 2> blocks_{};  ///< by family
    std::unordered_map<Key, Neighbour, KeyHash> neighbours_{};
    std::vector<Neighbour*> changed_{};
    Address last_source_{};
    Address last_destination_{};
    Neighbour* last_{nullptr};
    bool last_known_{false};
};

}  // namespace tcpcraft
