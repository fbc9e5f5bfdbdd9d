#pragma once

#include <optional>
#include <vector>

#include <tools/teardown_options.hpp>

#include <libtcpcraft/drive/teardown.hpp>

namespace tcpcraft::cli {

// How long the peer stays in TIME-WAIT or FIN-WAIT-2. Each look may start its timer anew, so each
// is taken on a connection of its own, once.

/// Adds the looks that a scenario needs with --long, or because it consists of them.
void add_looks(std::vector<TeardownRequest>& plays, Teardown scenario,
               const TeardownOptions& options);
/// Whether a scenario's result is to wait for looks.
[[nodiscard]] bool has_looks(const std::vector<TeardownRequest>& plays, Teardown scenario);
/// The control probe was met by RST, or a RST came before it.
[[nodiscard]] bool has_left(const TeardownResult& result);
/// Puts what the looks have shown into the results: into the one of the same name, or a new one.
/// Each look has a result by then, if one that it was not played.
void take_looks(const std::vector<TeardownRequest>& plays,
                const std::vector<std::optional<TeardownResult>>& seen,
                std::vector<TeardownResult>& results);

}  // namespace tcpcraft::cli
