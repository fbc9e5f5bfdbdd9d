#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <libtcpcraft/sim/sim_host.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft::test {

// Peers for the teardown scenarios: an honest host, and what is done to it, or in its place. The
// numbers are those of TeardownPlay: it is SEQ 7001 that the peer says first, ours is 1001.

/// What is wrong with a peer. Copies are independent of each other, also in what they have counted.
struct TeardownPeer {
    std::function<void(SimHostOptions&)> host{};
    std::function<bool(Segment&)> leaving{};                            ///< false: it is not sent
    std::function<bool(const Segment&)> arriving{};                     ///< false: never seen
    std::function<std::optional<Segment>(const Segment&)> answering{};  ///< in the host's place
};
/// Both at once; where both have a hand in the same, `one` comes first.
[[nodiscard]] TeardownPeer operator+(const TeardownPeer& one, const TeardownPeer& other);

[[nodiscard]] TeardownPeer honest();
[[nodiscard]] TeardownPeer host_with(std::function<void(SimHostOptions&)> change);
[[nodiscard]] TeardownPeer answers(std::function<std::optional<Segment>(const Segment&)> how);
[[nodiscard]] TeardownPeer says(std::function<void(Segment&)> how);

// --- that will not take part -------------------------------------------------------------------
/// Its application leaves its side open.
[[nodiscard]] TeardownPeer never_closes();
/// Nothing listens, and it opens nothing but what it resets at once.
[[nodiscard]] TeardownPeer refuses();
/// Nothing reaches it.
[[nodiscard]] TeardownPeer unreachable();
/// Nothing reaches it once the connection is open.
[[nodiscard]] TeardownPeer dies_when_open();
/// What has this flag never reaches it, from the n-th on.
[[nodiscard]] TeardownPeer deaf_to(Flag flag, int from = 1);
/// The path loses the n-th of our segments with exactly these flags.
[[nodiscard]] TeardownPeer loses(Flags flags, int nth);
/// Once something with this flag has come, segments with exactly these flags never reach it.
[[nodiscard]] TeardownPeer deaf_after(Flag flag, Flags what);
[[nodiscard]] TeardownPeer deaf_to_ack_at(Seq seq);
/// Nothing arrives any more from the n-th segment with this flag on, itself included.
[[nodiscard]] TeardownPeer gone_after(Flag flag, int from = 1);

// --- that answers with what it should not --------------------------------------------------------
/// Segments with this flag, but no SYN, get RST as if the connection were unknown.
[[nodiscard]] TeardownPeer resets(Flag flag, std::uint32_t wrong_by = 0);
/// The n-th SYN of the connection gets RST.
[[nodiscard]] TeardownPeer resets_syn(int n);
/// The first bare ACK after a segment with this flag gets such an answer.
[[nodiscard]] TeardownPeer after(Flag flag, std::function<Segment(const Segment&)> with_what);
/// Bare ACKs with this number get RST.
[[nodiscard]] TeardownPeer resets_ack_at(Seq seq);
/// Control probes behind our FIN, where it was our first number, get this.
[[nodiscard]] TeardownPeer answers_probes(Flags flags, std::uint32_t wrong_by = 0);
/// It never counts our FIN.
[[nodiscard]] TeardownPeer ignores_fin_in_ack();
/// Its ACKs take this long.
[[nodiscard]] TeardownPeer acknowledges_late(Duration after);
[[nodiscard]] TeardownPeer fin_without_ack();
/// Its FIN leaves a gap behind its data.
[[nodiscard]] TeardownPeer fin_with_gap();
/// It sends its FIN once only, and keeps its state.
[[nodiscard]] TeardownPeer says_fin_once();
/// After its first FIN nothing leaves it any more.
[[nodiscard]] TeardownPeer silent_after_fin();
/// RFC 793's rules for RST and SYN inside the window.
[[nodiscard]] TeardownPeer rfc793();

/// A segment of the peer's, to be answered with.
[[nodiscard]] Segment made(Flags flags, Seq seq, Seq ack);

}  // namespace tcpcraft::test
