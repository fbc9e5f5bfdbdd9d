#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/cli/target_output.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

Json as_json(const PlacedTarget& target, std::size_t connection, bool tried,
             const TargetResult& result) {
    const bool reachable = !target.failure;
    Json made{{"target", target.listed.text},
              {"line", target.listed.line},
              {"address", reachable ? Json(target.remote.text()) : Json(nullptr)},
              {"connection", connection != 0 ? Json(connection) : Json(nullptr)},
              {"tried", tried}};
    made.update(Json::parse(result.json));
    made["exit_status"] = result.exit_status;
    made["summary"] = result.summary;
    return made;
}

/// For combined_status().
struct Counted {
    int exit_status{0};
};

std::string plural(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string text_of(const TargetProgress& progress) {
    std::string text = fmt::format("{} of {} done, {} in flight, {:.3g}/s", progress.done,
                                   progress.total, progress.in_flight, progress.rate);
    return progress.left ? text + ", " + whole_seconds(*progress.left) + " left" : text;
}

}  // namespace

OutputOptions TargetOutput::for_report(OutputOptions output) {
    if (output.json == JsonMode::document) {
        output.json = JsonMode::off;
        output.quiet = true;
    } else if (output.json == JsonMode::off) {
        output.lines = output.lines || output.verbosity > 0;
        output.quiet = output.quiet || !output.lines;
    }
    return output;
}

TargetOutput::TargetOutput(Report& report, const OutputOptions& output, bool live)
    : report_{report},
      json_{output.json == JsonMode::document},
      events_{output.json == JsonMode::events},
      quiet_{output.quiet},
      segments_{!for_report(output).quiet && !events_},
      line_{live && !quiet_} {}

void TargetOutput::tell(Instant at, const PlacedTarget& target, std::size_t connection, bool tried,
                        const TargetResult& result) {
    line_.clear();
    ++told_;
    ++(tried ? statuses_[result.exit_status] : untried_);
    if (!json_ && !events_) {
        return report_.say(fmt::format("{}: {}", target.listed.text, result.summary));
    }
    const Json told = as_json(target, connection, tried, result);
    if (events_) {
        results_.push_back(dumped(told));
        return report_.event("target", results_.back());
    }
    Json line{{"t", seconds(at - Instant{})}, {"event", "target"}};
    line.update(told);
    report_.say(dumped(line));
}

void TargetOutput::Sink::write(const Record& record) {
    const bool of_one = record.connection != 0 && std::holds_alternative<Note>(record.what);
    if (!of_one || output_.segments_) {
        output_.line_.clear();
        output_.report_.write(record);
    }
}

void TargetOutput::tell(Instant at, const TargetProgress& progress) {
    if (events_) {
        report_.write(
            Record{.at = at, .what = Progressed{progress.done, progress.total, progress.left}});
    }
    line_.show(text_of(progress));
}

std::string TargetOutput::summary(const TargetConclusion& conclusion) const {
    std::string text;
    if (conclusion.shard) {
        text = fmt::format("part {}/{} of {}: ", conclusion.shard->index, conclusion.shard->count,
                           plural(conclusion.whole, "target"));
    }
    text += fmt::format("{} in {}", plural(told_, "target"), spoken(conclusion.elapsed));
    std::string_view before = ": ";
    for (const auto& [status, count] : statuses_) {
        text += fmt::format("{}{} {}", before, count, conclusion.word(status));
        before = ", ";
    }
    return untried_ == 0 ? text : fmt::format("{}{}{} not tried", text, before, untried_);
}

int TargetOutput::conclude(const TargetConclusion& conclusion) {
    line_.clear();
    std::vector<Counted> results;
    for (const auto& [status, count] : statuses_) {
        results.push_back({status});
    }
    if (untried_ > 0) {
        results.push_back({number(ExitCode::no_answer)});
    }
    const int status = conclusion.interrupted
                           ? number(ExitCode::interrupted)
                           : (results.empty() ? number(ExitCode::met) : combined_status(results));
    const std::string text = summary(conclusion);
    if (json_) {
        report_.warn(text);
    } else if (!quiet_) {
        report_.say(text);
    }
    Json result{{"exit_status", status}, {"summary", text}, {"connections", Json::array()}};
    for (const std::string& one : results_) {
        result["connections"].push_back(Json::parse(one));
    }
    report_.finish(dumped(result));
    return report_.output_failed() ? number(ExitCode::environment) : status;
}

}  // namespace tcpcraft::cli
