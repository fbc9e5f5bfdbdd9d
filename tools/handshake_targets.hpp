#pragma once

#include <tools/cli/program.hpp>
#include <tools/handshake_options.hpp>

namespace tcpcraft::cli {

/// Very many handshakes: with each target of a list, or many with one. The exit status.
[[nodiscard]] int run_handshake_targets(const Program& program, const WorldRequest& request,
                                        const HandshakeOptions& options);

}  // namespace tcpcraft::cli
