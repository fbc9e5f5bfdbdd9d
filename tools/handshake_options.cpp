#include <algorithm>
#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/help.hpp>
#include <tools/cli/offered_words.hpp>
#include <tools/cli/option_group.hpp>
#include <tools/cli/payload.hpp>
#include <tools/cli/simulated_scenarios.hpp>
#include <tools/handshake_options.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* examples = R"(Examples:
  tcp-handshake example.org:80                   SYN, SYN,ACK, ACK, polite close
  tcp-handshake [2001:db8::1]:80 --send $'HEAD / HTTP/1.0\r\n\r\n'
  tcp-handshake -l 8080 --accept 1 --send @reply be the server
  tcp-handshake --targets hosts.txt --rate 100/s --json   a line for each
Exit status: 0 as expected, 1 refused or unexpected, 2 usage, 3 no answer,
4 environment, 130 interrupted. D: 200ms, 1.5s, 2m; or 5, in seconds.)";

std::optional<Duration> duration_after(const std::string& text, std::string_view prefix) {
    if (text.rfind(prefix, 0) != 0) {
        return std::nullopt;
    }
    const auto read = read_duration(std::string_view{text}.substr(prefix.size()));
    if (!read) {
        throw CLI::ValidationError(read.error().message());
    }
    return *read;
}

// A word that ends in a colon takes a duration behind it.
constexpr std::array<Choice<Then>, 5> thens{{{"close", Then::close},
                                             {"reset", Then::reset},
                                             {"hold", Then::hold},
                                             {"hold:", Then::hold},
                                             {"leave", Then::leave}}};
constexpr std::array<Choice<Third>, 6> thirds{{{"ack", Third::ack},
                                               {"none", Third::none},
                                               {"wrong-ack", Third::wrong_ack},
                                               {"late:", Third::late},
                                               {"data", Third::data},
                                               {"rst", Third::rst}}};

void take_then(const std::string& text, HandshakeOptions& options) {
    options.hold = duration_after(text, "hold:");
    const std::string wrong =
        OptionGroup::choose(thens, options.then, options.hold ? "hold:" : text);
    if (!wrong.empty()) {
        throw CLI::ValidationError("--then takes close, reset, hold[:DURATION] or leave, not '" +
                                   text + "'");
    }
}

void take_third(const std::string& text, HandshakeOptions& options) {
    const auto late = duration_after(text, "late:");
    const std::string wrong = OptionGroup::choose(thirds, options.third, late ? "late:" : text);
    if (!wrong.empty()) {
        throw CLI::ValidationError(
            "--third takes ack, none, wrong-ack, late:DURATION, data or rst, not '" + text + "'");
    }
    options.late = late.value_or(Duration{});
}

constexpr std::array demonstrations{
    HandshakeScenario::three_way, HandshakeScenario::old_duplicate_syn,
    HandshakeScenario::two_way,   HandshakeScenario::simultaneous_open,
    HandshakeScenario::refused,   HandshakeScenario::syn_flood_view};

std::optional<HandshakeScenario> demonstration(std::string_view name) {
    for (const auto scenario : demonstrations) {
        if (name == tcpcraft::text(scenario)) {
            return scenario;
        }
    }
    return std::nullopt;
}

// What only the walk-through has is looked up when it is known whether this is a simulation.
void take_scenario(const std::string& text, HandshakeOptions& options) {
    options.named = text;
    options.scenario = demonstration(text).value_or(HandshakeScenario::three_way);
}

void take_time_wait(const std::string& text, HandshakeOptions& options) {
    if (text == "full") {
        options.time_wait_full = true;
        return;
    }
    options.time_wait = duration_after(text, "");
}

template <typename Take>
auto into(HandshakeOptions& options, Take take) {
    return [&options, take](const std::string& text) { take(text, options); };
}

/// Demonstrations, and what only the walk-through has.
std::vector<std::string> scenario_names() {
    std::vector<std::string> names;
    for (const auto scenario : demonstrations) {
        names.emplace_back(text(scenario));
    }
    for (std::string& word : scenario_words(SimTool::handshake)) {
        if (std::ranges::find(names, word) == names.end()) {
            names.push_back(std::move(word));
        }
    }
    return names;
}

void declare_story(CLI::App& app, HandshakeOptions& o) {
    const char* group = "Handshake";
    offer(app.add_option_function<std::string>("--scenario", into(o, take_scenario),
                                               "three-way, two-way, refused,\n"
                                               "simultaneous-open, old-duplicate-syn,\n"
                                               "syn-flood-view"),
          scenario_names())
        ->type_name("NAME")
        ->group(group);
    offer(app.add_option_function<std::string>("--then", into(o, take_then),
                                               "close, reset, hold[:D], leave"),
          words_of(thens))
        ->type_name("WHAT")
        ->group(group);
    add_send(app, o.send, "send data, print the reply")->group(group);
    offer(app.add_option_function<std::string>("--third", into(o, take_third),
                                               "ack, none, wrong-ack, late:D, data, rst"),
          words_of(thirds))
        ->type_name("WHAT")
        ->group(group);
    app.add_flag("--step", o.step, "")->group(group);
    app.add_flag_callback(
           "--simultaneous", [&o] { o.scenario = HandshakeScenario::simultaneous_open; },
           "ask before each segment; cross the SYNs")
        ->group(group);
    app.add_flag("--two-way", o.two_way, "")->group(group);
    app.add_flag("--mute", o.mute, "break the RFC: no SYN-RECEIVED; no RST")->group(group);
}

void declare_numbers(CLI::App& app, HandshakeOptions& o) {
    const char* group = "Handshake";
    app.add_option("--syn-data", o.syn_data, "")
        ->type_name("N")
        ->check(CLI::Range(1, 1400))
        ->group(group);
    app.add_flag("--tfo", o.fast_open, "")->group(group);
    app.add_flag("--ecn", o.ecn, "data, Fast Open, ECN on the SYN")->group(group);
    app.add_option("--retries", o.retries, "")
        ->type_name("N")
        ->check(CLI::Range(0, 20))
        ->group(group);
    app.add_option_function<std::string>(
           "--rto", [&o](const std::string& t) { o.rto = *duration_after(t, ""); },
           "repeat the SYN so often; first after D")
        ->type_name("D")
        ->group(group);
    app.add_option("--count", o.count, "")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000'000))
        ->group(group);
    offer(app.add_option_function<std::string>("--time-wait", into(o, take_time_wait),
                                               "connections in a row; stay D, or full"),
          {"full"})
        ->type_name("D")
        ->group(group);
}

constexpr std::size_t most_in_a_row = 1000;

/// What is said or done to one connection, or has a prompt, a reply or a file of its own for it.
std::optional<std::string> not_of_many(const CLI::App& app, const HandshakeOptions& o) {
    constexpr std::array of_one{"--step",     "--send",    "--scenario",     "--simultaneous",
                                "--two-way",  "--mute",    "--syn-data",     "--tfo",
                                "--isn",      "--flags",   "--bad-checksum", "--explain",
                                "--show-tcb", "--symbols", "--report"};
    const std::string many = o.targets.given() ? "--targets" : "--in-flight or --rate";
    for (const char* name : of_one) {
        const CLI::Option* option = app.get_option_no_throw(name);
        if (option != nullptr && option->count() > 0) {
            return fmt::format("{} is for one connection at a time: not with {}", name, many);
        }
    }
    if (o.then == Then::hold) {
        return fmt::format(
            "--then hold is for one connection at a time: with {} it is close, "
            "reset or leave",
            many);
    }
    if (o.third != Third::ack && o.third != Third::none && o.third != Third::rst) {
        return fmt::format("--third takes ack, none or rst with {}", many);
    }
    return std::nullopt;
}

std::optional<std::string> take_fleet(const CLI::App& app, HandshakeOptions& o) {
    const bool counted = app.count("--count") > 0 && o.count > 0;
    const bool paced = app.count("--in-flight") > 0 || app.count("--rate") > 0;
    o.common.peer.listed = o.targets.given();
    o.fleet = o.targets.given() || (counted && paced);
    if (o.targets.given() && counted) {
        return "--count is for one target: a list has each target as often as it stands there";
    }
    if (paced && !o.fleet) {
        return "--rate and --in-flight belong to a list, or to many with one target: --targets "
               "FILE, or --count N";
    }
    if (!(counted && paced)) {
        if (auto said = contradiction(app, o.targets, o.common)) {
            return said;
        }
    } else if (app.count("--shard") > 0) {
        return "--shard belongs to a list: --targets FILE";
    }
    if (!o.fleet && o.count > most_in_a_row) {
        return fmt::format("--count takes up to {} in a row; more with --in-flight N",
                           most_in_a_row);
    }
    return o.fleet ? not_of_many(app, o) : std::nullopt;
}

std::optional<std::string> contradiction(const HandshakeOptions& o) {
    const bool server = o.common.peer.listen.has_value();
    if (auto said = cli::contradiction(o.common)) {
        return said;
    }
    if (o.scenario == HandshakeScenario::two_way && !server && !o.common.simulate) {
        return "--scenario two-way needs a server that breaks the RFC: add --simulate, or be that "
               "server with -l PORT --two-way";
    }
    if (o.two_way && !server && !o.common.simulate) {
        return "--two-way is for the server role: -l PORT (or with --simulate)";
    }
    if (server && o.count != 1) {
        return "--count is for the client role; a server takes --accept N";
    }
    if (server && (o.third != Third::ack || o.syn_data != 0 || o.fast_open)) {
        return "--third, --syn-data and --tfo are for the client role";
    }
    if (o.rto.count() <= 0) {
        return "--rto must be above zero";
    }
    const bool client_story = o.scenario == HandshakeScenario::old_duplicate_syn ||
                              o.scenario == HandshakeScenario::refused ||
                              o.scenario == HandshakeScenario::syn_flood_view;
    if (server && client_story) {
        return fmt::format("--scenario {} is for the client role", text(o.scenario));
    }
    return std::nullopt;
}

std::optional<std::string> choose(HandshakeOptions& options, const std::string& wanted,
                                  std::string_view option) {
    auto chosen = choose_scenarios(SimTool::handshake, wanted, option);
    if (!chosen && find_sim_scenario(wanted) == nullptr) {
        return chosen.error().attempt +
               "; as a run --scenario takes three-way, old-duplicate-syn, two-way, "
               "simultaneous-open, refused or syn-flood-view";
    }
    if (!chosen) {
        return chosen.error().attempt;
    }
    options.played = chosen->scenarios;
    options.list_scenarios = chosen->list;
    return std::nullopt;
}

/// A walk-through's scenario has both ends in view; with anything that would change it a
/// demonstration is the run that a real host would see, against the simulated one.
std::optional<std::string> take_played(const CLI::App& app, HandshakeOptions& options) {
    const auto unheeded = unheeded_beside_scenario(app);
    const std::string& simulated = options.common.simulated;
    const auto is_run = [](const std::string& name) {
        return name == text(HandshakeScenario::refused) ||
               name == text(HandshakeScenario::syn_flood_view);
    };
    if (!simulated.empty()) {
        if (!options.named.empty()) {
            return "--simulate=SCENARIO and --scenario both name one: give either";
        }
        if (is_run(simulated)) {
            options.scenario = *demonstration(simulated);
            return std::nullopt;
        }
        const auto wrong = choose(options, simulated, "--simulate=");
        return wrong ? wrong : unheeded;
    }
    const bool known = demonstration(options.named).has_value();
    if (options.named.empty() || is_run(options.named) ||
        (known && (unheeded || !options.common.simulate))) {
        return std::nullopt;
    }
    const auto wrong = choose(options, options.named, "--scenario ");
    if (wrong || options.common.simulate) {
        return wrong ? wrong : unheeded;
    }
    return fmt::format("--scenario {} is played by both ends here: add --simulate", options.named);
}

}  // namespace

std::optional<int> parse_handshake(int argc, char** argv, HandshakeOptions& options) {
    CLI::App app{"Open a TCP connection by hand, one segment at a time.", "tcp-handshake"};
    declare_story(app, options);
    declare_numbers(app, options);
    add_target_list(app, options.targets, "Handshake");
    add_common_options(app, options.common);
    offer(app.get_option("--simulate"), scenario_names());
    app.footer(examples);
    if (const auto ended = read_command_line(app, argc, argv)) {
        return number(*ended);
    }
    auto said = take_fleet(app, options);
    if (!said) {
        said = take_played(app, options);
    }
    if (!said) {
        said = contradiction(options);
    }
    if (said) {
        return number(usage_error(app.get_name(), *said));
    }
    return std::nullopt;
}

}  // namespace tcpcraft::cli
