#pragma once

#include <cstddef>

#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/tcb.hpp>

namespace tcpcraft {

/// Alters what an honest step has decided: the TCB after it and its actions, those from `first` on.
/// Everything altered names the deviation as its rule.
void deviate(Tcb& tcb, const Deviations& deviations, Actions& out, std::size_t first);

}  // namespace tcpcraft
