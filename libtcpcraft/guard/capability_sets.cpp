#include <array>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libtcpcraft/guard/capability_sets.hpp>

namespace tcpcraft {

namespace {

using KernelSets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

constexpr unsigned half = 32;

CapabilityBits joined(std::uint32_t low, std::uint32_t high) noexcept {
    return low | (CapabilityBits{high} << half);
}

std::uint32_t low(CapabilityBits bits) noexcept { return static_cast<std::uint32_t>(bits); }
std::uint32_t high(CapabilityBits bits) noexcept {
    return static_cast<std::uint32_t>(bits >> half);
}

}  // namespace

Expected<CapabilitySets> read_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    KernelSets sets{};
    if (syscall(SYS_capget, &header, sets.data()) != 0) {
        return failure(last_system_error(), "ask for the capabilities of this process");
    }
    return CapabilitySets{joined(sets[0].effective, sets[1].effective),
                          joined(sets[0].permitted, sets[1].permitted),
                          joined(sets[0].inheritable, sets[1].inheritable)};
}

Expected<void> write_capabilities(const CapabilitySets& sets) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const KernelSets written{
        {{low(sets.effective), low(sets.permitted), low(sets.inheritable)},
         {high(sets.effective), high(sets.permitted), high(sets.inheritable)}}};
    if (syscall(SYS_capset, &header, written.data()) != 0) {
        return failure(last_system_error(), "change the capabilities of this process");
    }
    return {};
}

Expected<void> keep_capabilities(CapabilityBits wanted) {
    const Expected<CapabilitySets> had = read_capabilities();
    if (!had) {
        return Unexpected<Error>{had.error()};
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    const CapabilitySets kept{had->effective & wanted, had->permitted & wanted, 0};
    return write_capabilities(kept).and_then(read_capabilities).and_then([&](const auto& have) {
        return have == kept ? Expected<void>{}
                            : failure({}, "give up the capabilities of this process");
    });
}

}  // namespace tcpcraft
