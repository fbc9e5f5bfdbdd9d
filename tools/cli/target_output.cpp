#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/cli/target_output.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

/// --json=events tells of so many again at the end.
constexpr std::size_t most_repeated = 100'000;

/// As JSON; what is plain needs no library.
std::string quoted(const std::string& text) {
    const bool plain = std::ranges::all_of(
        text, [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; });
    return plain ? fmt::format("\"{}\"", text) : dumped(Json(text));
}

std::string_view members_of(std::string_view object) { return object.substr(1, object.size() - 2); }

/// Thousands of these may be written in a second.
std::string members(const PlacedTarget& target, std::size_t connection, bool tried,
                    const TargetResult& result) {
    const auto number = [](std::size_t one) { return one != 0 ? fmt::to_string(one) : "null"; };
    return fmt::format(R"("target":{},"line":{},"address":{},"connection":{},"tried":{},{})",
                       quoted(target.listed.text), number(target.listed.line),
                       target.failure ? "null" : quoted(target.remote.text()), number(connection),
                       tried, members_of(result.json));
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
      captured_{!output.write.empty()},
      line_{live && !quiet_} {
    report_.gather();
}

void TargetOutput::tell(Instant at, const PlacedTarget& target, std::size_t connection, bool tried,
                        const TargetResult& result) {
    line_.clear();
    ++told_;
    ++(tried ? statuses_[result.exit_status] : untried_);
    if (tried) {
        const auto known = words_.find(result.word);
        ++(result.word.empty()     ? unworded_[result.exit_status]
           : known != words_.end() ? known->second
                                   : words_[std::string{result.word}]);
    }
    if (!json_ && !events_) {
        return report_.say(fmt::format("{}: {}", target.listed.text, result.summary));
    }
    const std::string told = members(target, connection, tried, result);
    if (json_) {
        return report_.say(
            fmt::format(R"({{"t":{},"event":"target",{}}})", seconds(at - Instant{}), told));
    }
    report_.event("target", fmt::format("{{{}}}", told));
    if (told_ <= most_repeated) {
        results_.push_back(fmt::format("{{{}}}", told));
    } else {
        results_ = {};
    }
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
    text += counts(conclusion);
    for (const std::string& more : conclusion.more) {
        text += "; " + more;
    }
    return text;
}

std::string TargetOutput::counts(const TargetConclusion& conclusion) const {
    std::string text;
    std::string_view before = ": ";
    const auto add = [&](std::size_t count, std::string_view what) {
        text += fmt::format("{}{} {}", before, count, what);
        before = ", ";
    };
    for (const auto& [word, count] : words_) {
        add(count, word);
    }
    for (const auto& [status, count] : unworded_) {
        add(count, conclusion.word(status));
    }
    if (untried_ != 0) {
        add(untried_, "not tried");
    }
    return text;
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
    std::string connections;
    for (const std::string& one : results_) {
        connections += connections.empty() ? one : "," + one;
    }
    report_.finish(fmt::format(R"({{"exit_status":{},"summary":{}{}{},"connections":[{}]}})",
                               status, quoted(text), conclusion.more_json.empty() ? "" : ",",
                               conclusion.more_json, connections));
    return report_.output_failed() ? number(ExitCode::environment) : status;
}

}  // namespace tcpcraft::cli
