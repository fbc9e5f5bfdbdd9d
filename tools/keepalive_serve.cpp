#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/program.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/target.hpp>
#include <tools/cli/world.hpp>
#include <tools/keepalive_serve.hpp>
#include <tools/keepalive_serve_log.hpp>
#include <tools/keepalive_serve_outcome.hpp>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/keep_alive.hpp>
#include <libtcpcraft/drive/keep_alive_serve.hpp>
#include <libtcpcraft/sim/sim_crowd.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;

/// So long the clients have to answer the last FIN of ours, and we stay to answer theirs (the
/// larger part of TIME-WAIT is cut short).
constexpr Duration farewell = 1s;
/// RSTs on their way still find the guard up.
constexpr Duration aftermath = 50ms;
constexpr Duration status_every = 1min;
constexpr Duration slack = 1ms;
/// Without --for: everything that can happen to the simulated crowd has happened by then.
constexpr Duration simulated_length = 12h;

struct Arguments {
    const CommonOptions& common;
    const ServeOptions& options;
};

/// What the options ask for of the segments themselves: -v and --lines show them, -w keeps them.
class SegmentTrace final : public TraceSink {
public:
    SegmentTrace(Report& report, const OutputOptions& output)
        : report_{report}, shown_{output.verbosity > 0 || output.lines} {}
    void write(const Record& record) override {
        if (shown_) {
            report_.write(record);
        } else {
            report_.capture(record);
            report_.keep(record);
        }
    }

private:
    Report& report_;
    bool shown_;
};

bool wants_trace(const OutputOptions& output, const Report& report) {
    return output.verbosity > 0 || output.lines || !output.write.empty() || report.wants_pages();
}

class ServeRun {
public:
    ServeRun(const Arguments& arguments, World& world, Report& report)
        : options_{arguments.options},
          common_{arguments.common},
          world_{world},
          report_{report},
          trace_{report, arguments.common.output},
          around_{.link = world.link(), .alarm = world.alarm(), .trace = trace_},
          log_{report, arguments.common.output} {}

    int run() {
        KeepAliveServer server{around_, setup()};
        server_ = &server;
        server.on_event([this](const ClientEvent& event) { take(event); });
        tell_plan();
        if (const auto length = runs_for()) {
            after(*length, [this] { stop(); });
        }
        after(status_every, [this] { tell_status(); });
        world_.run([this] { return over_; },
                   [this] {
                       interrupted_ = true;
                       stop();
                   });
        return conclude();
    }

    [[nodiscard]] static std::string first_segment() {
        return "nothing is sent before a SYN arrives";
    }

private:
    [[nodiscard]] KeepAliveServerSetup setup() const {
        KeepAliveServerSetup made;
        made.port = world_.local().port;
        made.address = world_.local().address;
        made.policy = policy_of(common_.craft, made.address.family(), world_.mtu());
        made.policy.isn_key = IsnKey{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}};
        made.policy.keep_alive = options_.keep_alive;
        made.policy.syn_retransmissions = 5;
        made.timestamp_offset = drawn<std::uint32_t>();
        made.ip.hop_limit = common_.craft.ttl;
        made.ip.traffic_class =
            static_cast<std::uint8_t>((common_.craft.dscp << 2U) | common_.craft.ecn_codepoint);
        made.echo = options_.echo;
        made.most_clients = options_.most_clients;
        made.slack = common_.simulate ? Duration{} : slack;
        made.trace = wants_trace(common_.output, report_);
        return made;
    }

    [[nodiscard]] std::optional<Duration> runs_for() const {
        const auto asked = options_.runs_for ? options_.runs_for : common_.deadline;
        return asked || !common_.simulate ? asked : std::optional{simulated_length};
    }

    [[nodiscard]] Instant now() const { return around_.alarm.now(); }

    void after(Duration length, std::function<void()> action) {
        (void)around_.alarm.call_at(now() + length, std::move(action));
    }

    void tell_plan() {
        const auto tell = [this](std::string line) {
            if (!common_.output.quiet) {
                report_.say(line);
            }
        };
        report_.event(
            now(), "serving",
            serving_json(world_.local().text(), rfc3339(world_.started_at()), options_.keep_alive));
        tell(fmt::format("{}; what comes {}", world_.target_text(),
                         options_.echo ? "goes back" : "is thrown away"));
        tell(fmt::format("probes after {} of silence, {} apart; dead without an answer:",
                         spoken(options_.keep_alive.idle), spoken(options_.keep_alive.interval)));
        for (const std::string& reading : readings_of(options_.keep_alive)) {
            tell("  " + reading);
        }
        tell("  (this run counts the first way; no RFC names a count or a spacing)");
    }

    void take(const ClientEvent& event) {
        picture_.take(event);
        log_.tell(event);
        if (log_.owes() && !telling_) {
            telling_ = true;
            after(1s, [this] {
                telling_ = false;
                log_.tell_uncounted(now());
            });
        }
    }

    void tell_status() {
        if (stopping_) {
            return;
        }
        log_.tell_status(now(), server_->counts());
        tell_lost();
        after(status_every, [this] { tell_status(); });
    }

    void tell_lost() {
        const std::uint64_t lost = around_.link.counters().lost;
        if (lost > told_lost_) {
            report_.warn(
                fmt::format("the capture lost {} packets so far; who sent them sends them "
                            "again, or is found later",
                            lost));
            told_lost_ = lost;
        }
    }

    // A FIN for everybody, then time for their answers; who is left is reset.
    void stop() {
        if (stopping_) {
            return;
        }
        stopping_ = true;
        const bool anybody = !server_->quiet();
        server_->close_all([this, anybody] {
            after(anybody ? farewell : Duration{}, [this] {
                server_->abort_all([this] { after(aftermath, [this] { over_ = true; }); });
            });
        });
    }

    int conclude() {
        log_.tell_uncounted(now());
        const ClientCounts& counts = server_->counts();
        const bool anybody = counts[ClientChange::connected] != 0;
        const ExitCode code = interrupted_ ? ExitCode::interrupted
                              : anybody    ? ExitCode::met
                                           : ExitCode::no_answer;
        const std::string summary = anybody ? summary_of(counts) : "nobody came";
        if (common_.output.quiet || !anybody) {
            report_.say(summary);
        } else {
            say_summary(report_, counts);
        }
        for (const Note& note : world_.evidence()) {
            report_.write(Record{.at = now(), .what = note});
        }
        report_.conclude(serve_outcome(number(code), summary, counts, picture_.timeline(now())));
        report_.finish(
            serve_json(number(code), summary, counts, around_.link.counters(), log_.left_out()));
        return report_.output_failed() ? number(ExitCode::environment) : number(code);
    }

    const ServeOptions& options_;
    const CommonOptions& common_;
    World& world_;
    Report& report_;
    SegmentTrace trace_;
    Surroundings around_;
    ClientLog log_;
    ClientPicture picture_{};
    KeepAliveServer* server_{nullptr};  ///< while run() is
    std::uint64_t told_lost_{0};
    bool telling_{false};
    bool stopping_{false};
    bool interrupted_{false};
    bool over_{false};
};

Policy policy_of_crowd() {
    Policy policy = policy_of(CraftOptions{}, Family::v4, 1500);
    policy.time_wait = 1min;
    return policy;
}

WorldRequest world_request(const CommonOptions& common, const ServeOptions& options) {
    WorldRequest request{.options = common, .many = true};
    request.simulated_others = [&options](Link& far, Alarm& alarm, const Endpoint& local) {
        SimCrowdPlan plan{.seed = options.seed, .clients = options.clients};
        plan.family = local.address.family();
        return std::make_shared<SimCrowd>(far, alarm, local, policy_of_crowd(), drawn_visits(plan));
    };
    return request;
}

}  // namespace

int serve(const CommonOptions& common, const ServeOptions& options) {
    const Program program{.name = "tcp-keepalive",
                          .target = typed_target(common.peer),
                          .no_result = [](int status, const std::string& summary) {
                              return serve_json(status, summary, {}, {}, 0);
                          }};
    return run_program<ServeRun>(program, world_request(common, options),
                                 Arguments{common, options});
}

}  // namespace tcpcraft::cli
