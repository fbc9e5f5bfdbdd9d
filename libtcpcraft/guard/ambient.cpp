#include <sys/prctl.h>
#include <unistd.h>

#include <libtcpcraft/guard/ambient.hpp>

namespace tcpcraft {

namespace {

bool write_inheritable(CapabilityBits inheritable) {
    return read_capabilities()
        .and_then([&](CapabilitySets sets) {
            sets.inheritable = inheritable;
            return write_capabilities(sets);
        })
        .has_value();
}

void change_ambient(CapabilityBits capabilities, int operation) noexcept {
    for (int capability = 0; capability < 64; ++capability) {
        if ((capabilities & capability_bit(capability)) != 0) {
            prctl(PR_CAP_AMBIENT, operation, capability, 0, 0);
        }
    }
}

}  // namespace

AmbientCapabilities::AmbientCapabilities(CapabilityBits wanted) noexcept {
    const Expected<CapabilitySets> sets = read_capabilities();
    if (geteuid() == 0 || !sets) {
        return;
    }
    inheritable_before_ = sets->inheritable;
    raised_ = sets->permitted & wanted;
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
