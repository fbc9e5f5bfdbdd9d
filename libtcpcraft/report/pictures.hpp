#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/report/account.hpp>
#include <libtcpcraft/report/book.hpp>
#include <libtcpcraft/report/ladder_layout.hpp>
#include <libtcpcraft/report/timeline_layout.hpp>

// Private: what all pages show, in the same order and under the same names.

namespace tcpcraft {

/// A verdict of the run, with where it is drawn.
struct ShownVerdict {
    TestCase test{};
    std::size_t number{0};  ///< of its row in a ladder; 0: there is none
};

/// The ladders of a book, their verdicts numbered through, their segments found by number.
class Shown {
public:
    Shown(const RunAccount& account, const RunBook& book);

    [[nodiscard]] const std::vector<const Ladder*>& ladders() const noexcept { return ladders_; }
    /// Verdicts of the ladders before this one.
    [[nodiscard]] std::size_t first_verdict(std::size_t ladder) const { return first_[ladder]; }
    [[nodiscard]] const std::vector<ShownVerdict>& verdicts() const noexcept { return verdicts_; }
    /// Where a segment is drawn; empty: it was left out.
    [[nodiscard]] std::string anchor(std::size_t segment) const;
    /// Those by which segments were sent or judged, each once.
    [[nodiscard]] std::vector<Rule> rules() const;

private:
    std::vector<const Ladder*> ladders_;
    std::vector<std::size_t> first_{};
    std::map<std::size_t, const Ladder*> segments_{};
    std::vector<ShownVerdict> verdicts_{};
};

/// `Connection 2: 192.0.2.1:40000 to 192.0.2.2:80, active-close`
[[nodiscard]] std::string title_of(const Ladder& ladder);
/// `4: the environment stood in the way`
[[nodiscard]] std::string status_of(const RunOutcome& outcome);
/// `✓ conforms`
[[nodiscard]] std::string marked(const TestCase& test);
/// What has to be in a page once, for lifelines that are inferred.
[[nodiscard]] std::string_view definitions() noexcept;
/// What the signs mean, in a sentence each.
[[nodiscard]] std::vector<std::string> legend();

}  // namespace tcpcraft
