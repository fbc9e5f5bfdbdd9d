#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/help.hpp>
#include <tools/cli/option_group.hpp>
#include <tools/cli/options.hpp>
#include <tools/cli/report_files.hpp>
#include <tools/cli/syn_shape.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

namespace {

constexpr std::array<Choice<FirewallMode>, 4> firewalls{{{"iptables", FirewallMode::iptables},
                                                         {"nft", FirewallMode::nft},
                                                         {"socket", FirewallMode::socket},
                                                         {"none", FirewallMode::none}}};
constexpr std::array<Choice<ColorMode>, 3> colors{
    {{"auto", ColorMode::automatic}, {"always", ColorMode::always}, {"never", ColorMode::never}}};
constexpr std::array<Choice<JsonMode>, 2> json_modes{
    {{"document", JsonMode::document}, {"events", JsonMode::events}}};
constexpr std::array<Choice<std::string_view>, 5> systems{{{"linux", "linux"},
                                                           {"windows", "windows"},
                                                           {"macos", "macos"},
                                                           {"freebsd", "freebsd"},
                                                           {"bare", "bare"}}};
constexpr std::array<Choice<std::uint8_t>, 4> codepoints{
    {{"not-ect", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}}};

void add_peer_options(CLI::App& app, CommonOptions& options) {
    PeerOptions& peer = options.peer;
    app.add_option("target", peer.target, "")->type_name("HOST:PORT | HOST PORT")->expected(0, 2);
    OptionGroup group{app, "Peer"};
    group.flag("-4", peer.only_v4, "");
    group.flag("-6", peer.only_v6, "only IPv4, only IPv6");
    group.number("-p,--port", peer.port, 1, 65535, "");
    group.text("-I,--interface", "IF", peer.interface, "the peer's port; the interface to use");
    group.text("--source", "ADDR", peer.source, "");
    group.number("-g,--source-port", peer.source_port, 1, 65535, "from where (default: chosen)");
    group.value(
        "-l,--listen", "[ADDR:]PORT",
        [&peer](const std::string& text) {
            peer.listen = text;
            return std::string{};
        },
        "");
    group.number("--accept", peer.accept, 0, std::numeric_limits<std::uint32_t>::max(),
                 "server: take N connections (0: no end)");
    group.duration(
        "--timeout", [&options](Duration d) { options.timeout = d; }, "");
    group.duration(
        "--deadline", [&options](Duration d) { options.deadline = d; },
        "for one answer (10s); for the whole run");
}

/// A flag that may have a value: `--json TARGET` must not swallow the target.
void add_json(OptionGroup& group, JsonMode& json) {
    const CLI::Validator mode{[](std::string& text) {
                                  JsonMode chosen{};
                                  std::string wrong = OptionGroup::choose(json_modes, chosen, text);
                                  text = std::to_string(static_cast<int>(chosen));
                                  return wrong;
                              },
                              "MODE"};
    CLI::Option* option =
        group.app()
            .add_flag("--json{document}", json, "one line a segment; one JSON document")
            ->transform(mode)
            ->group(group.name())
            ->option_text("[=events]");
    offer(option, words_of(json_modes));
}

void add_reports(OptionGroup& group, std::vector<std::string>& reports) {
    const auto take = [&reports](const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            if (const std::string wrong = wrong_with_report(name); !wrong.empty()) {
                throw CLI::ValidationError{"-o", wrong};
            }
            if (std::find(reports.begin(), reports.end(), name) != reports.end()) {
                throw CLI::ValidationError{"-o", fmt::format("'{}' is named twice", name)};
            }
            reports.push_back(name);
        }
    };
    group.app()
        .add_option_function<std::vector<std::string>>("-o,--report", take,
                                                       "FILE.html, .svg, .md, .xml (JUnit), .tap")
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group(group.name());
}

void add_output_options(CLI::App& app, OutputOptions& output) {
    OptionGroup group{app, "Output"};
    group.flag("--lines", output.lines, "");
    add_json(group, output.json);
    app.add_flag("-v,--verbose", output.verbosity, "")->group(group.name())->option_text(", -vv");
    group.flag("-q,--quiet", output.quiet, "all fields; octets too; result only");
    group.flag("-S,--absolute", output.absolute, "");
    group.flag("--symbols", output.symbols, "real sequence numbers; x, y, u, v, w");
    group.flag("--explain", output.explain, "");
    group.flag("--show-tcb", output.show_tcb, "rule and TCB after each step");
    group.choice("--color", "WHEN", colors, output.color, "");
    group.text("-w,--write", "FILE", output.write, "auto, always, never; pcapng (-: stdout)");
    add_reports(group, output.reports);
}

void add_option_switches(OptionGroup& group, CraftOptions& craft) {
    group.flag(
        "--sack", [&craft] { craft.sack = true; }, "");
    group.flag(
        "--no-sack", [&craft] { craft.sack = false; }, "");
    group.flag(
        "--timestamps", [&craft] { craft.timestamps = true; }, "");
    group.flag(
        "--no-timestamps", [&craft] { craft.timestamps = false; }, "");
    group.value(
        "--options", "HEX",
        [&craft](const std::string& text) -> std::string {
            craft.options_hex = text;
            return read_options_hex(text)
                       ? ""
                       : fmt::format("'{}' is not up to 40 octets in hexadecimal", text);
        },
        "");
}

OptionGroup::Reader wscale_reader(CraftOptions& craft) {
    return [&craft](const std::string& text) -> std::string {
        const auto shift = read_number(text);
        if (text != "none" && (!shift || *shift > 255)) {
            return fmt::format("'{}' is not a number from 0 to 255, nor 'none'", text);
        }
        craft.wscale = text == "none" ? -1 : static_cast<int>(*shift);
        return {};
    };
}

OptionGroup::Reader flags_reader(CraftOptions& craft) {
    return [&craft](const std::string& text) -> std::string {
        craft.flags = read_flags(text);
        return craft.flags
                   ? ""
                   : fmt::format("'{}' is neither letters of FSRP.UEWA nor syn,ack,...", text);
    };
}

OptionGroup::Reader codepoint_reader(CraftOptions& craft) {
    return [&craft](const std::string& text) -> std::string {
        const auto number = read_number(text);
        if (number && *number <= 3) {
            craft.ecn_codepoint = static_cast<std::uint8_t>(*number);
            return {};
        }
        return OptionGroup::choose(codepoints, craft.ecn_codepoint, text);
    };
}

void add_craft_options(CLI::App& app, CraftOptions& craft) {
    OptionGroup group{app, "Segments"};
    const auto like = [&app, &craft](const std::string& text) {
        if (app.count("--ttl") == 0) {
            craft.ttl = hop_limit_like(text);
        }
        return OptionGroup::choose(systems, craft.like, text);
    };
    offer(group.value("--like", "SYSTEM", like, "linux, windows, macos, freebsd, bare"),
          words_of(systems));
    group.number("--isn", craft.isn, 0, 0xffffffff, "");
    group.number("--window", craft.window, 0, 65535, "");
    group.number("--mss", craft.mss, 0, 65535, "");
    offer(group.value("--wscale", "N", wscale_reader(craft), ""), {"none"});
    add_option_switches(group, craft);
    group.value("--flags", "FLAGS", flags_reader(craft), "");
    group.number("--ttl", craft.ttl, 0, 255, "");
    group.number("--dscp", craft.dscp, 0, 63, "");
    offer(group.value("--ecn-codepoint", "N", codepoint_reader(craft), ""), words_of(codepoints));
    group.flag("--bad-checksum", craft.bad_checksum, "");
}

/// A flag that may have a value, as --json.
void add_simulate(OptionGroup& group, CommonOptions& options) {
    const CLI::Validator take{[&options](std::string& text) {
                                  options.simulate = true;
                                  options.simulated = text == "run" ? "" : text;
                                  text = "true";
                                  return std::string{};
                              },
                              "SCENARIO"};
    group.app()
        .add_flag("--simulate{run}", options.simulate, "")
        ->transform(take)
        ->group(group.name())
        ->option_text("[=SC-1|list]");
}

void add_run_options(CLI::App& app, CommonOptions& options) {
    OptionGroup group{app, "Run"};
    const auto add_rules = [&options](const std::vector<std::string>& rules) {
        for (const std::string& text : rules) {
            auto rule = read_fault_rule(text);
            if (!rule) {
                throw CLI::ValidationError{"--fault", rule.error().message()};
            }
            options.faults.push_back(*rule);
        }
    };
    app.add_option_function<std::vector<std::string>>("--fault", add_rules,
                                                      "'drop out S', 'delay=1s in S.' (.: ACK)")
        ->type_name("RULE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group(group.name());
    group.choice("--firewall", "HOW", firewalls, options.firewall, "iptables, nft, socket, none");
    add_simulate(group, options);
    group.flag("--dry-run", options.dry_run, "virtual time, no root; only show");
}

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& options) {
    dress(app);
    add_peer_options(app, options);
    add_output_options(app, options.output);
    add_craft_options(app, options.craft);
    add_run_options(app, options);
}

}  // namespace tcpcraft::cli
