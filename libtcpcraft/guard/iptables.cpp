#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <libtcpcraft/guard/command.hpp>
#include <libtcpcraft/guard/iptables.hpp>
#include <libtcpcraft/guard/liveness.hpp>

namespace tcpcraft {

namespace {

using std::chrono::seconds;

// Two hundred runs that end at once wait for each other: patience costs nothing here.
constexpr seconds command_deadline{30};

Command command(std::string program, std::vector<std::string> arguments, std::string input = {}) {
    arguments.insert(arguments.begin(), std::move(program));
    return Command{std::move(arguments), std::move(input), command_deadline};
}

// Asking iptables-legacy-save for a table would create it; the kernel says which exist.
bool legacy_table_exists(Family family, RuleTable table) {
    std::ifstream names{family == Family::v6 ? "/proc/net/ip6_tables_names"
                                             : "/proc/net/ip_tables_names"};
    for (std::string name; std::getline(names, name);) {
        if (name == name_of(table)) {
            return true;
        }
    }
    return false;
}

bool any_legacy_table() {
    return legacy_table_exists(Family::v4, RuleTable::raw) ||
           legacy_table_exists(Family::v6, RuleTable::raw);
}

bool hold(const std::string& token, std::vector<Liveness>& held) {
    const auto names = [&](const Liveness& name) { return name.token() == token; };
    if (std::any_of(held.begin(), held.end(), names)) {
        return true;
    }
    std::optional<Liveness> name = Liveness::take(token);
    if (name) {
        held.push_back(std::move(*name));
    }
    return name.has_value();
}

Expected<void> nothing_of(Expected<CommandResult> result) {
    return result.map([](const CommandResult&) {});
}

}  // namespace

bool IptablesVariant::is_legacy() const {
    const auto path = find_program(folder + "iptables" + suffix);
    if (!path) {
        return false;
    }
    std::error_code ignored;
    const auto real = std::filesystem::canonical(*path, ignored);
    return real.filename().string().find("legacy") != std::string::npos;
}

IptablesVariant IptablesVariant::of(const std::string& program) {
    const auto slash = program.rfind('/');
    const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
    const auto dash = program.find('-', name);
    return {program.substr(0, name), dash == std::string::npos ? "" : program.substr(dash)};
}

IptablesVariant IptablesVariant::chosen() {
    const char* program = secure_getenv("TCPCRAFT_IPTABLES");
    return of(program == nullptr ? "iptables" : program);
}

std::vector<IptablesVariant> IptablesVariant::in_use() {
    std::vector<IptablesVariant> variants{chosen()};
    const bool legacy = variants.front().is_legacy();
    const IptablesVariant other{"", legacy ? "-nft" : "-legacy"};
    if ((legacy || any_legacy_table()) && find_program("iptables" + other.suffix)) {
        variants.push_back(other);
    }
    return variants;
}

std::string Iptables::program() const {
    return variant_.folder + (family_ == Family::v6 ? "ip6tables" : "iptables") + variant_.suffix;
}

Expected<void> Iptables::insert(const RstRule& rule) const {
    return nothing_of(run_checked(command(program(), iptables_arguments(rule, RuleVerb::insert))));
}

Expected<void> Iptables::remove(const RstRule& rule) const {
    return nothing_of(run_checked(command(program(), iptables_arguments(rule, RuleVerb::remove))));
}

bool Iptables::table_exists(RuleTable table) const {
    return !variant_.is_legacy() || legacy_table_exists(family_, table);
}

Expected<std::vector<SavedRule>> Iptables::rules(RuleTable table) const {
    if (!table_exists(table)) {
        return std::vector<SavedRule>{};
    }
    return run_checked(command(program() + "-save", {"-c", "-t", std::string{name_of(table)}}))
        .map([](const CommandResult& result) { return saved_rules(result.output); });
}

Expected<void> Iptables::standing(RuleTable table, const std::string& token) const {
    const auto found = rules(table);
    const auto is_it = [&](const SavedRule& rule) { return rule.token == token; };
    if (!found || std::any_of(found->begin(), found->end(), is_it)) {
        return {};
    }
    return failure({}, "somebody deleted its rule tcpcraft:" + token + " from table " +
                           std::string{name_of(table)});
}

Expected<void> Iptables::remove(const std::vector<SavedRule>& rules) const {
    if (rules.empty()) {
        return {};
    }
    return nothing_of(run_checked(
        command(program() + "-restore", {"-n", "-w", "5"}, restore_input_deleting(rules))));
}

Expected<std::vector<SavedRule>> Iptables::sweep(RuleTable table) const {
    return rules(table).and_then(
        [&](std::vector<SavedRule> found) { return sweep(std::move(found)); });
}

Expected<std::vector<SavedRule>> Iptables::sweep(std::vector<SavedRule> found) const {
    // Held until the rules are gone, so that two sweepers never delete the same one.
    std::vector<Liveness> held;
    std::vector<SavedRule> stale;
    for (SavedRule& rule : found) {
        if (hold(rule.token, held)) {
            stale.push_back(std::move(rule));
        }
    }
    return remove(stale).map([&] { return std::move(stale); });
}

bool says_no_table(const Error& error) {
    return error.attempt.find("Table does not exist") != std::string::npos ||
           error.attempt.find("table does not exist") != std::string::npos ||
           error.attempt.find("is incompatible, use 'nft' tool") != std::string::npos;
}

}  // namespace tcpcraft
