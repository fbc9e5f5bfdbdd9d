// Housekeeping: what this host lacks, and which firewall rules are ours.

#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/help.hpp>
#include <tools/cli/standard_streams.hpp>
#include <tools/cli/version.hpp>
#include <unistd.h>

#include <libtcpcraft/guard/doctor.hpp>
#include <libtcpcraft/guard/leftovers.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

struct Wishes {
    bool json{false};
    bool all{false};
};

void print(const Json& value) {
    fmt::print("{}\n", value.dump(2, ' ', false, Json::error_handler_t::replace));
}

/// One object for a run: what product's JSON document is for the tools that craft segments.
Json document(std::string_view command, Json result, ExitCode code, std::string_view summary) {
    result["exit_status"] = number(code);
    result["summary"] = summary;
    return Json{{"tool", "tcpcraft"},
                {"version", version},
                {"command", command},
                {"result", std::move(result)}};
}

/// Text with the lines behind the first one indented.
std::string indented(std::string_view text, std::size_t by) {
    std::string out;
    for (const char c : text) {
        out += c;
        if (c == '\n') {
            out.append(by, ' ');
        }
    }
    return out;
}

void show(const std::vector<Check>& checks) {
    for (const Check& check : checks) {
        const std::string_view mark = check.ok ? "ok" : "NOT OK";
        fmt::print("{:<6}  {:<15} {}\n", mark, check.check, indented(check.detail, 24));
        if (!check.fix.empty()) {
            fmt::print("{:24}{}: {}\n", "", check.ok ? "option" : "fix", indented(check.fix, 29));
        }
    }
}

/// What a run cannot do without; the rest only matters to some.
bool needed(const Check& check) {
    return check.check == "capabilities" || check.check == "iptables" ||
           check.check == "ip6tables" || check.check == "xtables-lock";
}

Json check_json(const Check& check) {
    return {{"check", check.check},
            {"ok", check.ok},
            {"detail", check.detail},
            {"fix", check.fix.empty() ? Json(nullptr) : Json(check.fix)}};
}

struct Diagnosis {
    std::string needed{};  ///< checks that failed, and keep runs from working
    std::string other{};

    [[nodiscard]] ExitCode code() const {
        return needed.empty() ? ExitCode::met : ExitCode::environment;
    }
    [[nodiscard]] std::string summary() const {
        const std::string aside = other.empty() ? "" : "; worth a look: " + other;
        return needed.empty() ? "this host is ready for crafted connections" + aside
                              : "this host is not ready: " + needed + aside;
    }
};

Diagnosis diagnose(const std::vector<Check>& checks) {
    Diagnosis found;
    for (const Check& check : checks) {
        if (!check.ok) {
            std::string& list = needed(check) ? found.needed : found.other;
            list += (list.empty() ? "" : ", ") + check.check;
        }
    }
    return found;
}

ExitCode doctor(const Wishes& wishes) {
    const std::vector<Check> checks = examine_host();
    const Diagnosis found = diagnose(checks);
    if (wishes.json) {
        Json list = Json::array();
        for (const Check& check : checks) {
            list.push_back(check_json(check));
        }
        print(document("doctor", {{"checks", std::move(list)}}, found.code(), found.summary()));
    } else {
        show(checks);
        fmt::print("\n{}\n", found.summary());
    }
    return found.code();
}

Json rule_json(const GuardRule& rule) {
    return {{"program", rule.program},      {"table", rule.rule.table}, {"token", rule.rule.token},
            {"packets", rule.rule.packets}, {"owned", rule.owned},      {"rule", rule.rule.line}};
}

void show(const GuardRule& rule) {
    fmt::print("{} ({}, {} held back)\n  {}\n", rule.program,
               rule.owned ? "its run lives" : "left over", rule.rule.packets, rule.rule.line);
}

ExitCode tell_rules(const Wishes& wishes, const std::string& command,
                    const Expected<std::vector<GuardRule>>& rules, std::string_view none,
                    std::string_view some) {
    const ExitCode code = rules ? ExitCode::met : ExitCode::environment;
    Json list = Json::array();
    std::string summary;
    if (rules) {
        for (const GuardRule& rule : *rules) {
            list.push_back(rule_json(rule));
        }
        summary = rules->empty() ? std::string{none}
                                 : fmt::format("{} rule{} {}", rules->size(),
                                               rules->size() == 1 ? "" : "s", some);
    } else {
        summary = rules.error().message();
    }
    if (wishes.json) {
        print(document(command, {{"rules", list}}, code, summary));
    } else if (!rules) {
        fmt::print(stderr, "tcpcraft: {}\n", summary);
    } else {
        for (const GuardRule& rule : *rules) {
            show(rule);
        }
        fmt::print("{}\n", summary);
    }
    return code;
}

ExitCode firewall_show(const Wishes& wishes) {
    return tell_rules(wishes, "firewall show", list_guard_rules(),
                      "no rule of tcpcraft in this network namespace", "of tcpcraft");
}

ExitCode firewall_clear(const Wishes& wishes) {
    return tell_rules(
        wishes, "firewall clear", clear_guard_rules(wishes.all ? Clear::all : Clear::stale),
        wishes.all ? "no rule of tcpcraft to remove"
                   : "no left-over rule of tcpcraft to remove (those of living runs stay)",
        "removed");
}

using Command = std::function<ExitCode(const Wishes&)>;

constexpr const char* doctor_examples = R"(Examples:
  tcpcraft doctor                       as you are
  sudo tcpcraft doctor                  as root: what else may be in the way
  tcpcraft doctor --json                for a program
Exit status: 0 ready, 2 usage, 4 something is missing.)";

constexpr const char* firewall_examples = R"(Examples:
  sudo tcpcraft firewall show           also those of other users
  sudo tcpcraft firewall clear          after a power failure, say
  sudo tcpcraft firewall clear --all    the kernel then resets what still runs
Exit status: 0 done, 2 usage, 4 the rules cannot be read.)";

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      Wishes& wishes) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->set_help_flag("-h,--help", "this page")->group("Run");
    command->add_flag("--json", wishes.json, "one JSON object")->group("Output");
    return command;
}

/// A command is given; without one, what could be.
std::optional<std::string> missing_command(const CLI::App& app, const CLI::App& firewall) {
    if (app.get_subcommands().empty()) {
        return "say what to do: doctor, firewall show or firewall clear";
    }
    if (firewall.parsed() && firewall.get_subcommands().empty()) {
        return "say what to do with the firewall: show or clear";
    }
    return std::nullopt;
}

ExitCode run(int argc, const char* const* argv) {
    Wishes wishes;
    CLI::App app{"Says what this host lacks for crafted connections, and keeps its firewall clean.",
                 "tcpcraft"};
    dress(app);
    CLI::App* doctor_command =
        add_command(app, "doctor", "privileges, firewall, offload and more", wishes);
    CLI::App* firewall = app.add_subcommand("firewall", "show or clear the rules of tcpcraft");
    firewall->set_help_flag("-h,--help", "this page")->group("Run");
    add_command(*firewall, "show", "our rules, and whether their run lives", wishes);
    CLI::App* clear = add_command(*firewall, "clear", "remove the rules of runs that died", wishes);
    clear->add_flag("--all", wishes.all, "those of living runs too")->group("Rules");
    doctor_command->footer(doctor_examples);
    firewall->footer(firewall_examples);
    for (CLI::App* command : firewall->get_subcommands({})) {
        command->footer(firewall_examples);
    }
    app.footer("Examples:\n  tcpcraft doctor\n  sudo tcpcraft firewall show");

    if (const auto ended = read_command_line(app, argc, argv)) {
        return *ended;
    }
    if (const auto missing = missing_command(app, *firewall)) {
        return usage_error("tcpcraft", *missing);
    }
    if (doctor_command->parsed()) {
        return doctor(wishes);
    }
    return clear->parsed() ? firewall_clear(wishes) : firewall_show(wishes);
}

}  // namespace

}  // namespace tcpcraft::cli

int main(int argc, char** argv) {
    tcpcraft::cli::open_standard_streams();
    const int status = number(tcpcraft::cli::run(argc, argv));
    return std::fflush(stdout) == 0 ? status : number(tcpcraft::cli::ExitCode::environment);
}
