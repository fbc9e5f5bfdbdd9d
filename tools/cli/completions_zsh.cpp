#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tools/cli/completion_scripts.hpp>
#include <tools/cli/version.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* head = R"(#compdef {1}
# zsh completion for {1} {2}, made from its option tables.

{0}_offer() {{ # WORD... a word that ends in a colon goes on
    local -a whole begun
    whole=(${{@:#*:}})
    begun=(${{(M)@:#*:}})
    (( $#whole )) && compadd -a whole
    (( $#begun )) && compadd -S '' -a begun
}}

{0}_words() {{ # WORD... each to be given once
    local -a left
    left=(${{@:|words}})
    {0}_offer $left
}}

{0}_payload() {{ compset -P @ && _files }}
{0}_net_namespaces() {{ compadd -- /run/netns/*(N:t) }}
)";

// Sourced by hand it announces itself; in $fpath the first line does that.
constexpr const char* end = R"(
if [[ $funcstack[1] = _{1} ]]; then
    {0} "$@"
else
    compdef {0} {1}
fi
)";

std::string replaced(std::string text, std::string_view characters, const std::string& before) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (characters.find(text[at]) != std::string_view::npos) {
            text.insert(at, before);
            at += before.size();
        }
    }
    return text;
}

std::string quoted(const std::string& text) {
    std::string made = "'";
    for (const char c : text) {
        made += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    return made + "'";
}

std::string action(const std::string& name, Takes takes, const std::vector<std::string>& words) {
    switch (takes) {
        case Takes::words:
            return fmt::format(" {}_offer {}", name,
                               replaced(fmt::format("{}", fmt::join(words, " ")), ":", "\\"));
        case Takes::file:
            return "_files";
        case Takes::payload:
            return fmt::format(" {}_payload", name);
        case Takes::interface:
            return "_net_interfaces";
        case Takes::net_namespace:
            return fmt::format(" {}_net_namespaces", name);
        case Takes::nothing:
        case Takes::text:
            break;
    }
    return " ";
}

/// `--listen=[text]:VALUE:action`: a name and what follows it.
std::string spec(const std::string& function, const TableOption& option, const std::string& name) {
    const std::string text =
        option.text.empty() ? "" : fmt::format("[{}]", replaced(option.text, "[]\\", "\\"));
    if (option.takes == Takes::nothing) {
        return name + text;
    }
    const std::string joint = name.size() == 2 ? "+" : "=";
    return name + (option.optional_value ? "=-" : joint) + text +
           (option.optional_value ? "::" : ":") + replaced(option.value, ":\\", "\\") + ":" +
           action(function, option.takes, option.words);
}

/// `(-l --listen)` and a spec, for each name: one of them rules the others out.
std::string specs(const std::string& function, const TableOption& option) {
    const bool last = option.names.back() == "--help" || option.names.back() == "--version";
    const std::string others = last ? "- *" : fmt::format("{}", fmt::join(option.names, " "));
    const std::string before = option.repeatable ? "*" : fmt::format("({})", others);
    std::string made;
    for (const std::string& name : option.names) {
        made += " \\\n        " + quoted(before + spec(function, option, name));
    }
    return made;
}

std::string positional(const std::string& function, const TableVerb& verb) {
    if (!verb.commands.empty()) {
        return " \\\n        '1: :->verb' '*:: :->rest'";
    }
    if (verb.positional.empty()) {
        return "";
    }
    const std::string offered =
        verb.takes == Takes::words
            ? fmt::format(" {}_words {}", function, fmt::join(verb.words, " "))
            : action(function, verb.takes, verb.words);
    const std::string what = replaced(verb.positional, ":\\", "\\");
    return " \\\n        " + quoted(fmt::format("*:{}:{}", what, offered));
}

/// The branch of a verb that has verbs below it.
std::string dispatch(const OptionTable& table, const TableVerb& verb, const std::string& name) {
    std::string described;
    std::string cases;
    for (const std::string& command : verb.commands) {
        const std::string below = verb.name + (verb.name.empty() ? "" : " ") + command;
        described += "\n            " + quoted(command + ":" + table.verb(below).text);
        cases += fmt::format("        {}) {}_{} ;;\n", command, name, command);
    }
    return fmt::format(
        " && return\n    case $state in\n    verb)\n        local -a verbs\n        verbs=({})\n"
        "        _describe -t commands command verbs ;;\n"
        "    rest)\n        case $line[1] in\n{}        esac ;;\n    esac",
        described, cases);
}

std::string verb_function(const OptionTable& table, const TableVerb& verb) {
    const std::string tool = function_name(table);
    std::string name = tool + (verb.name.empty() ? "" : "_") + verb.name;
    std::replace(name.begin(), name.end(), ' ', '_');
    const bool above = !verb.commands.empty();
    std::string made = fmt::format("\n{}() {{\n", name);
    made += above ? "    local curcontext=$curcontext state state_descr line\n"
                    "    typeset -A opt_args\n"
                  : "";
    made += above ? "    _arguments -s -S -C" : "    _arguments -s -S";
    for (const TableOption& option : verb.options) {
        made += option.hidden ? "" : specs(tool, option);
    }
    made += positional(tool, verb);
    return made + (above ? dispatch(table, verb, name) : "") + "\n}\n";
}

}  // namespace

std::string zsh_completion(const OptionTable& table) {
    const std::string name = function_name(table);
    std::string made = fmt::format(head, name, table.tool, version);
    for (const TableVerb& verb : table.verbs) {
        made += verb_function(table, verb);
    }
    return made + fmt::format(end, name, table.tool);
}

}  // namespace tcpcraft::cli
