#pragma once

#include <string>
#include <vector>

#include <libtcpcraft/drive/handshake.hpp>

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
/// The `result` of a run that never came to a connection.
[[nodiscard]] std::string failed_handshake_json(int exit_status, const std::string& summary,
                                                bool several);

}  // namespace tcpcraft::cli
