#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/connection_setup.hpp>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/teardown_looks.hpp>
#include <tools/teardown_outcome.hpp>
#include <tools/teardown_run.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

std::vector<TeardownRequest> teardown_plays(const TeardownOptions& options) {
    std::vector<TeardownRequest> plays;
    for (const Teardown scenario : options.scenarios) {
        TeardownRequest request = request_for(scenario, options);
        if (!request.send && options.common.simulate &&
            (closer(request) == Closer::peer || scenario == Teardown::half_close)) {
            request.send.emplace(5, std::byte{'x'});  // the simulated application closes after it
        }
        if (!about(scenario).takes_minutes) {
            plays.push_back(request);
        }
    }
    for (const Teardown scenario : options.scenarios) {
        add_looks(plays, scenario, options);
    }
    return plays;
}

TeardownRun::TeardownRun(const TeardownOptions& options, World& world, Report& report)
    : options_{options},
      world_{world},
      report_{report},
      plays_{teardown_plays(options)},
      asked_{plays_.size()},
      results_(plays_.size()),
      went_on_(plays_.size(), false),
      isn_key_{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}},
      run_{options.common, world, trace_} {
    trace_.add(report_);
    trace_.add(index_);
}

ConnectionSetup TeardownRun::setup(std::size_t index) const {
    const CommonOptions& common = options_.common;
    Policy policy = policy_of(common.craft, world_.local().address.family(), world_.mtu());
    policy.isn_key = isn_key_;
    adapt_policy(plays_[index], policy);
    ConnectionSetup made = connection_setup(common, world_, policy, index);
    made.keep_sightings = true;
    return made;
}

bool TeardownRun::looks(std::size_t index) const { return plays_[index].look_after.has_value(); }

// One after the other: some servers serve one client at a time. A connection that only lingers in
// TIME-WAIT keeps nobody waiting, and those that look once after minutes wait all together.
void TeardownRun::launch_next() {
    while (next_ < plays_.size()) {
        const std::size_t index = next_++;
        if (peer_keeps_open_ && closer(plays_[index]) == Closer::peer) {
            pass_over(index);
            continue;
        }
        ConnectionSetup made = setup(index);
        made.told = [this, index] { may_go_on(index); };
        play_of_session_.push_back(index);
        if (plays_.size() > 1) {
            trace_.write(Record{
                .at = run_.now(),
                .what = Note{std::string{text(plays_[index].scenario)}, Note::Kind::heading}});
        }
        run_.fleet().launch(std::move(made), teardown_scenario(plays_[index]));
        if (!looks(index)) {
            return;
        }
    }
}

void TeardownRun::may_go_on(std::size_t index) {
    if (went_on_[index] || plays_[index].server) {
        return;
    }
    went_on_[index] = true;
    run_.soon([this] { launch_next(); });
}

void TeardownRun::pass_over(std::size_t index) {
    results_[index] = not_played(index, "RFC 9293 §3.6, case 2",
                                 "the peer does not close first (--send, --patience)");
    tell_ready_rows();
}

void TeardownRun::pass_over_the_rest() {
    const std::size_t clients = next_;
    if (plays_.front().server && clients >= asked_ && clients < options_.common.peer.accept) {
        play_for_client();  // one row for all that did not come
    }
    for (std::size_t i = 0; i < results_.size(); ++i) {
        if (!results_[i]) {
            results_[i] = not_played(
                i, "", plays_[i].server ? "no connection came for it" : "the run was over before");
        }
    }
    tell_ready_rows();
}

TeardownResult TeardownRun::not_played(std::size_t index, std::string rule,
                                       const std::string& why) const {
    TeardownResult result;
    result.name = std::string{text(plays_[index].scenario)};
    result.exit_status = number(ExitCode::no_answer);
    result.verdict =
        Judged{result.name, Verdict::inconclusive, std::move(rule), "not played: " + why, {}};
    return result;
}

std::size_t TeardownRun::play_for_client() {
    const std::size_t index = next_++;
    if (index >= plays_.size()) {
        plays_.push_back(TeardownRequest{plays_[index % asked_]});
        results_.emplace_back();
        went_on_.push_back(false);
    }
    return index;
}

void TeardownRun::listen() {
    Listener listener;
    listener.local = world_.local();
    const std::size_t asked = options_.common.peer.accept;
    listener.accept = asked == 1 ? plays_.size() : asked;
    listener.setup = setup(0);
    listener.story = [this](ConnectionSetup& made) {
        const std::size_t index = play_for_client();
        const ConnectionId id = made.id;
        made = setup(index);
        made.id = id;
        play_of_session_.push_back(index);
        if (!as_table()) {
            world_.narrow(made.id);
        }
        return teardown_scenario(plays_[index]);
    };
    trace_.write(Record{.what = Note{world_.target_text(), Note::Kind::plain}});
    run_.fleet().listen(std::move(listener));
}

void TeardownRun::finished(Session& session) {
    const std::size_t index = play_of_session_[session.connection().setup().number - 1];
    TeardownResult result = judge_teardown(session, plays_[index]);
    peer_keeps_open_ |= result.peer_did_not_close && !plays_[index].server;
    if (!looks(index)) {
        session.connection().write(result.verdict);
    }
    results_[index] = std::move(result);
    end_later_looks(index);
    tell_ready_rows();
    may_go_on(index);
}

// Whoever has left a state has left it for good.
void TeardownRun::end_later_looks(std::size_t index) {
    if (!looks(index) || !has_left(*results_[index])) {
        return;
    }
    for (const auto& session : run_.fleet().sessions()) {
        const std::size_t other = play_of_session_[session->connection().setup().number - 1];
        if (looks(other) && plays_[other].scenario == plays_[index].scenario &&
            plays_[other].look_after > plays_[index].look_after) {
            run_.fleet().stop(*session, Ending::interrupted, "known already");
        }
    }
}

bool TeardownRun::as_table() const { return asked_ > 1 || options_.common.peer.accept != 1; }

void TeardownRun::tell_row(const TeardownResult& result) {
    if (as_table()) {
        report_.say_row(fmt::format("{:<21} {:<20} ", result.name, text(result.verdict.verdict)),
                        result.verdict.text);
    } else if (options_.common.output.quiet) {
        report_.say(fmt::format("{}: {}", text(result.verdict.verdict), result.verdict.text));
    }
}

void TeardownRun::tell_ready_rows() {
    while (told_ < results_.size() && results_[told_]) {
        if (!has_looks(plays_, plays_[told_].scenario)) {
            tell_row(*results_[told_]);
        }
        ++told_;
    }
}

int TeardownRun::run() {
    const bool server = options_.common.peer.listen.has_value();
    run_.fleet().on_finished([this](Session& session) { finished(session); });
    if (server) {
        listen();
    } else {
        run_.soon([this] { launch_next(); });
    }
    run_.run([this, server] { return server || next_ >= plays_.size(); });
    return conclude();
}

void TeardownRun::tell_what_would_close() {
    if (!peer_keeps_open_) {
        return;
    }
    report_.say_row(
        "", options_.send ? "The peer did not close first, even after what --send gave it: it "
                            "takes another request for the scenarios in which it has to."
                          : "The peer does not close first: for the scenarios in which it has to, "
                            "give it a request after which it does, --send TEXT|@FILE (a web "
                            "server: --send $'GET / HTTP/1.0\\r\\n\\r\\n').");
}

std::vector<TeardownResult> TeardownRun::results() const {
    std::vector<TeardownResult> made;
    for (std::size_t i = 0; i < results_.size(); ++i) {
        if (results_[i] && !looks(i)) {
            made.push_back(*results_[i]);
        }
    }
    take_looks(plays_, results_, made);
    return made;
}

int TeardownRun::conclude() {
    run_.tell_evidence();
    pass_over_the_rest();
    std::vector<TeardownResult> made = results();
    for (const TeardownResult& one : made) {
        const auto scenario = read_teardown(one.name);
        if (scenario && has_looks(plays_, *scenario)) {
            tell_row(one);
        }
    }
    const int status = run_.interrupted() ? number(ExitCode::interrupted) : combined_status(made);
    const std::string summary = made.size() == 1 ? made.front().verdict.text : summary_of(made);
    if (as_table()) {
        tell_what_would_close();
        report_.say(fmt::format("{} in {:.1f} s", summary, seconds(run_.now() - Instant{})));
    }
    report_.conclude(teardown_outcome(status, summary, made));
    for (TeardownResult& one : made) {
        one.verdict.segments = index_.of(one.verdict.segments);
    }
    report_.finish(teardown_json(status, summary, made));
    return report_.output_failed() ? number(ExitCode::environment) : status;
}

std::string TeardownRun::first_segment() const {
    return first_segment_text(setup(0), options_.common.output.absolute);
}

}  // namespace tcpcraft::cli
