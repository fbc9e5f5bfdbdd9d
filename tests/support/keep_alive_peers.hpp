#pragma once

#include <tests/support/teardown_peers.hpp>

namespace tcpcraft::test {

// Peers for keep-alive: what is wrong with an honest host, or what stands in its place. Numbers are
// those of KeepAlivePlay: what we send first is 1001, what the peer sends first 7001.

/// Probes reach it only with an octet (RFC 1122 §4.2.3.6).
[[nodiscard]] TeardownPeer answers_only_octets();
/// No probe reaches it, whatever its form.
[[nodiscard]] TeardownPeer answers_no_probe();
/// One answer to an empty segment in half a second, as RFC 5961 §7 has it.
[[nodiscard]] TeardownPeer answers_twice_a_second();
/// It acknowledges the octet of a probe.
[[nodiscard]] TeardownPeer acknowledges_garbage();
/// Its answers repeat the number of the probe.
[[nodiscard]] TeardownPeer repeats_the_number();
/// It answers what asks for no answer, too.
[[nodiscard]] TeardownPeer answers_everything();
/// Our RST does not end it.
[[nodiscard]] TeardownPeer survives_resets();
/// It does not keep TIME-WAIT.
[[nodiscard]] TeardownPeer skips_time_wait();
/// A segment without the timestamps agreed on makes it abort.
[[nodiscard]] TeardownPeer aborts_without_timestamps();
/// It drops what bears an old timestamp, as Linux does.
[[nodiscard]] TeardownPeer silent_to_old_timestamps();
/// Nothing of what we send reaches it from the second on; its FIN or data may still come.
[[nodiscard]] TeardownPeer dies_with_the_handshake();
/// The peer is gone with the handshake, and a box answers probes, and nothing else, in its place.
/// `what` makes the answer's segment of an honest one.
[[nodiscard]] TeardownPeer box_for_the_dead(std::function<void(Segment&)> what = {});
/// The peer lives, but a box answers its probes.
[[nodiscard]] TeardownPeer box_for_the_living();

/// A segment that asks whether we are there: no flag but ACK, below what was to come next.
[[nodiscard]] bool asks(const Segment& segment, Seq next);

}  // namespace tcpcraft::test
