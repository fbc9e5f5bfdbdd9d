#pragma once

#include <vector>

#include <tools/keepalive_idle_json.hpp>

#include <libtcpcraft/report/account.hpp>

namespace tcpcraft::cli {

/// What a search looks like over time, kept while it runs.
class IdlePicture {
public:
    /// A trial that began `from`; its question, or its end, came `result.idle` later.
    void trial(std::string what, Duration planned, Instant from, const IdleTrialResult& result);
    /// What is known now.
    void known(Instant now, const IdleAnswer& answer);
    /// A trial that was ended as nothing new would have come of it.
    void unneeded() noexcept { ++unneeded_; }

    [[nodiscard]] Timeline timeline(const IdleConclusion& found) const;

private:
    struct Trial {
        Duration planned{};
        TimelineRow row{};
    };
    std::vector<Trial> trials_{};
    std::vector<TimelineBracket> brackets_{};
    std::size_t unneeded_{0};
};

/// For reports: one case, the timeout found, the advice.
[[nodiscard]] RunOutcome idle_outcome(const IdleOptions& options, const IdleReport& report,
                                      const IdlePicture& picture);

}  // namespace tcpcraft::cli
