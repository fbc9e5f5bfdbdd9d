#pragma once

#include <span>
#include <string_view>

#include <tests/kernel/differences/machine.hpp>

namespace tcpcraft::test {

/// An engine with a rule taken out, which the comparison has to notice.
struct AlteredEngine {
    std::string_view name{};
    Tcb (*step)(Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out){};
};

[[nodiscard]] std::span<const AlteredEngine> altered_engines();

}  // namespace tcpcraft::test
