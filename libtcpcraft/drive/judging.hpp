#pragma once

// Private to drive/: what the results of all tools share.

#include <string>
#include <string_view>
#include <utility>

#include <libtcpcraft/drive/session.hpp>

namespace tcpcraft {

/// conforms, permitted-deviation, inconclusive, no-answer, violates: of several the last decides.
[[nodiscard]] int rank(Verdict verdict) noexcept;
/// Of a run in which this verdict decides.
[[nodiscard]] int exit_status_of(Verdict verdict) noexcept;
/// The verdict of a result, and the status of a run in which it decides.
template <typename Result>
void set(Result& result, std::string id, Verdict verdict, std::string_view rule, std::string text) {
    result.verdict.id = std::move(id);
    result.verdict.verdict = verdict;
    result.verdict.rule = std::string{rule};
    result.verdict.text = std::move(text);
    result.exit_status = exit_status_of(verdict);
}
/// For a session that ended before its questions were answered.
void judge_end(const Outcome& outcome, Judged& verdict, int& exit_status);
/// Whatever we did ourselves, or missed, is not blamed on the peer.
/// `silent`: the verdict rests on nothing having come.
void doubt(const Outcome& outcome, Judged& verdict, int& exit_status, bool silent = false);

}  // namespace tcpcraft
