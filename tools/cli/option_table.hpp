#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tcpcraft::cli {

/// What a shell can offer for a value.
enum class Takes : std::uint8_t { nothing, text, words, file, payload, interface, net_namespace };

/// An option, as a shell sees it.
struct TableOption {
    std::vector<std::string> names{};  ///< with their hyphens, the short ones first
    std::string value{};               ///< as the help page writes it; of `--json`: `[=events]`
    std::string text{};                ///< what the help page says of it; may be empty
    Takes takes{};
    bool optional_value{false};  ///< the value may be left out, and stands behind `=`
    bool repeatable{false};
    bool hidden{false};  ///< not on the help page
    std::vector<std::string> words{};
};

/// A tool or one of its verbs.
struct TableVerb {
    std::string name{};  ///< `firewall show`; empty: the tool itself
    std::string text{};
    std::vector<TableOption> options{};
    std::string positional{};  ///< what may stand there besides; empty: nothing
    Takes takes{};             ///< the same, for a shell
    std::vector<std::string> words{};
    std::vector<std::string> commands{};  ///< the verbs below
};

struct OptionTable {
    std::string tool{};
    std::vector<TableVerb> verbs{};  ///< the tool itself first

    [[nodiscard]] const TableVerb& verb(const std::string& name) const;
};

/// Walks the tables that the command line is read by.
[[nodiscard]] OptionTable option_table(const CLI::App& app);

}  // namespace tcpcraft::cli
