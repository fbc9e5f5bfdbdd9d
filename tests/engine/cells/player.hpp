#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <tests/engine/cells/cell.hpp>
#include <tests/engine/cells/words.hpp>

#include <libtcpcraft/engine/advance.hpp>

namespace tcpcraft::cells {

/// One event and all that came of it, as text.
struct Happened {
    State from{};
    State to{};
    std::string event{};
    std::vector<std::string> actions{};      ///< in the words of the lines, with rules apart
    std::vector<Rule> rules{};               ///< of each action
    std::vector<std::string_view> timers{};  ///< running afterwards
};

/// RCV.WND that the numbers of the cells count with.
inline constexpr std::uint32_t window = 100;

/// Plays lines against the machine and compares.
class Player {
public:
    explicit Player(Origins origins, const Policy& policy = {.rcv_wnd = window});

    /// Policies named by leading `with` lines, the way, then the rest.
    void play(Place place, const Cell& cell);

    [[nodiscard]] const std::vector<Happened>& story() const noexcept { return story_; }
    /// What was not as the lines have it; empty when all was.
    [[nodiscard]] const std::vector<std::string>& faults() const noexcept { return faults_; }
    [[nodiscard]] std::string told() const;

private:
    void line(std::string_view words);
    bool happens(std::string_view words);
    bool user_calls(std::string_view words);
    bool expects(std::string_view words);
    void arrives(std::string_view notation);
    void icmp(std::string_view what);
    void fire(std::string_view name);
    void step(const Event& event, std::string_view told);
    void choose(std::string_view name);
    void runs(std::string_view name, bool wanted);
    void moves(std::string_view name, bool wanted);
    void expect_words(std::string_view words);
    void settle();
    void fault(std::string what);

    Origins origins_{};
    ConnectionId id_{};
    Policy policy_{};
    Tcb tcb_{};
    Timers timers_before_{};
    Instant now_{std::chrono::seconds{1000}};
    Actions actions_{};
    std::vector<bool> matched_{};
    std::deque<std::vector<std::byte>> octets_{};
    std::vector<Happened> story_{};
    std::vector<std::string> faults_{};
};

}  // namespace tcpcraft::cells
