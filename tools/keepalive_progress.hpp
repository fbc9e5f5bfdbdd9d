#pragma once

#include <span>
#include <string>

#include <tools/keepalive_options.hpp>

#include <libtcpcraft/drive/session.hpp>

namespace tcpcraft::cli {

/// How far a run of probe or learn has come, and how long it may last, for a person who waits.
[[nodiscard]] std::string keep_alive_progress(const KeepAliveOptions& options,
                                              std::span<const std::unique_ptr<Session>> sessions,
                                              Instant now);
/// The time that is left for the peer's first probe; unset: it has come, or nobody is silent yet.
[[nodiscard]] std::optional<Duration> patience_left(const KeepAliveOptions& options,
                                                    const Session& session, Instant now);

}  // namespace tcpcraft::cli
