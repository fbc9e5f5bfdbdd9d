#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/script_results.hpp>
#include <tools/script_run.hpp>

namespace tcpcraft::cli {

namespace {

int status_of(PlayEnding ending) {
    switch (ending) {
        case PlayEnding::passed:
            return number(ExitCode::met);
        case PlayEnding::deviated:
            return number(ExitCode::deviated);
        case PlayEnding::no_answer:
            return number(ExitCode::no_answer);
        case PlayEnding::environment:
            return number(ExitCode::environment);
        case PlayEnding::interrupted:
            break;
    }
    return number(ExitCode::interrupted);
}

struct Status {
    int exit_status{0};
};

int combined(const std::vector<PlayedScript>& played) {
    std::vector<Status> all;
    std::ranges::transform(played, std::back_inserter(all), [](const PlayedScript& one) {
        return Status{status_of(one.result.ending)};
    });
    return combined_status(all);
}

std::string summary_of(const std::vector<PlayedScript>& played, std::size_t files) {
    const auto passed = std::ranges::count_if(
        played, [](const PlayedScript& one) { return one.result.ending == PlayEnding::passed; });
    return fmt::format("{} of {} script{} passed", passed, files, files == 1 ? "" : "s");
}

}  // namespace

ScriptRun::ScriptRun(const ScriptToolOptions& options, const std::vector<ScriptFile>& files,
                     World& world, Report& report, TestedNamespace* tested)
    : options_{options}, files_{files}, world_{world}, report_{report}, tested_{tested} {}

PlayOptions ScriptRun::play_options(std::size_t index) const {
    const CraftOptions& craft = options_.common.craft;
    PlayOptions made;
    made.id = {world_.local(), world_.remote()};
    if (!options_.common.peer.listen && tested_ == nullptr) {
        made.id.local.port.value = static_cast<std::uint16_t>(made.id.local.port.value + index);
    }
    made.iss = craft.isn ? Seq{*craft.isn} : Seq{drawn<std::uint32_t>()};
    made.ip.hop_limit = craft.ttl;
    made.ip.traffic_class = static_cast<std::uint8_t>((craft.dscp << 2U) | craft.ecn_codepoint);
    made.number = index + 1;
    made.tolerance = options_.tolerance;
    made.slow = options_.slow;
    made.values = options_.values || tested_ != nullptr;
    made.ignore_retransmissions = options_.ignore_retransmissions;
    made.timeout = options_.common.timeout;
    made.clean_up = !options_.no_reset;
    return made;
}

void ScriptRun::play(std::size_t index) {
    const ScriptFile& file = files_[index];
    for (const std::string& name : file.script.options.without_effect) {
        report_.warn(fmt::format("{}: --{} has no effect here", file.name, name));
    }
    PlayOptions how = play_options(index);
    if (tested_ != nullptr) {
        const auto id = tested_->prepare(file.name, file.script);
        if (!id) {
            tell_unprepared(file, id.error());
            return;
        }
        how.id = *id;
    }
    play_on(file, how);
}

void ScriptRun::tell_unprepared(const ScriptFile& file, const Error& why) {
    const auto& deadline = options_.common.deadline;
    interrupted_ = tested_->interrupted();
    over_time_ = deadline && world_.alarm().now() >= Instant{} + *deadline;
    PlayResult failed{.ending = interrupted_ ? PlayEnding::interrupted
                                : over_time_ ? PlayEnding::no_answer
                                             : PlayEnding::environment};
    failed.sentence = why.message();
    played_.push_back({file.name, failed, {}});
    tell(played_.back());
}

void ScriptRun::play_on(const ScriptFile& file, const PlayOptions& how) {
    ScriptPlayer player{world_.link(), world_.alarm(), report_, tested_, file.script, how};
    player.on_peer([this](const ConnectionId& id) {
        if (files_.size() == 1) {
            world_.narrow(id);
        }
    });
    const Instant began = world_.alarm().now();
    const AlarmId start = world_.alarm().call_at(began, [&player] { player.start(); });
    AlarmId deadline = AlarmId::none;
    if (options_.common.deadline) {
        const Instant end = Instant{} + *options_.common.deadline;
        deadline = world_.alarm().call_at(std::max(end, began), [this, &player] {
            over_time_ = true;
            player.stop(PlayEnding::no_answer, "the deadline of the run is over");
        });
    }
    world_.run([&player] { return player.finished(); },
               [this, &player] {
                   interrupted_ = true;
                   player.stop(PlayEnding::interrupted, "stopped by a signal");
               });
    world_.alarm().cancel(start);
    world_.alarm().cancel(deadline);
    if (!player.finished()) {
        player.stop(PlayEnding::no_answer, "nothing can come any more");
    }
    played_.push_back({file.name, player.result(), world_.alarm().now() - began});
    tell(played_.back());
}

void ScriptRun::tell(const PlayedScript& played) {
    const PlayResult& result = played.result;
    if (result.ending == PlayEnding::passed) {
        report_.say(fmt::format("PASS {}: {} sent, {} came as expected, {:.3f} s", played.file,
                                result.sent, result.matched, seconds(played.took)));
        return;
    }
    report_.say("FAIL " + failure_text(played));
    for (const std::string& line : difference_lines(result)) {
        report_.say("  " + line);
    }
}

int ScriptRun::run() {
    for (std::size_t i = 0; i < files_.size() && !interrupted_ && !over_time_; ++i) {
        play(i);
    }
    return conclude();
}

int ScriptRun::conclude() {
    for (const Note& note : world_.evidence()) {
        report_.write(Record{.at = world_.alarm().now(), .what = note});
    }
    const int made = combined(played_);
    const bool not_all = over_time_ && made == number(ExitCode::met);
    const int status = interrupted_ ? number(ExitCode::interrupted)
                       : not_all    ? number(ExitCode::no_answer)
                                    : made;
    const std::string summary = summary_of(played_, files_.size());
    if (files_.size() > 1) {
        report_.say(summary);
    }
    report_.conclude(
        {.exit_status = status, .summary = summary, .cases = script_cases(played_, files_)});
    report_.finish(script_json(played_, status, summary));
    return report_.output_failed() ? number(ExitCode::environment) : status;
}

}  // namespace tcpcraft::cli
