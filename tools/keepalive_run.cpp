#include <fmt/format.h>
#include <tools/cli/connection_setup.hpp>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/keepalive_outcome.hpp>
#include <tools/keepalive_play.hpp>
#include <tools/keepalive_progress.hpp>
#include <tools/keepalive_run.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

using namespace std::chrono_literals;

KeepAliveRun::KeepAliveRun(const KeepAliveOptions& options, World& world, Report& report)
    : options_{options},
      world_{world},
      report_{report},
      policy_{policy_of(options.common.craft, world.local().address.family(), world.mtu())},
      line_{!options.common.simulate && !options.common.output.quiet},
      trace_{report, line_},
      run_{options.common, world, trace_} {
    policy_.isn_key = IsnKey{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}};
    if (options.verb == KeepAliveOptions::Verb::probe) {
        policy_.keep_alive = options.keep_alive;
    }
}

ConnectionSetup KeepAliveRun::setup() const {
    ConnectionSetup made = connection_setup(options_.common, world_, policy_, 0);
    made.keep_sightings = true;
    return made;
}

void KeepAliveRun::tell_plan() {
    const auto tell = [this](std::string line) {
        report_.write(Record{.what = Note{std::move(line), Note::Kind::plain}});
    };
    if (options_.verb == KeepAliveOptions::Verb::learn) {
        return tell(fmt::format("silent once it is open; waits {} for its first probe",
                                spoken(options_.patience)));
    }
    tell(fmt::format("probes after {} of silence, {} apart; dead without an answer:",
                     spoken(options_.keep_alive.idle), spoken(options_.keep_alive.interval)));
    for (const std::string& reading : readings_of(options_.keep_alive)) {
        tell("  " + reading);
    }
    tell("  (this run counts the first way; no RFC names a count or a spacing)");
}

void KeepAliveRun::listen() {
    Listener listener;
    listener.local = world_.local();
    listener.accept = options_.common.peer.accept;
    listener.setup = setup();
    listener.scenario = keep_alive_scenario(options_);
    listener.accepted = [this](ConnectionSetup& made) {
        if (options_.common.peer.accept == 1) {
            world_.narrow(made.id);
        }
    };
    report_.write(Record{.what = Note{world_.target_text(), Note::Kind::plain}});
    run_.fleet().listen(std::move(listener));
}

int KeepAliveRun::run() {
    const bool server = options_.common.peer.listen.has_value();
    run_.fleet().on_finished([this](Session& session) { finished(session); });
    tell_plan();
    if (server) {
        listen();
    } else {
        run_.soon([this] {
            launched_ = true;
            run_.fleet().launch(setup(), keep_alive_scenario(options_));
        });
    }
    watch_progress();
    run_.run([this, server] { return server || launched_; });
    return conclude();
}

// A person sees every second pass; a script hears once a minute that nothing has happened.
void KeepAliveRun::watch_progress() {
    const bool events = options_.common.output.json == JsonMode::events;
    if (options_.common.simulate || !(line_.visible() || events)) {
        return;
    }
    run_.after(line_.visible() ? 1s : 60s, [this, events] {
        const auto sessions = run_.fleet().sessions();
        if (run_.fleet().finished()) {
            return;
        }
        line_.show(keep_alive_progress(options_, sessions, run_.now()));
        if (events && !line_.visible() && options_.verb == KeepAliveOptions::Verb::learn) {
            for (const auto& session : sessions) {
                if (const auto left = patience_left(options_, *session, run_.now())) {
                    session->connection().write(Progressed{.left = left});
                }
            }
        }
        watch_progress();
    });
}

void KeepAliveRun::finished(Session& session) {
    const KeepAliveFinding found = judge_keep_alive(options_, session);
    const Judged& verdict =
        options_.verb == KeepAliveOptions::Verb::learn ? found.learnt.verdict : found.probe.verdict;
    session.connection().write(verdict);
    line_.clear();
    if (options_.common.output.quiet || verdict.text != found.summary) {
        report_.say(found.summary);
    }
}

std::string KeepAliveRun::first_segment() const {
    return first_segment_text(setup(), options_.common.output.absolute);
}

std::string KeepAliveRun::nobody_came() const {
    const std::string until = spoken(run_.now() - Instant{});
    return run_.interrupted()
               ? fmt::format("interrupted after {}: no client had come", until)
               : fmt::format("no client came within {} ({})", until, world_.target_text());
}

int KeepAliveRun::conclude() {
    std::vector<KeepAliveFinding> all;
    std::vector<KeepAliveShown> shown;
    for (const auto& session : run_.fleet().sessions()) {
        all.push_back(judge_keep_alive(options_, *session));
        shown.push_back({session.get(), all.back()});
    }
    run_.tell_evidence();
    line_.clear();
    const KeepAliveConclusion conclusion = conclude_keep_alive(
        options_.verb, all, several_connections(options_), run_.interrupted(), nobody_came());
    if (all.empty()) {
        report_.say(conclusion.summary);
    }
    report_.conclude(keep_alive_outcome(options_.verb, conclusion, shown, run_.now()));
    report_.finish(conclusion.json);
    return report_.output_failed() ? number(ExitCode::environment) : conclusion.exit_status;
}

}  // namespace tcpcraft::cli
