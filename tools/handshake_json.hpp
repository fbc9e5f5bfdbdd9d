#pragma once

#include <string>
#include <vector>

#include <libtcpcraft/drive/handshake.hpp>
#include <libtcpcraft/drive/handshake_fleet.hpp>

namespace tcpcraft::cli {

struct Conclusion {
    int exit_status{0};
    std::string summary{};
    std::string json{};  ///< the `result` object
};

/// One result as it is, several as `connections`. None: nothing was accepted before the end.
[[nodiscard]] Conclusion conclude_handshakes(const std::vector<HandshakeResult>& results,
                                             bool several, bool interrupted);
/// One result as its `result` object.
[[nodiscard]] std::string handshake_json(const HandshakeResult& result);
/// One handshake of a fleet: the same, with `outcome` and `syns`.
[[nodiscard]] std::string handshake_json(const HandshakeResult& result,
                                         const HandshakeReport& report);
/// The same of a target that was not tried, or could not be reached.
[[nodiscard]] std::string untried_handshake_json(int exit_status, const std::string& summary);
/// Of all of a fleet: members of an object.
[[nodiscard]] std::string handshake_counts_json(const HandshakeCounts& counts);
/// The `result` of a run that never came to a connection.
[[nodiscard]] std::string failed_handshake_json(int exit_status, const std::string& summary,
                                                bool several);

}  // namespace tcpcraft::cli
