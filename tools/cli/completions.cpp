#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <tools/cli/completion_scripts.hpp>
#include <tools/cli/completions.hpp>
#include <tools/cli/offered_words.hpp>
#include <tools/cli/option_group.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;
using Writer = std::string (*)(const OptionTable&);

Json option_json(const TableOption& option) {
    return {{"names", option.names},
            {"value", option.value},
            {"optional_value", option.optional_value},
            {"repeatable", option.repeatable},
            {"hidden", option.hidden},
            {"words", option.words},
            {"text", option.text}};
}

std::string table_json(const OptionTable& table) {
    Json verbs = Json::array();
    for (const TableVerb& verb : table.verbs) {
        Json options = Json::array();
        for (const TableOption& option : verb.options) {
            options.push_back(option_json(option));
        }
        verbs.push_back({{"verb", verb.name},
                         {"text", verb.text},
                         {"positional", verb.positional},
                         {"words", verb.words},
                         {"commands", verb.commands},
                         {"options", std::move(options)}});
    }
    return Json{{"tool", table.tool}, {"verbs", std::move(verbs)}}.dump(1) + "\n";
}

constexpr std::array<Choice<Writer>, 4> writers{{{"bash", bash_completion},
                                                 {"zsh", zsh_completion},
                                                 {"fish", fish_completion},
                                                 {"json", table_json}}};

}  // namespace

std::string function_name(const OptionTable& table) {
    std::string name = "_" + table.tool;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

void add_completions(CLI::App& app) {
    const auto write = [&app](const std::string& shell) -> std::string {
        Writer writer{};
        if (std::string wrong = OptionGroup::choose(writers, writer, shell); !wrong.empty()) {
            return wrong;
        }
        std::string script = writer(option_table(app));
        script.pop_back();  // CLI11 ends the line
        throw CLI::CallForVersion{script, 0};
    };
    OptionGroup group{app, ""};
    offer(group.value("--completions", "SHELL", write, "a completion script"), words_of(writers));
}

}  // namespace tcpcraft::cli
