#include <algorithm>
#include <map>

#include <CLI/CLI.hpp>
#include <tools/cli/offered_words.hpp>
#include <tools/cli/option_table.hpp>

namespace tcpcraft::cli {

namespace {

std::vector<std::string> names_of(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames()) {
        names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        names.push_back("--" + name);
    }
    return names;
}

Takes takes(const std::string& type, const std::vector<std::string>& words) {
    if (!words.empty()) {
        return Takes::words;
    }
    if (type.ends_with("@FILE")) {
        return Takes::payload;
    }
    if (type.find("FILE") != std::string::npos) {
        return Takes::file;
    }
    return type == "IF" ? Takes::interface : type == "NAME|PID" ? Takes::net_namespace : Takes::text;
}

TableOption option_of(const CLI::Option& option) {
    TableOption made{.names = names_of(option), .words = offered(option)};
    const bool flag = option.get_items_expected_max() == 0;
    made.value = flag ? option.get_option_text() : shown_type(option);
    made.optional_value = flag && made.value.starts_with("[=");
    if (!flag || made.optional_value) {
        made.takes = takes(made.value, made.words);
    }
    made.repeatable = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ||
                      option.get_items_expected_max() > 1;
    made.hidden = option.get_group().empty();
    return made;
}

using Pending = std::vector<std::size_t>;

/// The help page explains several options on one line, in their order: each has its own part.
void share_text(std::vector<TableOption>& options, const Pending& pending,
                const std::string& text) {
    const auto parts = CLI::detail::split(text, ';');
    for (std::size_t i = 0; i < pending.size(); ++i) {
        std::string said = parts.size() == pending.size() ? parts[i] : text;
        std::replace(said.begin(), said.end(), '\n', ' ');
        options[pending[i]].text = CLI::detail::trim(said);
    }
}

void take_positional(const CLI::Option& option, TableVerb& verb) {
    verb.positional = shown_type(option);
    verb.words = offered(option);
    verb.takes = takes(verb.positional, verb.words);
}

void add_options(const CLI::App& app, TableVerb& verb) {
    std::map<std::string, Pending> unsaid;  // by group, as on the help page
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_positional()) {
            take_positional(*option, verb);
            continue;
        }
        Pending& pending = unsaid[option->get_group()];
        pending.push_back(verb.options.size());
        verb.options.push_back(option_of(*option));
        if (!option->get_description().empty()) {
            share_text(verb.options, pending, option->get_description());
            pending.clear();
        }
    }
}

void add_verbs(const CLI::App& app, const std::string& name, OptionTable& table) {
    TableVerb verb{.name = name, .text = app.get_description()};
    add_options(app, verb);
    for (const CLI::App* command : app.get_subcommands({})) {
        verb.commands.push_back(command->get_name());
    }
    table.verbs.push_back(std::move(verb));
    for (const CLI::App* command : app.get_subcommands({})) {
        add_verbs(*command, name + (name.empty() ? "" : " ") + command->get_name(), table);
    }
}

}  // namespace

const TableVerb& OptionTable::verb(const std::string& name) const {
    return *std::find_if(verbs.begin(), verbs.end(),
                         [&name](const TableVerb& verb) { return verb.name == name; });
}

OptionTable option_table(const CLI::App& app) {
    OptionTable table{.tool = app.get_name()};
    add_verbs(app, "", table);
    return table;
}

}  // namespace tcpcraft::cli
