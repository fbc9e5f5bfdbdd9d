#pragma once

namespace tcpcraft::cli {

/// Exit status of every tool. Of several results the first of environment, deviated, no_answer, met
/// counts.
enum class ExitCode : int {
    met = 0,
    deviated = 1,
    usage = 2,
    no_answer = 3,
    environment = 4,
    interrupted = 130,
};

[[nodiscard]] constexpr int number(ExitCode code) noexcept { return static_cast<int>(code); }

}  // namespace tcpcraft::cli
