#pragma once

#include <string>

#include <tools/cli/option_table.hpp>

namespace tcpcraft::cli {

/// Scripts that complete the command line of one tool, each for its shell. What is offered is
/// exactly what the table has; a value that is a number or a duration is left to the person.
[[nodiscard]] std::string bash_completion(const OptionTable& table);
[[nodiscard]] std::string zsh_completion(const OptionTable& table);
[[nodiscard]] std::string fish_completion(const OptionTable& table);

/// What the functions of a script begin with: the tool's name, as shells take it.
[[nodiscard]] std::string function_name(const OptionTable& table);

}  // namespace tcpcraft::cli
