#pragma once

#include <string>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

/// `SYN,ACK`, `ACK`, `no flags`
[[nodiscard]] std::string spelled(Flags flags);
/// What made a transition, for the trace: `SYN,ACK arrives`, `CLOSE call`, `timer`.
[[nodiscard]] std::string cause(const Event& event);
/// `drop`, `delay 200 ms`
[[nodiscard]] std::string describe(const FaultReport& report);
/// `1.5 s`, `200 ms`, `2 h 4 min`: the two largest units that matter.
[[nodiscard]] TCPCRAFT_API std::string spoken(Duration d);

}  // namespace tcpcraft
