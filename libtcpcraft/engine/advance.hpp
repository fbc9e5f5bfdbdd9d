#pragma once

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// One step of the machine: the TCB after `event` at `now`. What it decides is appended to `out`
/// (clear it before). Pure: no socket, no clock, no randomness, no log; the same arguments give the
/// same answer. Time never runs backwards for one TCB. RFC 9293 §3.10.
[[nodiscard]] TCPCRAFT_API Tcb advance(Tcb tcb, const Event& event, Instant now,
                                       const Policy& policy, Actions& out);

/// When TimePasses has to come next; `never` when no timer runs.
[[nodiscard]] TCPCRAFT_API Instant next_deadline(const Tcb& tcb) noexcept;

}  // namespace tcpcraft
