#pragma once

#include <string>
#include <vector>

#include <tools/keepalive_options.hpp>

#include <libtcpcraft/drive/keep_alive.hpp>

namespace tcpcraft::cli {

/// What one connection has brought to light; of the two the verb's.
struct KeepAliveFinding {
    int exit_status{0};
    std::string summary{};
    std::size_t connection{0};  ///< its number
    std::string peer{};         ///< `ADDR:PORT`
    KeepAliveProbeResult probe{};
    LearnResult learnt{};
};

struct KeepAliveConclusion {
    int exit_status{0};
    std::string summary{};
    std::string json{};  ///< the `result`
};
/// Of all connections; `several`: the result is a list, however many there came to be. `nobody` is
/// the summary when there was none.
[[nodiscard]] KeepAliveConclusion conclude_keep_alive(KeepAliveOptions::Verb verb,
                                                      const std::vector<KeepAliveFinding>& all,
                                                      bool several, bool interrupted,
                                                      const std::string& nobody);
/// Of one connection: an object.
[[nodiscard]] std::string keep_alive_json(KeepAliveOptions::Verb verb,
                                          const KeepAliveFinding& found);
/// When nothing came of the run.
[[nodiscard]] std::string failed_keep_alive_json(KeepAliveOptions::Verb verb, int exit_status,
                                                 const std::string& summary, bool several);
/// Of --simulate=SCENARIO; `scenarios` is a JSON array.
[[nodiscard]] std::string textbook_keep_alive_json(int exit_status, const std::string& summary,
                                                   const std::string& scenarios);

}  // namespace tcpcraft::cli
