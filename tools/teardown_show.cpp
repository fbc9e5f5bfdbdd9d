#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <tools/cli/exit_code.hpp>
#include <tools/teardown_run.hpp>
#include <tools/teardown_show.hpp>

#include <libtcpcraft/script/script.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

namespace {

std::string_view side(const TeardownAbout& about) {
    if (about.either) {
        return "either";
    }
    return about.closer == Closer::us ? "us" : "peer";
}

/// Writes what is seen of the first connection as lines of a script: `<` is sent to the tested
/// host, `>` comes from it. Of that only what any host must say is kept, and what its application
/// does stands there as calls.
class Script final : public Report {
public:
    void say(std::string_view /*line*/) override {}
    void say_row(std::string_view /*head*/, std::string_view /*text*/) override {}
    void warn(std::string_view line) override { fmt::print(stderr, "tcp-teardown: {}\n", line); }
    void finish(std::string_view /*result*/) override {}
    [[nodiscard]] bool json() const override { return false; }
    [[nodiscard]] bool output_failed() const override { return false; }

    void write(const Record& record) override {
        if (record.connection > 1) {
            return;
        }
        if (const auto* seen = std::get_if<SegmentSeen>(&record.what)) {
            seen->direction == Direction::out ? sent(record.at, *seen) : arrived(*seen);
            last_ = record.at;
        } else if (const auto* judged = std::get_if<Judged>(&record.what)) {
            lines_.push_back(fmt::format("// {} {}: {} [{}]", judged->id, text(judged->verdict),
                                         judged->text, judged->rule));
        }
    }
    void print() const {
        for (const std::string& line : lines_) {
            fmt::print("{}\n", line);
        }
    }

private:
    void sent(Instant at, const SegmentSeen& seen) {
        lines_.push_back(fmt::format("{}+{:.3f} < {}", seen.fault == "drop" ? "// lost: " : "",
                                     seconds(at - last_),
                                     segment_text(seen.datagram.segment, seen.origin)));
        sent_since_ = true;
    }
    void arrived(const SegmentSeen& seen) {
        const Segment& segment = seen.datagram.segment;
        const bool bare = segment.flags == Flags{Flag::ack} && segment.payload.empty();
        const bool of_the_application = !segment.payload.empty() || segment.has(Flag::fin);
        if (bare_ack_ && (!sent_since_ || of_the_application)) {  // the next one may do for both
            lines_[*bare_ack_].replace(lines_[*bare_ack_].find(" > "), 3, " ?> ");
        }
        tell_calls(segment);
        sent_since_ = false;
        bare_ack_ = bare ? std::optional{lines_.size()} : std::nullopt;
        lines_.push_back("+0~+1 " + script_text(expected(segment, seen.origin)));
    }
    static ScriptSegment expected(const Segment& segment, const SeqOrigin& origin) {
        ScriptSegment made{.direction = ScriptDirection::outbound};
        made.flags = segment.flags;
        made.seq = ScriptNumber{segment.seq.raw() - origin.seq.value_or(segment.seq).raw()};
        made.length = static_cast<std::uint32_t>(segment.payload.size());
        if (segment.has(Flag::ack)) {
            made.ack = ScriptNumber{segment.ack.raw() - origin.ack.value_or(Seq{}).raw()};
        }
        return made;
    }
    /// What is new is the application's doing; what is repeated is not.
    void tell_calls(const Segment& segment) {
        const Seq end = segment.seq + segment.len();
        if (next_ && distance(*next_, end) <= 0) {
            return;
        }
        if (next_ && !segment.payload.empty()) {
            lines_.push_back(fmt::format("+0 write(4, ..., {0}) = {0}", segment.payload.size()));
        }
        if (next_ && segment.has(Flag::fin)) {
            lines_.push_back("+0 close(4) = 0");
        }
        next_ = segment.has(Flag::rst) ? next_ : end;
    }

    std::vector<std::string> lines_{};
    std::optional<std::size_t> bare_ack_{};
    bool sent_since_{false};
    std::optional<Seq> next_{};  ///< what the peer sends next
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
    script.print();
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
