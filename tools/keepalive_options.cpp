#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/help.hpp>
#include <tools/cli/option_group.hpp>
#include <tools/cli/payload.hpp>
#include <tools/cli/read_number.hpp>
#include <tools/keepalive_matrix.hpp>
#include <tools/keepalive_options.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;

// Linux answers one empty probe in half a second and connection (tcp_invalid_ratelimit).
constexpr Duration least_interval = 600ms;

constexpr const char* examples = R"(Examples:
  tcp-keepalive probe example.org:80 --idle 10 --interval 5 --count 3
  tcp-keepalive learn example.org:22 --patience 10m
  tcp-keepalive idle example.org:443 --most 10m
  tcp-keepalive serve 8080
  tcp-keepalive probe --help                   more of each)";

constexpr const char* probe_examples = R"(Examples:
  tcp-keepalive probe example.org:80 --idle 10 --interval 5 --count 3
  tcp-keepalive probe -l 8080                  be the textbook's server
  tcp-keepalive probe --simulate               two hours in no time
  tcp-keepalive probe example.org:80 --matrix --send $'GET / HTTP/1.0\r\n\r\n'
  tcp-keepalive probe --simulate=SC-9b         the textbook's dead client
Exit status: 0 answered, 1 reset, 2 usage, 3 dead, 4 environment,
130 interrupted. D: 200ms, 1.5s, 2m; or 5 (s).)";

constexpr const char* learn_examples = R"(Examples:
  tcp-keepalive learn example.org:22 --patience 10m
  tcp-keepalive learn example.org:22 --expect idle=2h,interval=75s,count=9
  tcp-keepalive learn -l 8080                  of a client
  tcp-keepalive learn --targets hosts.txt --json > found.ndjson
  tcp-keepalive learn --simulate               of a simulated Linux
Exit status: 0 learnt, 1 not as expected or as the RFC allows, 2 usage,
3 no keep-alive seen, 4 environment, 130 interrupted (what is known is said).)";

constexpr std::uint64_t most_answers = 1'000'000;

void declare_probe(CLI::App& app, KeepAliveOptions& o) {
    OptionGroup group{app, "Keep-alive"};
    group.duration(
        "--idle", [&o](Duration length) { o.keep_alive.idle = length; },
        "silence before the first probe (2h)");
    group.duration(
        "--interval", [&o](Duration length) { o.keep_alive.interval = length; },
        "between probes (75s)");
    group.number("--count", o.keep_alive.count, 1, 255, "without an answer, then dead (10)");
    group.number("--answers", o.answers, 1, most_answers, "be content after so many answers (1)");
    group.flag("--octet", o.keep_alive.octet, "an octet of garbage in every probe");
    add_send(app, o.send, "data first, and print the reply")->group(group.name());
    const auto take_time_wait = [&o](const std::string& text) -> std::string {
        o.time_wait_full = text == "full";
        const auto length = read_duration(text);
        if (!o.time_wait_full && !length) {
            return length.error().attempt;
        }
        o.time_wait = o.time_wait_full ? std::nullopt : std::optional{*length};
        return {};
    };
    offer(group.value("--time-wait", "D", take_time_wait, "how long ours lasts, or full"),
          {"full"});
    offer(app.get_option("--simulate"), scenario_words(SimTool::keep_alive));
    declare_matrix(app, o);
    app.footer(probe_examples);
}

void declare_learn(CLI::App& app, KeepAliveOptions& o) {
    OptionGroup group{app, "Keep-alive"};
    group.duration(
        "--patience", [&o](Duration length) { o.patience = length; }, "for its first probe (130m)");
    group.number("--answer", o.answer, 0, most_answers, "so many of its probes (0)");
    const auto take_expected = [&o](const std::string& text) -> std::string {
        const auto read = read_expected_keep_alive(text);
        if (!read) {
            return read.error().attempt;
        }
        o.expected = *read;
        return {};
    };
    group.value("--expect", "...", take_expected, "idle=D,interval=D,count=N; else status 1");
    add_send(app, o.send, "data before the silence")->group(group.name());
    app.footer(learn_examples);
}

std::optional<std::string> take_textbook(const CLI::App& app, KeepAliveOptions& o) {
    if (o.verb != KeepAliveOptions::Verb::probe) {
        return fmt::format(
            "the textbook's scenarios show our own probes: tcp-keepalive probe "
            "--simulate={}",
            o.common.simulated);
    }
    auto chosen = scenarios_alone(app, SimTool::keep_alive, o.common);
    if (!chosen) {
        return chosen.error().attempt;
    }
    o.verb = KeepAliveOptions::Verb::textbook;
    o.textbook = std::move(*chosen);
    return std::nullopt;
}

std::optional<std::string> wrong_with(const CLI::App& app, KeepAliveOptions& o) {
    if (!o.common.simulated.empty()) {
        return take_textbook(app, o);
    }
    if (auto meant = meant_for_simulate(o.common)) {
        return meant;
    }
    if (o.verb == KeepAliveOptions::Verb::probe && o.keep_alive.interval < least_interval) {
        return "--interval: at least 600ms, or the peer's limit of one answer in half a second "
               "looks like silence";
    }
    if (auto wrong = wrong_with_matrix(app, o)) {
        return wrong;
    }
    if (o.verb == KeepAliveOptions::Verb::idle) {
        auto wrong = wrong_with_idle(o.common, o.idle);
        return wrong ? wrong : contradiction(o.common);
    }
    if (auto found = contradiction(app, o.targets, o.common)) {
        return found;
    }
    if (o.targets.given() && !o.common.output.reports.empty()) {
        return "-o is for one target; of a list --json has a line for each";
    }
    o.common.peer.listed = o.targets.given();
    return contradiction(o.common);
}

}  // namespace

Expected<ExpectedKeepAlive> read_expected_keep_alive(const std::string& text) {
    ExpectedKeepAlive made;
    const auto wrong = [](std::string why) { return failure({}, std::move(why)); };
    for (const std::string& part : CLI::detail::split(text, ',')) {
        const std::size_t equals = part.find('=');
        const std::string name = part.substr(0, equals);
        const std::string value = part.substr(std::min(equals, part.size() - 1) + 1);
        if (equals == std::string::npos) {
            return wrong(fmt::format("'{}' has no value; wanted idle=D,interval=D,count=N", part));
        }
        if (name == "idle" || name == "interval") {
            const auto length = read_duration(value);
            if (!length) {
                return wrong(fmt::format("'{}' is no duration", value));
            }
            (name == "idle" ? made.idle : made.interval) = *length;
        } else if (name == "count" || name == "probes") {
            const auto count = read_number(value);
            if (!count) {
                return wrong(fmt::format("'{}' is no number of probes", value));
            }
            made.count = *count;
        } else {
            return wrong(fmt::format("'{}' is none of idle, interval, count", name));
        }
    }
    return made;
}

std::optional<int> parse_keep_alive(int argc, char** argv, KeepAliveOptions& options) {
    CLI::App app{"Probe a peer's keep-alive, learn its own, find who is gone.", "tcp-keepalive"};
    dress(app);
    app.footer(examples);
    CLI::App* probe = app.add_subcommand("probe", "does it answer when the line is idle?");
    CLI::App* learn = app.add_subcommand("learn", "what does its own keep-alive do?");
    CLI::App* idle = app.add_subcommand("idle", "after how long is it forgotten?");
    for (CLI::App* verb : {probe, learn, idle}) {
        add_common_options(*verb, options.common);
    }
    for (CLI::App* verb : {probe, learn}) {
        add_target_list(*verb, options.targets, "Keep-alive");
    }
    declare_probe(*probe, options);
    declare_learn(*learn, options);
    declare_idle(*idle, options.idle);
    for (CLI::App* verb : {learn, idle}) {
        verb->get_option("--simulate")->option_text("");
    }
    CLI::App* serve = app.add_subcommand("serve", "watch many clients, and find the dead");
    declare_serve(*serve, options.common, options.serve);
    if (const auto ended = read_command_line(app, argc, argv)) {
        return number(*ended);
    }
    if (app.get_subcommands().empty()) {
        return number(usage_error("tcp-keepalive", "say what to do: probe, learn, idle or serve"));
    }
    if (serve->parsed()) {
        options.verb = KeepAliveOptions::Verb::serve;
        const auto wrong = wrong_with_serve(options.common, options.serve);
        return wrong ? std::optional{number(usage_error("tcp-keepalive serve", *wrong))}
                     : std::nullopt;
    }
    const CLI::App& chosen = *app.get_subcommands().front();
    options.verb = probe->parsed()   ? KeepAliveOptions::Verb::probe
                   : learn->parsed() ? KeepAliveOptions::Verb::learn
                                     : KeepAliveOptions::Verb::idle;
    if (const auto wrong = wrong_with(chosen, options)) {
        return number(usage_error("tcp-keepalive " + chosen.get_name(), *wrong));
    }
    return std::nullopt;
}

}  // namespace tcpcraft::cli
