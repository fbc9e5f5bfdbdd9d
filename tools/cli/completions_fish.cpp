#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tools/cli/completion_scripts.hpp>
#include <tools/cli/version.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* head = R"(# fish completion for {1} {2}, made from its option tables.

function {0}_payload
    set -l word (commandline -ct | string replace -r '^--send=' '')
    string match -q '@*' -- $word
    and __fish_complete_path (string sub -s 2 -- $word) | string replace -r '^' '@'
end

function {0}_words # WORD... each to be given once
    set -l given (commandline -opc)
    for word in $argv
        contains -- $word $given; or echo $word
    end
end

)";

std::string quoted(const std::string& text) {
    std::string made = "'";
    for (const char c : text) {
        made += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
    }
    return made + "'";
}

/// Where the words before the cursor have led to.
std::string condition(const TableVerb& verb) {
    std::string made;
    std::string_view left = verb.name;
    while (!left.empty()) {
        const std::size_t space = left.find(' ');
        made += fmt::format("{}__fish_seen_subcommand_from {}", made.empty() ? "" : "; and ",
                            left.substr(0, space));
        left = space == std::string_view::npos ? "" : left.substr(space + 1);
    }
    if (!verb.commands.empty()) {
        made += fmt::format("{}not __fish_seen_subcommand_from {}", made.empty() ? "" : "; and ",
                            fmt::join(verb.commands, " "));
    }
    return made;
}

std::string values(const std::string& name, const TableOption& option) {
    switch (option.takes) {
        case Takes::words:
            return fmt::format("{} -a '{}'", option.optional_value ? " -f" : " -x",
                               fmt::join(option.words, " "));
        case Takes::file:
            return " -r -F";
        case Takes::payload:
            return fmt::format(" -x -a '({}_payload)'", name);
        case Takes::interface:
            return " -x -a '(__fish_print_interfaces)'";
        case Takes::net_namespace:
            return " -x -a '(command ls /run/netns 2>/dev/null)'";
        case Takes::text:
            return option.optional_value ? "" : " -x";
        case Takes::nothing:
            break;
    }
    return "";
}

/// A flag is not offered again; of an option with a value fish would forget the value, too.
std::string once(const TableOption& option) {
    if (option.takes != Takes::nothing || option.repeatable) {
        return "";
    }
    std::string made = "not __fish_contains_opt";
    for (const std::string& name : option.names) {
        made += name.size() == 2 ? " -s " + name.substr(1) : " " + name.substr(2);
    }
    return made;
}

std::string line(const OptionTable& table, const TableVerb& verb, const TableOption& option) {
    std::string made = "complete -c " + table.tool;
    for (const std::string& when : {condition(verb), once(option)}) {
        made += when.empty() ? "" : " -n " + quoted(when);
    }
    for (const std::string& name : option.names) {
        made += name.size() == 2 ? " -s " + name.substr(1) : " -l " + name.substr(2);
    }
    made += values(function_name(table), option);
    return made + (option.text.empty() ? "" : " -d " + quoted(option.text)) + "\n";
}

std::string positional(const OptionTable& table, const TableVerb& verb) {
    std::string made;
    const std::string where = condition(verb);
    const std::string start =
        "complete -c " + table.tool + (where.empty() ? "" : " -n " + quoted(where));
    if (verb.takes != Takes::file) {
        made += start + " -f\n";
    }
    if (!verb.words.empty()) {
        made += fmt::format("{} -a '({}_words {})'\n", start, function_name(table),
                            fmt::join(verb.words, " "));
    }
    for (const std::string& command : verb.commands) {
        const std::string below = verb.name + (verb.name.empty() ? "" : " ") + command;
        made += fmt::format("{} -a {} -d {}\n", start, command, quoted(table.verb(below).text));
    }
    return made;
}

}  // namespace

std::string fish_completion(const OptionTable& table) {
    std::string made = fmt::format(head, function_name(table), table.tool, version);
    for (const TableVerb& verb : table.verbs) {
        made += positional(table, verb);
        for (const TableOption& option : verb.options) {
            made += option.hidden ? "" : line(table, verb, option);
        }
    }
    return made;
}

}  // namespace tcpcraft::cli
