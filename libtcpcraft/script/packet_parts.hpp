#pragma once

#include <optional>

#include <libtcpcraft/script/script_cursor.hpp>
#include <libtcpcraft/wire/options.hpp>

// Private: what stands in a packet line beside ports, control bits and numbers.

namespace tcpcraft::script {

/// `(ttl 64)`, `[ect0]`, `[tos 0x2, flowlabel 0x12345]`, or nothing.
[[nodiscard]] ScriptIp read_ip(ScriptCursor& cursor, bool inbound);

/// `<mss 1460, nop, wscale 7>`, or no list: none; nothing: `<...>`, they do not matter.
[[nodiscard]] std::optional<Options> read_option_list(ScriptCursor& cursor, bool inbound);

}  // namespace tcpcraft::script
