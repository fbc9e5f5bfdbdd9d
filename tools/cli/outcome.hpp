#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/report/account.hpp>

namespace tcpcraft::cli {

// What tools say of a run in its reports.

/// A case for a verdict. Where no rule was at stake, the exit status says what came of it: met,
/// otherwise, no answer.
[[nodiscard]] TestCase case_of(std::string name, const Judged& verdict, int exit_status,
                               const std::string& summary);

/// The result's fields, in the order in which they are added; what is unknown is left out.
class Facts {
public:
    Facts& add(std::string_view name, std::string value) {
        made_.push_back({std::string{name}, std::move(value)});
        return *this;
    }
    Facts& add(std::string_view name, const std::optional<Duration>& value) {
        return value ? add(name, spoken(*value)) : *this;
    }
    Facts& add(std::string_view name, const std::optional<bool>& value) {
        return value ? add(name, std::string{*value ? "yes" : "no"}) : *this;
    }
    template <typename T>
    requires std::is_integral_v<T> Facts& add(std::string_view name,
                                              const std::optional<T>& value) {
        return value ? add(name, fmt::format("{}", *value)) : *this;
    }
    [[nodiscard]] std::vector<RunFact> take() { return std::move(made_); }

private:
    std::vector<RunFact> made_{};
};

}  // namespace tcpcraft::cli
