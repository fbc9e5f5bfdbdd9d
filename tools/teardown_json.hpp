#pragma once

#include <string>
#include <vector>

#include <libtcpcraft/drive/teardown.hpp>

namespace tcpcraft::cli {

/// `12 conform, 1 inconclusive`
[[nodiscard]] std::string summary_of(const std::vector<TeardownResult>& results);
/// The `result` object. Segments are indices into events already.
[[nodiscard]] std::string teardown_json(int exit_status, const std::string& summary,
                                        const std::vector<TeardownResult>& results);
/// The same for what --simulate=SCENARIO has played, which is JSON already.
[[nodiscard]] std::string textbook_json(int exit_status, const std::string& summary,
                                        const std::string& scenarios);

}  // namespace tcpcraft::cli
