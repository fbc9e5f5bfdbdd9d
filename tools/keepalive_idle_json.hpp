#pragma once

#include <string>
#include <vector>

#include <tools/keepalive_idle_checkpoint.hpp>

#include <libtcpcraft/drive/idle_conclusion.hpp>

namespace tcpcraft::cli {

struct IdleReport {
    int exit_status{0};
    std::string summary{};
    IdleConclusion conclusion{};
    std::optional<IdleRefreshed> refreshed{};
    std::vector<IdleTried> tried{};
    std::size_t connections{0};
    Duration took{};
};

/// The `result` of a run.
[[nodiscard]] std::string idle_json(const IdleOptions& options, const IdleReport& report);

}  // namespace tcpcraft::cli
