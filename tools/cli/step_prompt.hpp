#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include <tools/cli/step_command.hpp>

namespace tcpcraft::cli {

/// Asks for one line at a time. While it asks, SIGINT, SIGTERM and SIGHUP end the asking instead of
/// what they did before; afterwards they do that again, and a terminal is as it was.
class StepPrompt {
public:
    struct Answer {
        enum class Kind : std::uint8_t {
            line,
            end,         ///< end of input, or Ctrl-D on an empty line
            interrupted  ///< a signal
        };
        Kind kind{Kind::end};
        std::string line{};
    };

    StepPrompt() = default;
    StepPrompt(const StepPrompt&) = delete;
    StepPrompt& operator=(const StepPrompt&) = delete;
    virtual ~StepPrompt();

    [[nodiscard]] virtual Answer ask(const std::string& prompt, StepSide side) = 0;
};

/// A terminal gets a line editor with history and completion; anything else is read line by line,
/// and each line is written to `out` behind its prompt, so that a transcript reads well. Lines from
/// a pipe are cut at 8,192 octets. The files stay the caller's.
[[nodiscard]] std::unique_ptr<StepPrompt> open_step_prompt(std::FILE* in, std::FILE* out);

}  // namespace tcpcraft::cli
