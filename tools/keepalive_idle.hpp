#pragma once

#include <tools/keepalive_options.hpp>

namespace tcpcraft::cli {

/// `tcp-keepalive idle`, from its options to the exit status.
[[nodiscard]] int run_idle(const KeepAliveOptions& options);

}  // namespace tcpcraft::cli
