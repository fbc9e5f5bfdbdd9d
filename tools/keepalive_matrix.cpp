#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/connection_setup.hpp>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/program.hpp>
#include <tools/cli/target.hpp>
#include <tools/keepalive_matrix.hpp>

namespace tcpcraft::cli {

namespace {

constexpr const char* tool = "tcp-keepalive";
constexpr std::size_t situations = all_matrix_situations.size();
/// A connection for each situation, and some for the forms that the first did not come to.
constexpr std::size_t most_connections = 4 * situations;

// In virtual time its application can take its time: half-closed for as long as is looked at it.
constexpr Duration simulated_delay = std::chrono::seconds{60};

WorldRequest world_request(const KeepAliveOptions& options) {
    WorldRequest request{.options = options.common, .ports = most_connections};
    if (options.common.simulate) {
        request.simulated_peer.emplace();
        request.simulated_peer->application = SimApplication::serve;
        request.simulated_peer->application_delay = simulated_delay;
        request.simulated_peer_opens = options.common.peer.listen.has_value();
        request.simulated_clients = situations;
    }
    return request;
}

std::string no_result(int status, const std::string& summary) {
    return matrix_json(status, summary, {}, 0);
}

// A table is wanted, unless somebody asks for the segments.
KeepAliveOptions as_table(KeepAliveOptions options) {
    OutputOptions& output = options.common.output;
    output.quiet |= output.verbosity == 0 && !output.lines && !output.explain && !output.show_tcb;
    return options;
}

std::vector<TestCase> cases_of(const MatrixCells& cells) {
    std::vector<TestCase> cases;
    for (const MatrixCell& cell : cells) {
        cases.push_back({.name = cell.verdict.id,
                         .verdict = cell.applicable ? cell.verdict.verdict : Verdict::conforms,
                         .rule = cell.verdict.rule,
                         .text = cell.verdict.text,
                         .took = cell.delay.value_or(Duration{}),
                         .word = cell.applicable ? "" : "not-applicable",
                         .segments = cell.verdict.segments});
    }
    return cases;
}

}  // namespace

int run_matrix(const KeepAliveOptions& asked) {
    const KeepAliveOptions options = as_table(asked);
    const OutputOptions& output = options.common.output;
    const Program program{
        .name = tool, .target = typed_target(options.common.peer), .no_result = no_result};
    const auto opened = open_run(program, world_request(options), output);
    if (!opened) {
        return tell_failure(program, output, opened.error());
    }
    const auto& [world, report] = *opened;
    MatrixRun matrix{options, *world, *report};
    if (options.common.dry_run) {
        return show_plan(program, world->plan(), *report, matrix.first_segment());
    }
    return matrix.run();
}

MatrixRun::MatrixRun(const KeepAliveOptions& options, World& world, Report& report)
    : options_{options},
      world_{world},
      report_{report},
      isn_key_{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}},
      run_{options.common, world, trace_} {
    trace_.add(report_);
    trace_.add(index_);
    const char* why = options.common.peer.listen ? "no connection came for it" : "not come to";
    for (const MatrixSituation situation : all_matrix_situations) {
        for (const MatrixForm form : all_matrix_forms) {
            cells_.push_back(not_asked(situation, form, why));
        }
    }
}

MatrixCell& MatrixRun::cell(MatrixSituation situation, MatrixForm form) {
    return cells_[static_cast<std::size_t>(situation) * all_matrix_forms.size() +
                  static_cast<std::size_t>(form)];
}

std::vector<MatrixForm> MatrixRun::left_of(MatrixSituation situation) {
    std::vector<MatrixForm> left;
    for (const MatrixForm form : all_matrix_forms) {
        const MatrixCell& one = cell(situation, form);
        if (!one.asked && one.applicable) {
            left.push_back(form);
        }
    }
    return left;
}

MatrixRequest MatrixRun::request_for(MatrixSituation situation,
                                     std::vector<MatrixForm> forms) const {
    MatrixRequest made;
    made.situation = situation;
    made.forms = std::move(forms);
    made.server = options_.common.peer.listen.has_value();
    made.timeout = options_.common.timeout;
    made.patience = options_.close_patience;
    if (situation == MatrixSituation::time_wait) {
        made.send = options_.send;
    }
    if (options_.common.simulate) {
        made.patience = std::max(made.patience, 2 * simulated_delay);
        if (situation == MatrixSituation::time_wait && !made.send) {
            made.send.emplace(5, std::byte{'x'});
        }
    }
    return made;
}

ConnectionSetup MatrixRun::setup(const MatrixRequest& request) const {
    const CommonOptions& common = options_.common;
    Policy policy = policy_of(common.craft, world_.local().address.family(), world_.mtu());
    policy.isn_key = isn_key_;
    adapt_policy(request, policy);
    ConnectionSetup made = connection_setup(common, world_, policy, requests_.size());
    made.keep_sightings = true;
    return made;
}

void MatrixRun::launch(MatrixRequest request) {
    ConnectionSetup made = setup(request);
    Scenario scenario = matrix_scenario(request);
    requests_.push_back(std::move(request));
    run_.fleet().launch(std::move(made), std::move(scenario));
}

/// One situation after the other; further clients take what is left, or begin again.
MatrixRequest MatrixRun::next_for_client() {
    for (std::size_t i = clients_; i < clients_ + situations; ++i) {
        const MatrixSituation situation = all_matrix_situations[i % situations];
        auto left = left_of(situation);
        if (!left.empty()) {
            clients_ = i + 1;
            return request_for(situation, std::move(left));
        }
    }
    const MatrixSituation again = all_matrix_situations[clients_++ % situations];
    return request_for(again, {all_matrix_forms.begin(), all_matrix_forms.end()});
}

void MatrixRun::listen() {
    Listener listener;
    listener.local = world_.local();
    const std::size_t asked = options_.common.peer.accept;
    listener.accept = asked == 1 ? situations : asked;
    listener.setup = setup(request_for(MatrixSituation::established, {}));
    listener.story = [this](ConnectionSetup& made) {
        MatrixRequest request = next_for_client();
        const ConnectionId id = made.id;
        made = setup(request);
        made.id = id;
        requests_.push_back(request);
        return matrix_scenario(request);
    };
    report_.say(fmt::format("{}; {} connections are wanted, each for another situation",
                            world_.target_text(), listener.accept));
    run_.fleet().listen(std::move(listener));
}

void MatrixRun::finished(Session& session) {
    const MatrixRequest request = requests_[session.connection().setup().number - 1];
    bool progress = false;
    for (MatrixCell& one : judge_matrix(session, request)) {
        progress |= one.asked;
        MatrixCell& known = cell(one.situation, one.form);
        const bool open = !known.asked || known.exit_status == number(ExitCode::no_answer);
        if (open && (one.asked || !known.asked)) {
            known = std::move(one);
        }
    }
    for (const Sighting& seen : session.connection().sightings()) {
        sent_ += seen.direction == Direction::out && seen.altered ? 1U : 0U;
    }
    auto left = left_of(request.situation);
    if (progress && !left.empty() && !request.server && !run_.stopped() &&
        requests_.size() < most_connections) {
        ++pending_;
        run_.soon([this, next = request_for(request.situation, std::move(left))] {
            --pending_;
            launch(next);
        });
    }
}

int MatrixRun::run() {
    const bool server = options_.common.peer.listen.has_value();
    run_.fleet().on_finished([this](Session& session) { finished(session); });
    if (server) {
        listen();
    } else {
        run_.soon([this] {
            for (const MatrixSituation situation : all_matrix_situations) {
                launch(request_for(situation, left_of(situation)));
            }
        });
    }
    run_.run([this, server] { return server || (!requests_.empty() && pending_ == 0); });
    return conclude();
}

std::string MatrixRun::first_segment() const {
    return first_segment_text(setup(request_for(MatrixSituation::established, {})),
                              options_.common.output.absolute);
}

int MatrixRun::conclude() {
    run_.tell_evidence();
    const int status = run_.interrupted() ? number(ExitCode::interrupted) : combined_status(cells_);
    const std::string summary = summary_of(cells_);
    tell_matrix(report_, cells_);
    report_.say(fmt::format("{} in {:.1f} s", summary, seconds(run_.now() - Instant{})));
    report_.conclude({.exit_status = status,
                      .summary = summary,
                      .facts = {{"Probes sent", std::to_string(sent_)}},
                      .cases = cases_of(cells_),
                      .advice = {std::string{matrix_warning()}}});
    MatrixCells told = cells_;
    for (MatrixCell& one : told) {
        one.verdict.segments = index_.of(one.verdict.segments);
    }
    report_.finish(matrix_json(status, summary, told, sent_));
    return report_.output_failed() ? number(ExitCode::environment) : status;
}

}  // namespace tcpcraft::cli
