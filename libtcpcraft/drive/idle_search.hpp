#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// What is searched through, and with how many connections at once.
struct IdleLimits {
    Duration least{std::chrono::seconds{1}};       ///< the smallest
    Duration most{std::chrono::minutes{130}};      ///< the largest
    Duration resolution{std::chrono::seconds{1}};  ///< as fine as this
    std::size_t parallel{256};                     ///< side by side
    friend bool operator==(const IdleLimits&, const IdleLimits&) = default;
};

/// What a trial has shown: a connection that was left idle, then asked whether it is still there.
struct IdleOutcome {
    /// How it ended.
    enum class End : std::uint8_t {
        alive,
        gone,   ///< when it was asked
        ended,  ///< of itself, in the midst of the silence
    };
    Duration planned{};  ///< silence that was planned
    Duration idle{};     ///< the longest silence that it had; of `ended`: until its end came
    End end{};           ///< how it ended
    unsigned asked{1};   ///< questions until the answer
    friend bool operator==(const IdleOutcome&, const IdleOutcome&) = default;
};

/// Between which silences a path forgets.
struct IdleAnswer {
    bool finished{false};            ///< it is over
    Duration low{};                  ///< the longest silence that was survived
    std::optional<Duration> high{};  ///< the shortest that was not; unset: none up to `low`
    bool consistent{true};  ///< false: again and again it was dead where longer silences are not
    bool talkative{false};  ///< the peer is never silent for longer than `low`
};

/// Looks for the silence after which connections die, by trials that run side by side: a ladder of
/// silences (steps of the resolution, then of a tenth, then of 45 s), then all points between the
/// last that lived and the first that did not. With the ladder whole, a timeout T is known after
/// 2 T + 1 min at most. A value without clock and connections: it is told outcomes, and says what
/// to try next; equal outcomes, equal answer.
///
/// An answer proves life, silence proves little: packets are lost. So a trial is dead only when a
/// second one is as well (more of them where loss was seen), and one that is dead below one that
/// lives is repeated.
class TCPCRAFT_API IdleSearch {
public:
    /// Made of these.
    explicit IdleSearch(const IdleLimits& limits);

    /// The silences to be tried now, shortest first; they count as running from here on.
    [[nodiscard]] std::vector<Duration> start();
    /// Of a running trial; or of one that ended in an earlier run of the same search.
    void take(const IdleOutcome& outcome);
    /// A running trial that came to nothing: it will be asked for again.
    void lost(Duration planned);
    /// False: nothing new can come of a running trial of this length.
    [[nodiscard]] bool wanted(Duration planned) const;

    /// What is known so far.
    [[nodiscard]] IdleAnswer answer() const;
    /// Of the trials that are over.
    [[nodiscard]] std::span<const IdleOutcome> outcomes() const noexcept { return outcomes_; }
    /// The trials that are not over.
    [[nodiscard]] std::size_t running() const noexcept { return running_; }
    /// Trials of the ladder.
    [[nodiscard]] std::size_t rungs() const noexcept;

private:
    struct Tally {
        unsigned wanted{0};  ///< as a rung of the ladder
        unsigned running{0};
        unsigned alive{0};
        unsigned dead{0};
        Duration longest_dead{};  ///< silence of those
        unsigned disturbed{0};    ///< alive, but never silent for so long
        [[nodiscard]] bool known() const noexcept { return alive + dead > 0; }
    };
    struct Bracket {
        Duration low{};
        std::optional<Duration> high{};       ///< the shortest that was dead
        std::optional<Duration> confirmed{};  ///< so long that enough of them were
        Duration high_planned{};
        std::size_t dead_above{0};
    };
    using Plan = std::map<Duration, unsigned>;

    void build_ladder();
    [[nodiscard]] Bracket bracket() const;
    [[nodiscard]] unsigned confirmations() const;
    [[nodiscard]] unsigned repeats() const;
    [[nodiscard]] bool contradicted(const Tally& tally) const;
    [[nodiscard]] bool narrow(Duration low, Duration high) const noexcept;
    [[nodiscard]] bool confirmed(const Bracket& now) const;
    [[nodiscard]] Duration confirming(const Bracket& now) const;
    [[nodiscard]] Plan plan() const;
    [[nodiscard]] bool plan_ladder(const Bracket& now, Plan& plan) const;
    void plan_section(const Bracket& now, Plan& plan) const;
    [[nodiscard]] std::vector<Duration> points(const Bracket& now, Duration step) const;
    [[nodiscard]] std::vector<Duration> section(const Bracket& now) const;
    [[nodiscard]] std::size_t off_lattice() const;
    [[nodiscard]] bool resolved(const Bracket& now) const;
    [[nodiscard]] std::optional<IdleAnswer> seen_ending() const;

    IdleLimits limits_;
    std::map<Duration, Tally> tallies_{};  ///< by what was planned
    std::vector<IdleOutcome> outcomes_{};
    std::size_t running_{0};
    Duration longest_alive_{};
    bool talkative_{false};
    std::size_t answers_{0};
    std::size_t questions_{0};
};

}  // namespace tcpcraft
