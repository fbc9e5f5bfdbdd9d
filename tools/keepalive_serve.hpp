#pragma once

#include <tools/keepalive_serve_options.hpp>

namespace tcpcraft::cli {

/// `tcp-keepalive serve`, from opening the world to the end. The exit status.
[[nodiscard]] int serve(const CommonOptions& common, const ServeOptions& options);

}  // namespace tcpcraft::cli
