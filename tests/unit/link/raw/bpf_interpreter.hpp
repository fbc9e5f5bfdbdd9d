#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <linux/filter.h>

namespace tcpcraft::test {

/// Runs the part of classic BPF that our filters use, the kernel's way: a load beyond the end
/// rejects, SKF_AD_PKTTYPE and SKF_AD_PROTOCOL load what is given. Returns the verdict; throws on
/// anything else.
[[nodiscard]] std::uint32_t run_filter(std::span<const sock_filter> program,
                                       std::span<const std::byte> packet,
                                       std::uint32_t packet_type = 0, std::uint32_t protocol = 0);

}  // namespace tcpcraft::test
