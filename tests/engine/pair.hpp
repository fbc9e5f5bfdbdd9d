#pragma once

#include <deque>
#include <random>
#include <vector>

#include <libtcpcraft/engine/advance.hpp>

namespace tcpcraft::test {

/// Two machines and a wire between them that keeps order, loses what it is told to, and takes no
/// time.
class Pair {
public:
    struct Side {
        Tcb tcb{};
        Policy policy{};
        std::vector<std::byte> received{};
        std::vector<State> went_through{};
    };
    struct InFlight {
        Segment segment{};
        std::vector<std::byte> octets{};
    };

    Pair();
    void call(Side& side, const Event& event);
    /// Delivers the oldest segment that is under way to `side`; false when there is none.
    bool deliver_to(Side& side);
    /// Until nothing is under way; one segment in `loses` is lost, by a fixed seed; 0 loses none.
    void run(std::size_t loses = 0);
    /// To the earliest deadline of the two; false when no timer runs.
    bool wait();

    Side a{};
    Side b{};
    Instant now{std::chrono::seconds{1}};
    std::deque<InFlight> to_a{};
    std::deque<InFlight> to_b{};
    ConnectionId a_to_b{};

private:
    void take(Side& side);
    Actions actions_{};
    std::mt19937 chance_{1};
};

}  // namespace tcpcraft::test
