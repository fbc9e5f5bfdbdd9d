#pragma once

namespace CLI {
class App;
}

namespace tcpcraft::cli {

/// Declares `--completions SHELL`, which writes what bash, zsh or fish has to know to complete this
/// tool's command line, and ends; `json` writes the option tables that all of it is made from.
void add_completions(CLI::App& app);

}  // namespace tcpcraft::cli
