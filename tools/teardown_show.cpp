#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/teardown_run.hpp>
#include <tools/teardown_show.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

namespace {

std::string_view side(const TeardownAbout& about) {
    if (about.either) {
        return "either";
    }
    return about.closer == Closer::us ? "us" : "peer";
}

/// Writes what is seen as lines of a script: `<` is sent to the tested host, `>` comes from it.
class Script final : public Report {
public:
    void say(std::string_view /*line*/) override {}
    void say_row(std::string_view /*head*/, std::string_view /*text*/) override {}
    void warn(std::string_view line) override { fmt::print(stderr, "tcp-teardown: {}\n", line); }
    void finish(std::string_view /*result*/) override {}
    [[nodiscard]] bool json() const override { return false; }
    [[nodiscard]] bool output_failed() const override { return false; }

    void write(const Record& record) override {
        if (const auto* seen = std::get_if<SegmentSeen>(&record.what)) {
            print(record, *seen);
        } else if (const auto* judged = std::get_if<Judged>(&record.what)) {
            fmt::print("// {} {}: {} [{}]\n", judged->id, text(judged->verdict), judged->text,
                       judged->rule);
        }
    }

private:
    void print(const Record& record, const SegmentSeen& seen) {
        const bool lost = seen.fault == "drop";
        const char* arrow = seen.direction == Direction::out ? "<" : ">";
        fmt::print("{}+{:.3f} {} {}\n", lost ? "// lost: " : "", seconds(record.at - last_), arrow,
                   segment_text(seen.datagram.segment, seen.origin));
        last_ = record.at;
    }

    Instant last_{};
};

void show_words(const TeardownRequest& request) {
    const TeardownAbout& it = about(request.scenario);
    fmt::print("{}: {}\n", it.name, it.what);
    fmt::print("closes first: {}\n\n", closer(request) == Closer::us ? "we" : "the peer");
    std::size_t count = 0;
    for (const std::string& line : spelled_out(teardown_scenario(request))) {
        if (line.front() == ' ') {
            fmt::print("      {}\n", line);
        } else {
            fmt::print("  {:>2}. {}\n", ++count, line);
        }
    }
}

/// The script is what the simulated server answers to.
int show_script(TeardownOptions options, Teardown scenario) {
    const TeardownAbout& it = about(scenario);
    options.scenarios = {scenario};
    options.common.simulate = true;
    options.common.craft.isn = 0;
    WorldRequest request{.options = options.common, .simulated_peer = simulated_server()};
    request.simulated_peer_opens = options.common.peer.listen.has_value();
    request.simulated_peer->iss = Seq{0};
    auto world = World::open(request);
    if (!world) {
        fmt::print(stderr, "tcp-teardown: {}\n", world.error().error.message());
        return number(ExitCode::environment);
    }
    fmt::print("// {}: {}\n// '<' is sent to the tested host, '>' is expected from it.\n", it.name,
               it.what);
    Script script;
    (void)TeardownRun{options, **world, script}.run();
    return number(ExitCode::met);
}

}  // namespace

SimHostOptions simulated_server() {
    SimHostOptions peer;
    peer.application = SimApplication::serve;
    peer.reply = "bye\n";
    peer.policy.half_duplex_close = true;
    return peer;
}

int list_teardowns() {
    fmt::print("{:<21} {:<7} {}\n", "scenario", "closes", "what happens");
    for (const TeardownAbout& it : all_teardowns()) {
        fmt::print("{:<21} {:<7} {}{}\n", it.name, side(it), it.what,
                   it.takes_minutes ? " (minutes: with --long)" : "");
    }
    return number(ExitCode::met);
}

int show_teardowns(const TeardownOptions& options) {
    for (const Teardown scenario : options.scenarios) {
        if (options.script) {
            if (const int status = show_script(options, scenario); status != 0) {
                return status;
            }
            continue;
        }
        TeardownRequest request = request_for(scenario, options);
        request.server = options.common.peer.listen.has_value();
        show_words(request);
    }
    return number(ExitCode::met);
}

}  // namespace tcpcraft::cli
