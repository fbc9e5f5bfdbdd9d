#pragma once

#include <vector>

#include <tools/keepalive_json.hpp>

#include <libtcpcraft/drive/session.hpp>
#include <libtcpcraft/report/account.hpp>

namespace tcpcraft::cli {

/// A connection with what it has brought to light.
struct KeepAliveShown {
    const Session* session{nullptr};
    KeepAliveFinding found{};
};

/// For reports: a case for each connection, the fields of a single one, and its probes over time.
[[nodiscard]] RunOutcome keep_alive_outcome(KeepAliveOptions::Verb verb,
                                            const KeepAliveConclusion& conclusion,
                                            const std::vector<KeepAliveShown>& all, Instant now);

}  // namespace tcpcraft::cli
