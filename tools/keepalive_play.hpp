#pragma once

#include <tools/keepalive_json.hpp>
#include <tools/keepalive_options.hpp>

#include <libtcpcraft/drive/keep_alive.hpp>

namespace tcpcraft::cli {

// What probe and learn do with each connection, be it one or one of many.

[[nodiscard]] KeepAliveProbeRequest probing_request(const KeepAliveOptions& options);
[[nodiscard]] LearnRequest learning_request(const KeepAliveOptions& options);
[[nodiscard]] Scenario keep_alive_scenario(const KeepAliveOptions& options);
/// Of a finished session; --expect counts.
[[nodiscard]] KeepAliveFinding judge_keep_alive(const KeepAliveOptions& options,
                                                const Session& session);

}  // namespace tcpcraft::cli
