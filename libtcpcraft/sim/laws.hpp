#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/seq.hpp>
#include <libtcpcraft/sim/world.hpp>

namespace tcpcraft {

/// One move and what came of it.
struct Passage {
    const World& before;            ///< as it was
    Move move{};                    ///< what happened
    std::span<const Action> did{};  ///< the actions
    const World& after;             ///< as it was then
    const Setting& setting;         ///< what holds for both

    /// The side that moved, before.
    [[nodiscard]] const WorldSide& was() const noexcept { return before.at(move.side); }
    /// The side that moved, after.
    [[nodiscard]] const WorldSide& is() const noexcept { return after.at(move.side); }
    /// What is inferred of the peer.
    [[nodiscard]] const WorldSide& peer() const noexcept { return after.at(other(move.side)); }
    /// What arrived, or null.
    [[nodiscard]] const InFlight* arrived() const noexcept;
};

/// A sentence that holds of every passage: what is wrong, or nullopt.
using Law = std::function<std::optional<std::string>(const Passage&)>;

namespace laws {

/// broken_invariant() of the engine, SND.UNA =< SND.NXT the first of them.
[[nodiscard]] TCPCRAFT_API std::optional<std::string> invariants(const Passage& passage);
/// Nothing is sent beyond what the peer takes (RFC 9293 §3.8.6); a window probe may be.
[[nodiscard]] TCPCRAFT_API std::optional<std::string> within_the_window(const Passage& passage);
/// RFC 9293 §3.5.2: a reset is never answered with a reset.
[[nodiscard]] TCPCRAFT_API std::optional<std::string> no_reset_for_a_reset(const Passage& passage);
/// RFC 9293 §3.10.7.4, second (RFC 5961 §3.2): only a reset at RCV.NXT ends a connection.
[[nodiscard]] TCPCRAFT_API std::optional<std::string> reset_only_at_rcv_nxt(const Passage& passage);
/// No octet is delivered twice, out of order, or that was never sent on this connection.
[[nodiscard]] TCPCRAFT_API std::optional<std::string> octets_as_sent(const Passage& passage);
/// A FIN is taken behind all the octets that were sent before it (RFC 9293 §3.10.7.4, eighth).
[[nodiscard]] TCPCRAFT_API std::optional<std::string> fin_behind_all_octets(const Passage& passage);
/// Both ESTABLISHED: each RCV.NXT lies between SND.UNA and SND.NXT of the other.
[[nodiscard]] TCPCRAFT_API std::optional<std::string> agreement(const Passage& passage);
/// RFC 9293 §3.10.7.4, eighth: who has the last word answers a repeated FIN with an ACK.
[[nodiscard]] TCPCRAFT_API std::optional<std::string> repeated_fin_is_answered(
    const Passage& passage);
/// Nobody is ESTABLISHED or beyond by this number, which no OPEN of the peer has chosen (RFC 9293
/// §3.5).
[[nodiscard]] TCPCRAFT_API Law never_synchronized_by(Seq old);

/// All of them that need no argument.
[[nodiscard]] TCPCRAFT_API std::vector<Law> all();

}  // namespace laws
}  // namespace tcpcraft
