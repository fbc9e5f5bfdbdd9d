#include <algorithm>
#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/help.hpp>
#include <tools/cli/offered_words.hpp>
#include <tools/cli/option_group.hpp>
#include <tools/cli/payload.hpp>
#include <tools/cli/target.hpp>
#include <tools/teardown_options.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* examples = R"(Examples:
  tcp-teardown list                              the scenarios
  tcp-teardown show lost-final-ack [--script]    what one of them does
  tcp-teardown example.org:80 active-close       play one, step by step
  tcp-teardown example.org:80 all --send $'GET / HTTP/1.0\r\n\r\n'
  tcp-teardown -l 8080 passive-close             be the server
  tcp-teardown --simulate simultaneous-close     no root, no packets
Exit status: 0 as the RFC allows, 1 not so, 2 usage, 3 no answer or nothing
to be said, 4 environment, 130 interrupted. D: 200ms, 1.5s, 2m; or 5 (s).)";

constexpr std::array<Choice<Closer>, 2> closers{{{"us", Closer::us}, {"peer", Closer::peer}}};

/// Words that stand where a scenario does.
std::vector<std::string> words_of_line() {
    std::vector<std::string> words{"list", "show", "all"};
    for (const TeardownAbout& about : all_teardowns()) {
        words.emplace_back(about.name);
    }
    return words;
}

Duration duration_of(const std::string& text) {
    const auto read = read_duration(text);
    if (!read) {
        throw CLI::ValidationError(read.error().message());
    }
    return *read;
}

void declare(CLI::App& app, TeardownOptions& o) {
    const char* group = "Teardown";
    add_send(app, o.send, "a request after which the peer closes")->group(group);
    OptionGroup{app, group}.choice("--first", "WHO", closers, o.first,
                                   "who closes first: us, peer");
    app.add_option_function<std::string>(
           "--patience", [&o](const std::string& t) { o.patience = duration_of(t); },
           "how long it may take until the peer\ncloses (5s)")
        ->type_name("D")
        ->group(group);
    offer(app.add_option_function<std::string>(
              "--time-wait",
              [&o](const std::string& t) {
                  o.time_wait_full = t == "full";
                  o.time_wait = o.time_wait_full ? std::nullopt : std::optional{duration_of(t)};
              },
              "how long we stay in ours; full: 2 MSL"),
          {"full"})
        ->type_name("D")
        ->group(group);
    app.add_flag("--long", o.long_ones, "also what takes minutes")->group(group);
    app.add_flag("--mute", o.mute, "once CLOSED, answer nothing")->group(group);
    app.add_flag("--script", o.script, "with show: as a script")->group(group);
}

bool names_scenario(const std::string& word) { return word == "all" || read_teardown(word); }

std::string nearest(const std::string& word) {
    for (const TeardownAbout& about : all_teardowns()) {
        const auto common =
            std::mismatch(word.begin(), word.end(), about.name.begin(), about.name.end());
        if (common.first - word.begin() >= 4) {
            return fmt::format("; did you mean {}?", about.name);
        }
    }
    return "; 'tcp-teardown list' names them";
}

/// Words after the target.
std::optional<std::string> take_scenarios(const std::vector<std::string>& words,
                                          TeardownOptions& o) {
    for (const std::string& word : words) {
        if (word == "all") {
            o.all = true;
        } else if (const auto scenario = read_teardown(word)) {
            o.scenarios.push_back(*scenario);
        } else {
            return fmt::format("'{}' is no scenario{}", word, nearest(word));
        }
    }
    if (o.all) {
        o.scenarios.clear();
        for (const TeardownAbout& about : all_teardowns()) {
            if (!about.takes_minutes || o.long_ones) {
                o.scenarios.push_back(about.scenario);
            }
        }
    }
    return std::nullopt;
}

std::optional<std::string> sort_words(TeardownOptions& o) {
    std::vector<std::string>& target = o.common.peer.target;
    std::vector<std::string> words;
    words.swap(target);
    if (!words.empty() && (words.front() == "list" || words.front() == "show")) {
        o.verb =
            words.front() == "list" ? TeardownOptions::Verb::list : TeardownOptions::Verb::show;
        words.erase(words.begin());
        return take_scenarios(words, o);
    }
    const bool no_target = o.common.peer.listen.has_value();
    while (!no_target && !words.empty() && !names_scenario(words.front()) && target.size() < 2) {
        if (!target.empty() && (has_port(target.front()) || o.common.peer.port != 0)) {
            break;  // the next word is a scenario, if a misspelt one
        }
        target.push_back(words.front());
        words.erase(words.begin());
    }
    return take_scenarios(words, o);
}

std::optional<std::string> take_textbook(const CLI::App& app, TeardownOptions& o) {
    auto chosen = scenarios_alone(app, SimTool::teardown, o.common);
    if (!chosen) {
        return chosen.error().attempt;
    }
    o.verb = TeardownOptions::Verb::textbook;
    o.textbook = std::move(*chosen);
    return std::nullopt;
}

std::optional<std::string> contradiction(const TeardownOptions& o) {
    if (o.verb == TeardownOptions::Verb::list) {
        return std::nullopt;
    }
    if (auto meant = meant_for_simulate(o.common)) {
        return meant;
    }
    if (o.scenarios.empty()) {
        return o.verb == TeardownOptions::Verb::show
                   ? "show which one? 'tcp-teardown list' names them"
                   : "which scenario? 'tcp-teardown list' names them, all plays all";
    }
    if (o.verb == TeardownOptions::Verb::show) {
        return std::nullopt;
    }
    if (auto said = cli::contradiction(o.common)) {
        return said;
    }
    if (o.common.peer.listen && o.common.simulate && o.scenarios.size() > 1) {
        return "with -l and --simulate one client connects: name one scenario";
    }
    return std::nullopt;
}

}  // namespace

TeardownRequest request_for(Teardown scenario, const TeardownOptions& options) {
    TeardownRequest request;
    request.scenario = scenario;
    request.server = options.common.peer.listen.has_value();
    request.first = options.first;
    request.send = options.send;
    request.timeout = options.common.timeout;
    request.patience = options.patience;
    request.long_ones = options.long_ones;
    request.mute = options.mute;
    request.linger = options.time_wait;
    request.time_wait_full = options.time_wait_full;
    return request;
}

std::optional<int> parse_teardown(int argc, char** argv, TeardownOptions& options) {
    CLI::App app{"Play the ways a TCP connection ends, and judge the peer.", "tcp-teardown"};
    add_common_options(app, options.common);
    declare(app, options);
    // One list takes all words: CLI11 would give the target every word that follows it.
    CLI::Option* words = app.get_option("target");
    offer(words->expected(0, 10'000)->type_name("TARGET SCENARIO...|all"), words_of_line());
    offer(app.get_option("--simulate"), scenario_words(SimTool::teardown));
    app.footer(examples);
    if (const auto ended = read_command_line(app, argc, argv)) {
        return number(*ended);
    }
    if (!options.common.simulated.empty()) {
        if (const auto wrong = take_textbook(app, options)) {
            return number(usage_error(app.get_name(), *wrong));
        }
        return std::nullopt;
    }
    auto said = sort_words(options);
    said = said ? said : contradiction(options);
    if (said) {
        return number(usage_error(app.get_name(), *said));
    }
    return std::nullopt;
}

}  // namespace tcpcraft::cli
