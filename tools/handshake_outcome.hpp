#pragma once

#include <string_view>
#include <vector>

#include <tools/handshake_json.hpp>

#include <libtcpcraft/report/account.hpp>

namespace tcpcraft::cli {

/// For reports: of one handshake its fields, of several a case each.
[[nodiscard]] RunOutcome handshake_outcome(const std::vector<HandshakeResult>& results,
                                           const Conclusion& conclusion, std::string_view scenario);

}  // namespace tcpcraft::cli
