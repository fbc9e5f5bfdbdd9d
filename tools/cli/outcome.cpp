#include <algorithm>

#include <tools/cli/exit_code.hpp>
#include <tools/cli/outcome.hpp>

namespace tcpcraft::cli {

namespace {

struct Meaning {
    Verdict verdict{};
    std::string_view word{};
};

Meaning meaning_of(int exit_status) {
    if (exit_status == number(ExitCode::met)) {
        return {Verdict::conforms, "as-expected"};
    }
    if (exit_status == number(ExitCode::deviated)) {
        return {Verdict::violates, "differs"};
    }
    if (exit_status == number(ExitCode::no_answer)) {
        return {Verdict::no_answer, "no-answer"};
    }
    const bool stopped = exit_status == number(ExitCode::interrupted);
    return {Verdict::inconclusive, stopped ? "interrupted" : "environment"};
}

bool good(Verdict verdict) {
    return verdict == Verdict::conforms || verdict == Verdict::permitted_deviation;
}

}  // namespace

TestCase case_of(std::string name, const Judged& verdict, int exit_status,
                 const std::string& summary) {
    const Meaning meaning = meaning_of(exit_status);
    const bool judged = !verdict.rule.empty() && good(verdict.verdict) == good(meaning.verdict);
    TestCase made{.name = std::move(name),
                  .verdict = judged ? verdict.verdict : meaning.verdict,
                  .rule = verdict.rule,
                  .text = verdict.text.empty() ? summary : verdict.text,
                  .segments = verdict.segments};
    made.segments.erase(std::unique(made.segments.begin(), made.segments.end()),
                        made.segments.end());
    if (!judged) {
        made.word = meaning.word;
        made.text = summary;
    }
    return made;
}

}  // namespace tcpcraft::cli
