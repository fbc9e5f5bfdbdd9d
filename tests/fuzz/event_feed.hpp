#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/tcb.hpp>

namespace tcpcraft::fuzz {

/// Makes policies, pauses and events of the fuzzer's octets. Numbers stand near those of the TCB as
/// often as anywhere, so that the interesting ones are met. Octets that are missing read as zero.
class EventFeed {
public:
    explicit EventFeed(std::span<const std::uint8_t> octets) noexcept : octets_{octets} {}

    [[nodiscard]] bool empty() const noexcept { return octets_.empty(); }
    [[nodiscard]] Policy policy();
    /// How long until the next event: nothing, a while, up to the next deadline, for ever.
    [[nodiscard]] Duration pause(const Tcb& tcb, Instant now);
    /// Its views hold until the next one.
    [[nodiscard]] Event event(const Tcb& tcb);

private:
    [[nodiscard]] std::uint8_t octet() noexcept;
    [[nodiscard]] std::uint32_t number(std::size_t octets) noexcept;
    [[nodiscard]] Seq near(const Tcb& tcb) noexcept;
    [[nodiscard]] Options options(const Tcb& tcb);
    [[nodiscard]] Segment segment(const Tcb& tcb);
    [[nodiscard]] std::span<const std::byte> data() noexcept;

    std::span<const std::uint8_t> octets_;
};

}  // namespace tcpcraft::fuzz
