#pragma once

#include <map>
#include <string>

#include <libtcpcraft/drive/keep_alive_serve.hpp>
#include <libtcpcraft/report/account.hpp>

namespace tcpcraft::cli {

/// When clients came and how they went, for the picture of a report; of very many the first.
class ClientPicture {
public:
    void take(const ClientEvent& event);
    [[nodiscard]] Timeline timeline(Instant now) const;

private:
    struct Client {
        TimelineRow row{};
        Instant since{};
        bool gone{false};
    };
    std::map<std::size_t, Client> clients_{};
    std::size_t last_left_out_{0};
    std::size_t left_out_{0};
};

/// For reports: one case, and what was counted.
[[nodiscard]] RunOutcome serve_outcome(int exit_status, const std::string& summary,
                                       const ClientCounts& counts, Timeline timeline);

}  // namespace tcpcraft::cli
