#include <array>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/help.hpp>
#include <tools/cli/options.hpp>
#include <tools/cli/read_number.hpp>
#include <tools/cli/syn_shape.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

namespace {

/// A word and what it stands for.
template <typename T>
struct Choice {
    std::string_view word{};
    T value{};
};

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

/// Adds the options of one group, one call each. A reader takes the text and returns what is wrong
/// with it, or an empty string.
class Group {
public:
    using Reader = std::function<std::string(const std::string&)>;

    Group(CLI::App& app, std::string name) : app_{app}, name_{std::move(name)} {}

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
        return value(
            names, what,
            [&choices, &into](const std::string& text) { return choose(choices, into, text); },
            description);
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

void add_peer_options(CLI::App& app, CommonOptions& options) {
    PeerOptions& peer = options.peer;
    app.add_option("target", peer.target, "")->type_name("HOST:PORT | HOST PORT")->expected(0, 2);
    Group group{app, "Peer"};
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
void add_json(Group& group, JsonMode& json) {
    const CLI::Validator mode{[](std::string& text) {
                                  JsonMode chosen{};
                                  std::string wrong = Group::choose(json_modes, chosen, text);
                                  text = std::to_string(static_cast<int>(chosen));
                                  return wrong;
                              },
                              "MODE"};
    group.app()
        .add_flag("--json{document}", json, "one line a segment; one JSON document")
        ->transform(mode)
        ->group(group.name())
        ->option_text("[=events]");
}

void add_output_options(CLI::App& app, OutputOptions& output) {
    Group group{app, "Output"};
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
    group
        .value(
            "-o,--report", "FILE",
            [&output](const std::string& text) {
                const bool tests = text.ends_with(".xml") || text.ends_with(".tap");
                if (output.has_test_report && tests) {
                    output.report = text;
                    return std::string{};
                }
                return std::string{output.has_test_report
                                       ? "FILE.xml (JUnit) or FILE.tap; others are not built yet"
                                       : "reports are not built yet; -w FILE keeps the packets, "
                                         "--json the events"};
            },
            "")
        ->group("");
}

void add_option_switches(Group& group, CraftOptions& craft) {
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

Group::Reader wscale_reader(CraftOptions& craft) {
    return [&craft](const std::string& text) -> std::string {
        const auto shift = read_number(text);
        if (text != "none" && (!shift || *shift > 255)) {
            return fmt::format("'{}' is not a number from 0 to 255, nor 'none'", text);
        }
        craft.wscale = text == "none" ? -1 : static_cast<int>(*shift);
        return {};
    };
}

Group::Reader flags_reader(CraftOptions& craft) {
    return [&craft](const std::string& text) -> std::string {
        craft.flags = read_flags(text);
        return craft.flags
                   ? ""
                   : fmt::format("'{}' is neither letters of FSRP.UEWA nor syn,ack,...", text);
    };
}

Group::Reader codepoint_reader(CraftOptions& craft) {
    return [&craft](const std::string& text) -> std::string {
        const auto number = read_number(text);
        if (number && *number <= 3) {
            craft.ecn_codepoint = static_cast<std::uint8_t>(*number);
            return {};
        }
        return Group::choose(codepoints, craft.ecn_codepoint, text);
    };
}

void add_craft_options(CLI::App& app, CraftOptions& craft) {
    Group group{app, "Segments"};
    const auto like = [&app, &craft](const std::string& text) {
        if (app.count("--ttl") == 0) {
            craft.ttl = hop_limit_like(text);
        }
        return Group::choose(systems, craft.like, text);
    };
    group.value("--like", "SYSTEM", like, "linux, windows, macos, freebsd, bare");
    group.number("--isn", craft.isn, 0, 0xffffffff, "");
    group.number("--window", craft.window, 0, 65535, "");
    group.number("--mss", craft.mss, 0, 65535, "");
    group.value("--wscale", "N", wscale_reader(craft), "");
    add_option_switches(group, craft);
    group.value("--flags", "FLAGS", flags_reader(craft), "");
    group.number("--ttl", craft.ttl, 0, 255, "");
    group.number("--dscp", craft.dscp, 0, 63, "");
    group.value("--ecn-codepoint", "N", codepoint_reader(craft), "");
    group.flag("--bad-checksum", craft.bad_checksum, "");
}

/// A flag that may have a value, as --json.
void add_simulate(Group& group, CommonOptions& options) {
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
    Group group{app, "Run"};
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
