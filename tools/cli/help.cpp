#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tools/cli/completions.hpp>
#include <tools/cli/help.hpp>
#include <tools/cli/offered_words.hpp>
#include <tools/cli/version.hpp>

namespace tcpcraft::cli {

namespace {

constexpr std::size_t description_column = 40;
constexpr std::size_t page_width = 79;
constexpr std::string_view last_group = "Run";

std::string full_name(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The help page; one screen, nothing said twice.
class HelpPage : public CLI::FormatterBase {
public:
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode /*mode*/) const override {
        const std::string tool = app->get_name().empty() ? base_name(name) : full_name(*app);
        std::string page = usage(*app, tool) + app->get_description() + "\n";
        page += commands(*app);
        for (const std::string& group : groups(*app)) {
            page += group + ":\n" + rows(*app, group);
        }
        return app->get_footer().empty() ? page : page + app->get_footer() + "\n";
    }

private:
    static std::string usage(const CLI::App& app, const std::string& tool) {
        if (!app.get_subcommands({}).empty()) {
            return fmt::format("usage: {} COMMAND [OPTION...]\n", tool);
        }
        std::string positionals;
        for (const CLI::Option* option : app.get_options()) {
            if (option->get_positional()) {
                positionals += " " + shown_type(*option);
            }
        }
        std::string text = fmt::format("usage: {} [OPTION...]{}\n", tool, positionals);
        const CLI::Option* listen = app.get_option_no_throw("--listen");
        if (listen != nullptr && !listen->get_group().empty()) {
            static constexpr std::string_view target = " TARGET";
            const bool more = positionals.starts_with(target);
            text += fmt::format("       {} [OPTION...] -l [ADDR:]PORT{}\n", tool,
                                more ? positionals.substr(target.size()) : "");
        }
        return text;
    }

    static std::string commands(const CLI::App& app) {
        std::string text;
        for (const CLI::App* command : app.get_subcommands({})) {
            text += line(command->get_name(), command->get_description());
        }
        return text.empty() ? text : "Commands:\n" + text;
    }

    static std::vector<std::string> groups(const CLI::App& app) {
        std::vector<std::string> found;
        for (const CLI::Option* option : app.get_options()) {
            const std::string& group = option->get_group();
            const bool known = std::find(found.begin(), found.end(), group) != found.end();
            if (!option->get_positional() && !group.empty() && group != last_group && !known) {
                found.push_back(group);
            }
        }
        found.emplace_back(last_group);
        return found;
    }

    static std::string rows(const CLI::App& app, const std::string& group) {
        std::string text;
        std::vector<std::string> pending;
        for (const CLI::Option* option : app.get_options()) {
            if (option->get_positional() || option->get_group() != group) {
                continue;
            }
            pending.push_back(names(*option));
            if (!option->get_description().empty()) {
                text +=
                    line(fmt::format("{}", fmt::join(pending, ", ")), option->get_description());
                pending.clear();
            }
        }
        return text + flow(pending);
    }

    /// Options whose names say it all, one behind the other.
    static std::string flow(const std::vector<std::string>& names) {
        std::string text;
        std::string row;
        for (const std::string& name : names) {
            if (row.size() + name.size() + 2 > page_width) {
                text += row + ",\n";
                row.clear();
            }
            row += (row.empty() ? "  " : ", ") + name;
        }
        return row.empty() ? text : text + row + "\n";
    }

    static std::string names(const CLI::Option& option) {
        std::string text;
        for (const std::string& name : option.get_snames()) {
            text += (text.empty() ? "-" : ", -") + name;
        }
        for (const std::string& name : option.get_lnames()) {
            text += (text.empty() ? "--" : ", --") + name;
        }
        if (option.get_items_expected_max() == 0) {
            return text + option.get_option_text();
        }
        return text + " " + shown_type(option);
    }

    static std::string indented(const std::string& description) {
        return CLI::detail::find_and_replace(description, "\n",
                                             "\n" + std::string(description_column, ' '));
    }

    static std::string line(const std::string& names, const std::string& description) {
        const std::size_t width = description_column - 4;
        const bool fits = names.size() <= width;
        return fmt::format(
            "  {:{}}  {}\n", names + (fits ? "" : "\n"), fits ? width : 0,
            (fits ? "" : std::string(description_column - 2, ' ')) + indented(description));
    }
};

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
        }
    }
    return row.back();
}

/// The option that was probably meant; empty when none is near.
std::string nearest_option(const CLI::App& app, const std::string& typed) {
    std::string best;
    std::size_t least = std::max<std::size_t>(2, typed.size() / 4) + 1;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            const std::size_t far = distance(typed, "--" + name);
            if (far < least) {
                least = far;
                best = "--" + name;
            }
        }
    }
    return best;
}

/// What stands on the command line and belongs nowhere.
std::string about_extras(const CLI::App& app, const std::vector<std::string>& extras) {
    for (const std::string& word : extras) {
        if (word.starts_with("-") && word.size() > 1) {
            const std::string typed = word.substr(0, word.find('='));
            const std::string meant = nearest_option(app, typed);
            return fmt::format("unknown option {}{}", typed,
                               meant.empty() ? "" : fmt::format("; did you mean {}?", meant));
        }
    }
    const std::vector<const CLI::App*> commands = app.get_subcommands({});
    if (!extras.empty() && !commands.empty()) {
        std::vector<std::string> names;
        for (const CLI::App* command : commands) {
            names.push_back(command->get_name());
        }
        return fmt::format("unknown command '{}'; there are {}", extras.front(),
                           fmt::join(names, " and "));
    }
    return extras.empty() ? "too many arguments"
                          : fmt::format("'{}' is one argument too many", extras.front());
}

/// `--timeout: 1 required DURATION missing`, said to a person.
std::string about_mismatch(const CLI::App& app, const std::string& said) {
    const std::string name = said.substr(0, said.find(':'));
    const CLI::Option* option = app.get_option_no_throw(name);
    if (option == nullptr || option->get_type_size() == 0) {
        return option == nullptr ? said : fmt::format("{} takes no value", name);
    }
    return option->get_positional()
               ? fmt::format("too many words; wanted {}", shown_type(*option))
               : fmt::format("{} needs a value: {} {}", name, name, shown_type(*option));
}

const CLI::App& deepest(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : deepest(*chosen.back());
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& where = deepest(app);
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        return about_extras(where, app.remaining(true));
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        return about_mismatch(where, error.what());
    }
    return error.what();
}

}  // namespace

void dress(CLI::App& app) {
    app.formatter(std::make_shared<HelpPage>());
    app.set_help_flag("-h,--help", "")->group(std::string{last_group});
    const auto told = [&app] { return fmt::format("{} {}", app.get_name(), version); };
    app.set_version_flag("--version", told, "this page; the version")
        ->group(std::string{last_group});
    if (app.get_parent() == nullptr) {
        add_completions(app);
    }
}

ExitCode usage_error(const std::string& tool, const std::string& sentence) {
    fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", tool, sentence, tool);
    return ExitCode::usage;
}

std::optional<ExitCode> read_command_line(CLI::App& app, int argc, const char* const* argv) {
    if (app.get_name().empty()) {
        app.name(base_name(argc > 0 ? argv[0] : "tcpcraft"));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& wish) {
        app.exit(wish);
        return std::fflush(stdout) == 0 ? ExitCode::met : ExitCode::environment;
    } catch (const CLI::ParseError& error) {
        return usage_error(full_name(deepest(app)), explain(app, error));
    }
    return std::nullopt;
}

}  // namespace tcpcraft::cli
