#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <tests/support/teardown_play.hpp>

namespace tcpcraft::test {

/// A peer, and what a scenario has to say of it.
struct TeardownCase {
    std::string name{};
    Teardown scenario{};
    Closer first{};
    TeardownPeer peer{};
    Verdict verdict{};
    /// Of the catalogue of verdicts: the finding that decides. Empty: the scenario never began.
    std::string_view row{};
    void (*asked)(TeardownRequest&){nullptr};
    std::string_view
        measured{};           ///< the label, where it is not an answer but the times that decide
    bool client_only{false};  ///< what the peer does has no counterpart when it opens
};
/// What gtest shows of it.
inline void PrintTo(const TeardownCase& it, std::ostream* out) { *out << it.name; }

/// Why no peer can bring out this verdict in this scenario.
struct Unheard {
    Teardown scenario{};
    Verdict verdict{};
    std::string_view reason{};
};

[[nodiscard]] std::vector<TeardownCase> closing_cases();
[[nodiscard]] std::vector<TeardownCase> loss_cases();
[[nodiscard]] std::vector<TeardownCase> meddling_cases();
[[nodiscard]] std::vector<TeardownCase> opening_cases();
[[nodiscard]] const std::vector<TeardownCase>& all_teardown_cases();
[[nodiscard]] const std::vector<Unheard>& unheard_verdicts();

}  // namespace tcpcraft::test
