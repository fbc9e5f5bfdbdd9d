#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Which IP.
enum class Family : std::uint8_t { v4, v6 };

/// An IPv4 or IPv6 address. The default is the unspecified IPv4 address. A zone (interface index)
/// belongs to link-local IPv6 addresses (RFC 4007); 0 where there is none.
class TCPCRAFT_API Address {
public:
    constexpr Address() noexcept = default;

    /// From four octets in network order.
    [[nodiscard]] static Address v4(std::span<const std::byte, 4> octets) noexcept {
        Address made;
        made.set_v4(octets);
        return made;
    }
    /// From sixteen octets in network order.
    [[nodiscard]] static Address v6(std::span<const std::byte, 16> octets,
                                    std::uint32_t zone = 0) noexcept {
        Address made;
        made.set_v6(octets, zone);
        return made;
    }
    /// The same in place. Who reads thousands of headers saves the copy.
    void set_v4(std::span<const std::byte, 4> octets) noexcept {
        *this = Address{};
        std::memcpy(octets_.data(), octets.data(), octets.size());
    }
    /// The same for IPv6.
    void set_v6(std::span<const std::byte, 16> octets, std::uint32_t zone = 0) noexcept {
        std::memcpy(octets_.data(), octets.data(), octets.size());
        is_v6_ = 1;
        zone_ = zone & 0x7fffffffU;
    }
    /// 0.0.0.0 or ::
    [[nodiscard]] static Address unspecified(Family family) noexcept;
    /// A literal: dotted quad, or IPv6 with an optional %zone (interface name or index).
    [[nodiscard]] static Expected<Address> read(std::string_view text);

    /// Which IP.
    [[nodiscard]] Family family() const noexcept { return is_v6_ != 0 ? Family::v6 : Family::v4; }
    /// Whether it is IPv6.
    [[nodiscard]] bool is_v6() const noexcept { return is_v6_ != 0; }
    /// Interface index; 0 where there is none.
    [[nodiscard]] std::uint32_t zone() const noexcept { return zone_; }
    /// The same address with this zone.
    [[nodiscard]] Address with_zone(std::uint32_t zone) const noexcept;
    /// Four or sixteen octets in network order.
    [[nodiscard]] std::span<const std::byte> octets() const noexcept {
        return {octets_.data(), is_v6() ? std::size_t{16} : std::size_t{4}};
    }
    /// 0.0.0.0 or ::
    [[nodiscard]] bool is_unspecified() const noexcept;
    /// 127.0.0.0/8 or ::1.
    [[nodiscard]] bool is_loopback() const noexcept;
    /// fe80::/10: needs a zone to be reached.
    [[nodiscard]] bool is_link_local() const noexcept;
    /// Multicast, or the IPv4 limited broadcast: never the end of a connection (MUST-46, MUST-57).
    [[nodiscard]] bool is_multicast_or_broadcast() const noexcept;
    /// As read() reads it; the zone as %name, or %index where the interface has no name.
    [[nodiscard]] std::string text() const;

    /// IPv4 before IPv6, then by octets, then by zone.
    friend std::strong_ordering operator<=>(const Address& a, const Address& b) noexcept {
        // Written out: g++ 12 deletes the defaulted one where there are bit fields.
        if (a.is_v6() != b.is_v6()) {
            return a.is_v6() <=> b.is_v6();
        }
        const auto order = a.octets_ <=> b.octets_;
        return order != 0 ? order : a.zone() <=> b.zone();
    }
    friend bool operator==(const Address&, const Address&) = default;

private:
    std::array<std::byte, 16> octets_{};
    std::uint32_t is_v6_ : 1 {0};
    std::uint32_t zone_ : 31 {0};
};

/// A TCP port. 0 means "any" or "not chosen yet".
struct Port {
    std::uint16_t value{0};  ///< host order
    friend auto operator<=>(const Port&, const Port&) = default;
};

/// Address and port: what the RFC calls a socket (RFC 9293 §3.1).
struct TCPCRAFT_API Endpoint {
    Address address{};  ///< IPv4 or IPv6
    Port port{};        ///< 0: not chosen

    /// `192.0.2.1:80`, `[2001:db8::1]:80`
    [[nodiscard]] std::string text() const;
    /// What text() writes.
    [[nodiscard]] static Expected<Endpoint> read(std::string_view text);

    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// The pair of sockets that names a connection.
struct ConnectionId {
    Endpoint local{};   ///< our end, or that of the host it is asked of
    Endpoint remote{};  ///< the peer's end
    friend auto operator<=>(const ConnectionId&, const ConnectionId&) = default;
};

}  // namespace tcpcraft
