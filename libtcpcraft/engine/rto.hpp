#pragma once

#include <cstdint>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// The retransmission timeout as a value (RFC 6298). Microseconds in 32 bits: up to 71 minutes.
class TCPCRAFT_API Rto {
public:
    /// Between what the timeout stays.
    struct Bounds {
        Duration initial{std::chrono::seconds{1}};  ///< before any sample (2.1)
        Duration least{std::chrono::seconds{1}};    ///< rounded up to this (2.4)
        Duration most{std::chrono::seconds{60}};    ///< not above (2.5: at least 60 s)
        friend bool operator==(const Bounds&, const Bounds&) = default;
    };

    constexpr Rto() noexcept = default;
    /// Made of these.
    explicit Rto(const Bounds& bounds) noexcept;

    /// One round trip of a segment that was sent once (2.2, 2.3; Karn: never of another).
    void sample(Duration rtt, const Bounds& bounds) noexcept;
    /// The timer expired (5.5).
    void back_off(const Bounds& bounds) noexcept;
    /// The SYN was retransmitted and RTO is below 3 s: 3 s for the data (5.7).
    void raise_after_syn_timeout(const Bounds& bounds) noexcept;

    /// The timeout as it is.
    [[nodiscard]] Duration value() const noexcept { return Duration{rto_}; }
    /// Smoothed round-trip time (RFC 6298 §2).
    [[nodiscard]] Duration srtt() const noexcept { return Duration{srtt_}; }
    /// Round-trip time variation (RFC 6298 §2).
    [[nodiscard]] Duration rttvar() const noexcept { return Duration{rttvar_}; }

    friend bool operator==(const Rto&, const Rto&) = default;

private:
    std::uint32_t srtt_{0};
    std::uint32_t rttvar_{0};
    std::uint32_t rto_{1'000'000};
};

}  // namespace tcpcraft
