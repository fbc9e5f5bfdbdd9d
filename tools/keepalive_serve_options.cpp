#include <algorithm>
#include <chrono>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/read_number.hpp>
#include <tools/keepalive_serve_options.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;

// Linux answers one empty probe in half a second and connection (tcp_invalid_ratelimit).
constexpr Duration least_interval = 600ms;
constexpr const char* group = "Keep-alive";

constexpr const char* examples = R"(Examples:
  tcp-keepalive serve 8080                     clients: nc, curl telnet://
  tcp-keepalive serve 8080 --idle 1m --interval 5 --count 3
  tcp-keepalive serve 8080 --for 8h --json=events
  tcp-keepalive serve --simulate --seed 7      a crowd, and 12 hours in no time
Exit status: 0 served (also when clients died: the result counts them),
2 usage, 3 nobody came, 4 environment, 130 interrupted.)";

CLI::Option* add_duration(CLI::App& app, const std::string& name,
                          std::function<void(Duration)> take, const std::string& what) {
    const auto read = [take = std::move(take), name](const std::string& text) {
        const auto length = read_duration(text);
        if (!length) {
            throw CLI::ValidationError(name, length.error().message());
        }
        take(*length);
    };
    return app.add_option_function<std::string>(name, read, what)->type_name("D")->group(group);
}

template <typename T>
CLI::Option* add_number(CLI::App& app, const std::string& name, T& into, std::uint64_t most,
                        const std::string& what) {
    const auto read = [&into, most, name](const std::string& text) {
        const auto number = read_number(text);
        if (!number || *number == 0 || *number > most) {
            throw CLI::ValidationError(
                name, fmt::format("'{}' is not a number from 1 to {}", text, most));
        }
        into = static_cast<T>(*number);
    };
    return app.add_option_function<std::string>(name, read, what)->type_name("N")->group(group);
}

/// Options of tools that open a connection of their own, or tell of one alone.
void drop_what_means_nothing(CLI::App& app) {
    for (const char* name :
         {"--port", "--source", "--source-port", "--listen", "--accept", "--timeout", "--symbols",
          "--explain", "--show-tcb", "--isn", "--flags", "--bad-checksum"}) {
        app.remove_option(app.get_option(name));
    }
    app.get_option("target")->type_name("[ADDR:]PORT");
    app.get_option("--interface")->description("the interface to use");
    app.get_option("--deadline")->description("the same as --for");
    app.get_option("--simulate")->option_text("");
    app.get_option("--absolute")->description("real sequence numbers");
}

}  // namespace

void declare_serve(CLI::App& app, CommonOptions& common, ServeOptions& o) {
    add_common_options(app, common);
    drop_what_means_nothing(app);
    add_duration(
        app, "--idle", [&o](Duration d) { o.keep_alive.idle = d; },
        "silence before the first probe (2h)");
    add_duration(
        app, "--interval", [&o](Duration d) { o.keep_alive.interval = d; }, "");
    add_number(app, "--count", o.keep_alive.count, 255, "between probes (75s); how many (10)");
    CLI::Option* echo = app.add_flag_callback(
        "--echo", [&o] { o.echo = true; }, "");
    echo->group(group);
    app.add_flag_callback(
           "--discard", [&o] { o.echo = false; }, "what comes goes back (default), or not")
        ->group(group)
        ->excludes(echo);
    add_number(app, "--max-clients", o.most_clients, 10'000'000, "more are met by RST (100000)");
    add_duration(
        app, "--for", [&o](Duration d) { o.runs_for = d; }, "close all and end after that");
    add_number(app, "--clients", o.clients, 65000, "")->group("Run");
    add_number(app, "--seed", o.seed, std::numeric_limits<std::uint64_t>::max(),
               "--simulate: how many (100), which")
        ->group("Run");
    for (const char* name : {"--clients", "--seed"}) {
        app.get_option(name)->each([&o](const std::string&) { o.crowd_chosen = true; });
    }
    app.footer(examples);
}

std::optional<std::string> wrong_with_serve(CommonOptions& common, const ServeOptions& options) {
    PeerOptions& peer = common.peer;
    if (!common.simulated.empty()) {
        return "--simulate: a crowd of clients comes here, no scenario is played";
    }
    if (peer.target.size() > 1) {
        return "one port is served: [ADDR:]PORT";
    }
    if (peer.target.empty() && !common.simulate) {
        return "say which port to serve: tcp-keepalive serve PORT";
    }
    if (options.crowd_chosen && !common.simulate) {
        return "--clients and --seed are for --simulate: real clients come by themselves";
    }
    if (std::min(options.keep_alive.idle, options.keep_alive.interval) < least_interval) {
        return "--idle and --interval: at least 600ms, or a client's limit of one answer in half a "
               "second looks like silence";
    }
    peer.listen = peer.target.empty() ? "7" : peer.target.front();
    peer.target.clear();
    peer.accept = 0;
    return contradiction(common);
}

}  // namespace tcpcraft::cli
