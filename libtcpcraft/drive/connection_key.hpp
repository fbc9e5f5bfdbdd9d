#pragma once

// Private: the four-tuple of a connection, in few octets.

#include <array>
#include <cstddef>
#include <cstdint>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/drive/chunks.hpp>

namespace tcpcraft {

/// Drawn once a run, so that no peer can choose addresses and ports that collide.
using HashKey = std::array<std::uint64_t, 2>;

/// SipHash-2-4 of addresses and ports. Zones take no part: they are ours, not the packet's.
[[nodiscard]] std::uint64_t keyed_hash(const ConnectionId& id, const HashKey& key) noexcept;

/// What a table keeps of a ConnectionId. IPv6 addresses stand in ConnectionKeys.
struct ConnectionKey {
    enum class Kind : std::uint8_t { free, v4, v6 };
    std::uint32_t local{0};   ///< IPv4 address; of IPv6 which pair; of a free one the next
    std::uint32_t remote{0};  ///< IPv4 address
    Port local_port{};
    Port remote_port{};
    Kind kind{Kind::free};
};

/// Makes keys and reads them. A key is put into it once and taken out once.
class ConnectionKeys {
public:
    [[nodiscard]] ConnectionKey put(const ConnectionId& id);
    void take(const ConnectionKey& key) noexcept;
    [[nodiscard]] ConnectionId id(const ConnectionKey& key) const noexcept;
    /// But for the zones.
    [[nodiscard]] bool same(const ConnectionKey& key, const ConnectionId& id) const noexcept;

    struct Pair {
        std::array<std::byte, 16> local{};
        std::array<std::byte, 16> remote{};
        std::uint32_t local_zone{0};  ///< of a free one: the next
        std::uint32_t remote_zone{0};
    };

private:
    static constexpr std::uint32_t none = UINT32_MAX;

    Chunks<Pair> pairs_{};
    std::uint32_t used_{0};
    std::uint32_t free_{none};
};

}  // namespace tcpcraft
