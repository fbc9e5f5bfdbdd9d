#pragma once

#include <string>
#include <vector>

#include <libtcpcraft/drive/teardown.hpp>
#include <libtcpcraft/report/account.hpp>

namespace tcpcraft::cli {

/// For reports: a case for each scenario; the measurements of a single one. Segments are those of
/// the run.
[[nodiscard]] RunOutcome teardown_outcome(int exit_status, const std::string& summary,
                                          const std::vector<TeardownResult>& results);

}  // namespace tcpcraft::cli
