#pragma once

#include <tools/cli/program.hpp>
#include <tools/keepalive_options.hpp>

namespace tcpcraft::cli {

/// tcp-keepalive, probe or learn, of each target of a list; `request` is that of one target. The
/// exit status.
[[nodiscard]] int run_keep_alive_targets(const Program& program, const WorldRequest& request,
                                         const KeepAliveOptions& options);

}  // namespace tcpcraft::cli
