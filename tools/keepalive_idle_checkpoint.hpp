#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tools/keepalive_idle_options.hpp>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/drive/idle_trial.hpp>

namespace tcpcraft::cli {

/// A trial of which something was learnt.
struct IdleTried {
    Duration planned{};
    IdleTrialResult result{};
};

/// What has been learnt so far, in a file that is replaced as a whole or not at all: whatever ends
/// the process, it holds a state that once was.
class IdleCheckpoint {
public:
    /// Of a search with this target and these options; without a file name it does nothing.
    IdleCheckpoint(std::string target, const IdleOptions& options);

    /// What an earlier run of the same search has left; empty when there is no file. Errors: it is
    /// damaged, or of another search.
    [[nodiscard]] Expected<std::vector<IdleTried>> read() const;
    /// Whether there is one.
    [[nodiscard]] bool exists() const;
    [[nodiscard]] Expected<void> write(const std::vector<IdleTried>& tried) const;

private:
    [[nodiscard]] std::string key() const;

    std::string target_;
    const IdleOptions& options_;
};

}  // namespace tcpcraft::cli
