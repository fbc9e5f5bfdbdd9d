#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tools/cli/offered_words.hpp>

namespace tcpcraft::cli {

namespace {

// CLI11 tells of a set of values as `TYPE:{a,b}`; so do we.
constexpr std::string_view opening = ":{";

}  // namespace

CLI::Option* offer(CLI::Option* option, const std::vector<std::string>& words) {
    const auto anything = [](std::string& /*text*/) { return std::string{}; };
    return option->check(
        CLI::Validator{anything, fmt::format("{{{}}}", fmt::join(words, ",")), "offered"});
}

std::vector<std::string> offered(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t begin = type.find(opening);
    if (begin == std::string::npos) {
        return {};
    }
    const std::size_t end = type.find('}', begin);
    const std::size_t first = begin + opening.size();
    return CLI::detail::split(type.substr(first, end - first), ',');
}

std::string shown_type(const CLI::Option& option) {
    std::string what = option.get_type_name();
    for (const std::string_view check :
         {":INT in", ":UINT in", ":POSITIVE", ":NONNEGATIVE", opening.data()}) {
        what = what.substr(0, what.find(check));
    }
    return what;
}

}  // namespace tcpcraft::cli
