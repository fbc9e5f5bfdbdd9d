#pragma once

#include <tools/handshake_options.hpp>

namespace tcpcraft::cli {

/// Plays, or lists, what --simulate=SCENARIO asked for; the exit status.
[[nodiscard]] int play_handshake_scenarios(const HandshakeOptions& options);

}  // namespace tcpcraft::cli
