#include <algorithm>
#include <charconv>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/help.hpp>
#include <tools/cli/target.hpp>
#include <tools/script_options.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* examples = R"(Examples:
  tcp-script example.org:80 close.pkt            be the client that it describes
  tcp-script -l 8080 a.pkt b.pkt --slow 4        first packet line >: the server
  tcp-script --sut-netns lab a.pkt               socket calls are made in there
  tcp-script host:80 *.pkt -o results.xml        JUnit; results.tap: TAP
  tcp-script host:80 a.pkt --dry-run             read it, send nothing
The notation is packetdrill's: < is sent, > is expected (docs/notation.md).
Exit status: 0 all as expected, 1 something else came, 2 usage or a mistake in
a script, 3 nothing came, 4 environment, 130 interrupted. D: 200ms, 1.5s, 2m.)";

void take_slow(const std::string& text, double& slow) {
    const char* end = text.data() + text.size();
    const auto [last, code] = std::from_chars(text.data(), end, slow);
    if (code != std::errc{} || last != end || !(slow > 0) || slow > 1000) {
        throw CLI::ValidationError("--slow", "'" + text + "' is not a number above 0, up to 1000");
    }
}

void take_define(const std::string& text, std::map<std::string, std::string>& defines) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        throw CLI::ValidationError("--define", "'" + text + "' is not NAME=VALUE");
    }
    defines[text.substr(0, equals)] = text.substr(equals + 1);
}

void take_tolerance(const std::string& text, ScriptToolOptions& options) {
    const auto read = read_duration(text);
    if (!read) {
        throw CLI::ValidationError("--tolerance", read.error().message());
    }
    options.tolerance = *read;
}

void declare(CLI::App& app, ScriptToolOptions& o) {
    const char* group = "Script";
    app.add_option_function<std::string>(
           "--tolerance", [&o](const std::string& t) { take_tolerance(t, o); },
           "how much too early or late (4ms); grows\nwith the round-trip time")
        ->type_name("D")
        ->group(group);
    app.add_option_function<std::string>(
           "--slow", [&o](const std::string& t) { take_slow(t, o.slow); },
           "multiplies all tolerances")
        ->type_name("N")
        ->group(group);
    app.add_flag("--values", o.values, "compare options by value, not by kind")->group(group);
    app.add_flag("--ignore-retransmissions", o.ignore_retransmissions,
                 "of what has already come as expected")
        ->group(group);
    app.add_flag("--no-reset", o.no_reset, "leave the connection open at the end")->group(group);
    app.add_option_function<std::vector<std::string>>(
           "--define",
           [&o](const std::vector<std::string>& all) {
               for (const std::string& text : all) {
                   take_define(text, o.defines);
               }
           },
           "a symbol of the script")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false)
        ->group(group);
    app.add_option("--sut-netns", o.sut_netns, "make the socket calls in this namespace")
        ->type_name("NAME|PID")
        ->group(group);
    app.add_flag("--allow-code", o.allow_code, "run the script's shell commands there")
        ->group(group);
}

bool is_port(const std::string& word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

// TARGET FILE..., or HOST PORT FILE...; with -l and --sut-netns all are files.
void sort_words(ScriptToolOptions& o) {
    std::vector<std::string>& words = o.common.peer.target;
    std::size_t of_target = 0;
    if (!o.common.peer.listen && o.sut_netns.empty()) {
        of_target = std::min<std::size_t>(words.size(), 1);
        const bool two = words.size() > 2 && is_port(words[1]) && !has_port(words[0]);
        of_target += two ? 1 : 0;
    }
    o.files.assign(words.begin() + static_cast<std::ptrdiff_t>(of_target), words.end());
    words.resize(of_target);
}

std::optional<std::string> contradiction_of(const ScriptToolOptions& o) {
    if (!o.sut_netns.empty() && (o.common.peer.listen || o.common.simulate)) {
        return "--sut-netns does both sides; it goes with neither -l nor --simulate";
    }
    if (o.allow_code && o.sut_netns.empty()) {
        return "--allow-code runs a script's commands in the tested namespace: it needs "
               "--sut-netns NAME|PID";
    }
    if (o.files.empty()) {
        return "there is no script: FILE... is wanted";
    }
    if (o.sut_netns.empty()) {
        return contradiction(o.common);
    }
    return std::nullopt;
}

}  // namespace

std::optional<int> parse_script_options(int argc, char** argv, ScriptToolOptions& options) {
    CLI::App app{"Play a script in packetdrill's notation with any host.", "tcp-script"};
    declare(app, options);
    add_common_options(app, options.common);
    app.get_option("target")->expected(0, 10'000)->type_name("TARGET FILE...");
    app.get_option("--simulate")->option_text("");
    app.footer(examples);
    if (const auto ended = read_command_line(app, argc, argv)) {
        return number(*ended);
    }
    sort_words(options);
    if (const auto said = contradiction_of(options)) {
        return number(usage_error(app.get_name(), *said));
    }
    return std::nullopt;
}

}  // namespace tcpcraft::cli
