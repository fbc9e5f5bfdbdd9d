#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tests/kernel/differences/peer_wire.hpp>

#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::test {

/// What of an answer is compared: RST, SYN, FIN and ACK, the numbers, the length, and whether it
/// carries timestamps and what a SYN offers. How data is cut into segments is not: neighbours are
/// one.
struct Answer {
    Flags flags{};
    Seq seq{};
    Seq ack{};
    std::uint32_t size{0};
    bool stamped{false};
    bool sack{false};   ///< SACK-permitted
    bool scale{false};  ///< window scale

    [[nodiscard]] bool has(Flag f) const noexcept { return flags.has(f); }
    /// Neither data nor control: ACK alone.
    [[nodiscard]] bool pure_ack() const noexcept { return flags == Flags{Flag::ack} && size == 0; }
    [[nodiscard]] std::uint32_t len() const noexcept {
        return size + (has(Flag::syn) ? 1U : 0U) + (has(Flag::fin) ? 1U : 0U);
    }
    friend bool operator==(const Answer&, const Answer&) = default;
};

/// What came of one event on one side.
struct Outcome {
    std::vector<Answer> sent{};
    State state{State::closed};
    std::uint32_t unacknowledged{0};  ///< in the states that can tell
    std::vector<std::byte> delivered{};
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

[[nodiscard]] Answer reduced(const Segment& segment, std::uint32_t size);
/// Data that goes on where the last segment ended becomes one with it.
void add(std::vector<Answer>& answers, const Answer& answer);
[[nodiscard]] std::string in_notation(const Answer& answer, const SeqOrigin& origin);
[[nodiscard]] std::string in_notation(const Outcome& outcome, const SeqOrigin& origin);

}  // namespace tcpcraft::test
