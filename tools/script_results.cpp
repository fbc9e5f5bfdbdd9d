#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/script_results.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

Json as_json(const PlayedScript& one) {
    const PlayResult& result = one.result;
    const bool failed = result.ending != PlayEnding::passed;
    Json differences = Json::array();
    for (const FieldDifference& field : result.differences) {
        differences.push_back(
            {{"field", field.field}, {"expected", field.expected}, {"got", field.got}});
    }
    return {{"file", one.file},
            {"passed", !failed},
            {"failed_line", result.failed_line ? Json(*result.failed_line) : Json(nullptr)},
            {"expected", failed ? or_null(result.expected) : Json(nullptr)},
            {"got", failed ? or_null(result.got) : Json(nullptr)},
            {"text", or_null(result.sentence)},
            {"differences", std::move(differences)}};
}

struct Outcome {
    Verdict verdict{};
    const char* word{""};
};

Outcome outcome_of(PlayEnding ending) {
    switch (ending) {
        case PlayEnding::passed:
            return {Verdict::conforms, "as-expected"};
        case PlayEnding::deviated:
            return {Verdict::violates, "differs"};
        case PlayEnding::no_answer:
            return {Verdict::no_answer, "no-answer"};
        case PlayEnding::environment:
            return {Verdict::inconclusive, "environment"};
        case PlayEnding::interrupted:
            break;
    }
    return {Verdict::inconclusive, "interrupted"};
}

TestCase case_of(const PlayedScript& played) {
    const PlayResult& result = played.result;
    const Outcome outcome = outcome_of(result.ending);
    TestCase made{.name = played.file,
                  .verdict = outcome.verdict,
                  .text = failure_text(played),
                  .took = played.took,
                  .word = outcome.word};
    if (result.ending == PlayEnding::passed) {
        made.text = fmt::format("{} sent, {} came as expected", result.sent, result.matched);
        return made;
    }
    for (const std::string& line : difference_lines(result)) {
        made.details += (made.details.empty() ? "" : "\n") + line;
    }
    return made;
}

}  // namespace

std::string script_json(const std::vector<PlayedScript>& played, int exit_status,
                        const std::string& summary) {
    Json made{{"exit_status", exit_status}, {"summary", summary}, {"scripts", Json::array()}};
    for (const PlayedScript& one : played) {
        made["scripts"].push_back(as_json(one));
    }
    return dumped(made);
}

std::string failure_text(const PlayedScript& played) {
    const PlayResult& result = played.result;
    const std::string line = result.failed_line ? fmt::format(":{}", *result.failed_line) : "";
    return fmt::format("{}{}: {}", played.file, line, result.sentence);
}

std::vector<std::string> difference_lines(const PlayResult& result) {
    std::vector<std::string> made;
    if (!result.expected.empty()) {
        made.push_back("expected  " + result.expected);
    }
    if (!result.got.empty()) {
        made.push_back("got       " + result.got);
    }
    for (const FieldDifference& field : result.differences) {
        made.push_back(
            fmt::format("{:<9} {} in place of {}", field.field, field.got, field.expected));
    }
    return made;
}

std::string first_segment(const ScriptFile& file) {
    const ScriptSegment* first = file.script.first_segment();
    return first->direction == ScriptDirection::inbound
               ? script_text(*first)
               : "nothing is sent before this comes: " + script_text(*first);
}

std::vector<TestCase> script_cases(const std::vector<PlayedScript>& played,
                                   const std::vector<ScriptFile>& files) {
    std::vector<TestCase> made;
    std::ranges::transform(played, std::back_inserter(made), case_of);
    for (std::size_t i = played.size(); i < files.size(); ++i) {
        made.push_back({.name = files[i].name,
                        .verdict = Verdict::inconclusive,
                        .text = "the run did not come to it",
                        .word = "not-played"});
    }
    return made;
}

}  // namespace tcpcraft::cli
