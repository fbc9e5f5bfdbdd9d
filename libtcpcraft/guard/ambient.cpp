#include <array>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libtcpcraft/guard/ambient.hpp>

namespace tcpcraft {

namespace {

using CapabilitySets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

constexpr std::uint32_t bit(int capability) noexcept { return 1U << capability; }
constexpr std::uint32_t wanted = bit(CAP_NET_ADMIN) | bit(CAP_NET_RAW);

bool read_sets(CapabilitySets& sets) noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capget, &header, sets.data()) == 0;
}

bool write_inheritable(std::uint32_t inheritable) noexcept {
    CapabilitySets sets{};
    if (!read_sets(sets)) {
        return false;
    }
    sets[0].inheritable = inheritable;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capset, &header, sets.data()) == 0;
}

void change_ambient(std::uint32_t capabilities, int operation) noexcept {
    for (const int capability : {CAP_NET_ADMIN, CAP_NET_RAW}) {
        if ((capabilities & bit(capability)) != 0) {
            prctl(PR_CAP_AMBIENT, operation, capability, 0, 0);
        }
    }
}

}  // namespace

AmbientCapabilities::AmbientCapabilities() noexcept {
    CapabilitySets sets{};
    if (geteuid() == 0 || !read_sets(sets)) {
        return;
    }
    inheritable_before_ = sets[0].inheritable;
    raised_ = sets[0].permitted & wanted;
    if (raised_ != 0 && write_inheritable(inheritable_before_ | raised_)) {
        change_ambient(raised_, PR_CAP_AMBIENT_RAISE);
    }
}

AmbientCapabilities::~AmbientCapabilities() {
    if (raised_ != 0) {
        // What was ambient before must have been inheritable: lower only what we added.
        change_ambient(raised_ & ~inheritable_before_, PR_CAP_AMBIENT_LOWER);
        write_inheritable(inheritable_before_);
    }
}

}  // namespace tcpcraft
