#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/offered_words.hpp>
#include <tools/cli/options.hpp>
#include <tools/cli/read_number.hpp>

// Heavy for CLI/CLI.hpp: for sources that declare options only.

namespace tcpcraft::cli {

/// A word and what it stands for.
template <typename T>
struct Choice {
    std::string_view word{};
    T value{};
};

/// Adds the options of one group, one call each. A reader takes the text and returns what is wrong
/// with it, or an empty string.
class OptionGroup {
public:
    using Reader = std::function<std::string(const std::string&)>;

    OptionGroup(CLI::App& app, std::string name) : app_{app}, name_{std::move(name)} {}

    CLI::Option* value(const std::string& names, const std::string& what, Reader read,
                       const std::string& description) {
        const std::string shown = names.substr(names.find("--"));
        const auto take = [read = std::move(read), shown](const std::string& text) {
            if (std::string wrong = read(text); !wrong.empty()) {
                throw CLI::ValidationError{shown, wrong};
            }
        };
        CLI::Option* option = app_.add_option_function<std::string>(names, take, description);
        return option->type_name(what)->take_last()->group(name_);
    }

    CLI::Option* text(const std::string& names, const std::string& what, std::string& into,
                      const std::string& description) {
        return value(
            names, what,
            [&into](const std::string& text) {
                into = text;
                return std::string{text.empty() ? "is empty" : ""};
            },
            description);
    }

    template <typename T>
    CLI::Option* number(const std::string& names, T& into, std::uint64_t least, std::uint64_t most,
                        const std::string& description) {
        const auto read = [&into, least, most](const std::string& text) -> std::string {
            const auto number = read_number(text);
            if (!number || *number < least || *number > most) {
                return fmt::format("'{}' is not a number from {} to {}", text, least, most);
            }
            assign(into, *number);
            return {};
        };
        return value(names, "N", read, description);
    }

    template <typename T, std::size_t N, typename Into>
    CLI::Option* choice(const std::string& names, const std::string& what,
                        const std::array<Choice<T>, N>& choices, Into& into,
                        const std::string& description) {
        const auto read = [&choices, &into](const std::string& text) {
            return choose(choices, into, text);
        };
        return offer(value(names, what, read, description), words_of(choices));
    }

    CLI::Option* duration(const std::string& names, std::function<void(Duration)> set,
                          const std::string& description) {
        const auto read = [set = std::move(set)](const std::string& text) -> std::string {
            const auto length = read_duration(text);
            if (!length) {
                return length.error().attempt;
            }
            set(*length);
            return {};
        };
        return value(names, "D", read, description);
    }

    CLI::Option* flag(const std::string& names, std::function<void()> set,
                      const std::string& description) {
        return app_.add_flag_callback(names, std::move(set), description)
            ->disable_flag_override()
            ->group(name_);
    }
    CLI::Option* flag(const std::string& names, bool& into, const std::string& description) {
        return flag(
            names, [&into] { into = true; }, description);
    }

    template <typename T, std::size_t N, typename Into>
    static std::string choose(const std::array<Choice<T>, N>& choices, Into& into,
                              const std::string& text) {
        std::string words;
        for (const Choice<T>& choice : choices) {
            if (choice.word == text) {
                into = choice.value;
                return {};
            }
            words += fmt::format("{}{}", words.empty() ? "" : ", ", choice.word);
        }
        return fmt::format("'{}' is none of {}", text, words);
    }

    CLI::App& app() { return app_; }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    template <typename T>
    static void assign(T& into, std::uint64_t number) {
        into = static_cast<T>(number);
    }
    template <typename T>
    static void assign(std::optional<T>& into, std::uint64_t number) {
        into = static_cast<T>(number);
    }

    CLI::App& app_;
    std::string name_;
};

}  // namespace tcpcraft::cli
