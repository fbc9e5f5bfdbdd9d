#pragma once

#include <algorithm>
#include <array>

namespace tcpcraft::cli {

/// Exit status of every tool.
enum class ExitCode : int {
    met = 0,
    deviated = 1,
    usage = 2,
    no_answer = 3,
    environment = 4,
    interrupted = 130,
};

[[nodiscard]] constexpr int number(ExitCode code) noexcept { return static_cast<int>(code); }

/// Of several results, each with its `exit_status`, the first of environment, deviated, no_answer,
/// interrupted, met counts; none at all: no answer.
template <typename Results>
[[nodiscard]] int combined_status(const Results& results) {
    static constexpr std::array order{ExitCode::environment, ExitCode::deviated,
                                      ExitCode::no_answer, ExitCode::interrupted, ExitCode::met};
    for (const ExitCode code : order) {
        if (std::ranges::any_of(
                results, [code](const auto& one) { return one.exit_status == number(code); })) {
            return number(code);
        }
    }
    return number(ExitCode::no_answer);
}

}  // namespace tcpcraft::cli
