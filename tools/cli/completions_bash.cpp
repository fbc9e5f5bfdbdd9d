#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tools/cli/completion_scripts.hpp>
#include <tools/cli/version.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* head = R"(# bash completion for {1} {2}, made from its option tables.

{0}_offer() {{ # WORDS
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
    [[ ${{COMPREPLY-}} != *: ]] || compopt -o nospace
    __ltrim_colon_completions "$cur"
}}

{0}_payload() {{
    [[ $cur == @* ]] || return
    cur=${{cur#@}}
    _filedir
    # bash takes a word to begin behind what breaks words
    [[ $COMP_WORDBREAKS == *@* ]] || COMPREPLY=("${{COMPREPLY[@]/#/@}}")
}}

{0}_names() {{ # GROUP... of names of one option; * before it: it may be given again
    local given=" ${{words[*]:0:cword}} " group name names=''
    for group in "$@"; do
        for name in ${{group//[*,]/ }}; do
            [[ $group == \** || $given != *" $name "* && $given != *" $name="* ]] || continue 2
        done
        names+=" ${{group//[*,]/ }}"
    done
    {0}_offer "$names"
}}

{0}_words() {{ # WORD... each to be given once
    local given=" ${{words[*]:0:cword}} " word left=''
    for word in "$@"; do
        [[ $given == *" $word "* ]] || left+=" $word"
    done
    {0}_offer "$left"
}}
)";

constexpr const char* begin = R"(
{0}() {{
    local cur prev words cword split verb='' i
    _init_completion -s -n :@ || return
)";

constexpr const char* find_verb = R"(    for ((i = 1; i < cword; i++)); do
        case "$verb ${{words[i]}}" in
        {}) verb+=${{verb:+ }}${{words[i]}} ;;
        esac
    done
)";

constexpr const char* end = R"(}}

complete -F {0} {1}
)";

std::string action(const std::string& name, Takes takes, const std::vector<std::string>& words) {
    switch (takes) {
        case Takes::words:
            return fmt::format("{}_offer '{}'", name, fmt::join(words, " "));
        case Takes::file:
            return "_filedir";
        case Takes::payload:
            return name + "_payload";
        case Takes::interface:
            return name + "_offer \"$(command find /sys/class/net -type l -printf '%f ')\"";
        case Takes::net_namespace:
            return name + "_offer \"$(command ls /run/netns 2>/dev/null)\"";
        case Takes::nothing:
        case Takes::text:
            break;
    }
    return {};
}

using Patterns = std::map<std::string, std::string>;

/// `'probe:-w' | 'probe:--write'`, behind those that have the same action.
void add_patterns(const TableVerb& verb, const TableOption& option, std::string& of) {
    for (const std::string& name : option.names) {
        of += fmt::format("{}'{}:{}'", of.empty() ? "" : " | \\\n        ", verb.name, name);
    }
}

void add_verb(const OptionTable& table, const TableVerb& verb, bool optional, Patterns& patterns) {
    for (const TableOption& option : verb.options) {
        const bool asks = option.takes != Takes::nothing && !option.hidden;
        if (asks && option.optional_value == optional) {
            const auto what = action(function_name(table), option.takes, option.words);
            add_patterns(verb, option, patterns[what]);
        }
    }
}

/// What follows an option, the same action once.
std::string value_cases(const OptionTable& table, bool optional) {
    Patterns patterns;
    for (const TableVerb& verb : table.verbs) {
        add_verb(table, verb, optional, patterns);
    }
    std::string made;
    for (const auto& [what, of] : patterns) {
        made += fmt::format("    {}) {}return ;;\n", of, what.empty() ? "" : what + "; ");
    }
    return made.empty() ? made : "    case \"$verb:$prev\" in\n" + made + "    esac\n";
}

std::string groups(const TableVerb& verb) {
    std::string made;
    for (const TableOption& option : verb.options) {
        if (option.hidden) {
            continue;
        }
        made += fmt::format(" {}'{}{}'", made.size() % 100 > 85 ? "\\\n            " : "",
                            option.repeatable ? "*" : "", fmt::join(option.names, ","));
    }
    return made;
}

std::string verb_case(const std::string& name, const TableVerb& verb) {
    std::string made = fmt::format("    '{}:-'*) {}_names{} ;;\n", verb.name, name, groups(verb));
    std::string what;
    if (!verb.commands.empty()) {
        what = action(name, Takes::words, verb.commands);
    } else if (verb.takes == Takes::words) {
        what = fmt::format("{}_words {}", name, fmt::join(verb.words, " "));
    } else if (verb.takes != Takes::nothing && verb.takes != Takes::text) {
        what = action(name, verb.takes, {});
    }
    return what.empty() ? made : made + fmt::format("    '{}:'*) {} ;;\n", verb.name, what);
}

/// `' firewall' | 'firewall show'`: how a further word continues a verb.
std::string verb_patterns(const OptionTable& table) {
    std::string made;
    for (const TableVerb& verb : table.verbs) {
        const bool first = verb.name.find(' ') == std::string::npos;
        if (!verb.name.empty()) {
            made += fmt::format("{}'{}{}'", made.empty() ? "" : " | ", first ? " " : "", verb.name);
        }
    }
    return made;
}

}  // namespace

std::string bash_completion(const OptionTable& table) {
    const std::string name = function_name(table);
    std::string made = fmt::format(head, name, table.tool, version);
    made += fmt::format(begin, name);
    made += table.verbs.size() > 1 ? fmt::format(find_verb, verb_patterns(table)) : "";
    made += value_cases(table, false);
    made += "    if $split; then\n" + value_cases(table, true) + "    return\n    fi\n";
    made += "    case \"$verb:$cur\" in\n";
    for (const TableVerb& verb : table.verbs) {
        made += verb_case(name, verb);
    }
    return made + "    esac\n" + fmt::format(end, name, table.tool);
}

}  // namespace tcpcraft::cli
