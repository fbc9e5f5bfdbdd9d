#pragma once

// Private to teardown*.cpp: the pieces that scenarios share.

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <libtcpcraft/drive/teardown.hpp>

namespace tcpcraft {

using Steps = std::vector<Step>;

inline constexpr Flags ack_flag{Flag::ack};
inline constexpr Flags fin_flag{Flag::fin};
inline constexpr Flags rst_flag{Flag::rst};
inline constexpr Flags syn_flag{Flag::syn};
inline constexpr Flags fin_ack{Flag::fin, Flag::ack};
inline constexpr Number snd_nxt{Mark::snd_nxt, 0};
inline constexpr Number rcv_nxt{Mark::rcv_nxt, 0};
/// GAP of the catalogue: challenge ACKs and the like may be limited to one in half a second.
inline constexpr Duration gap = std::chrono::milliseconds{600};
inline constexpr std::initializer_list<State> while_peer_is_open{State::fin_wait_1,
                                                                 State::fin_wait_2};

[[nodiscard]] Answer ack_of_fin(Verdict verdict, std::string rule, std::string text);
/// An empty ACK with SEQ = what we expect, ACK = what we send next: "I am here, and stand there".
[[nodiscard]] Answer stands(std::string rule, std::string text,
                            Verdict verdict = Verdict::conforms);
[[nodiscard]] Answer reset_by_peer(Verdict verdict, std::string rule, std::string text);
/// What silence means, or what is said when something came.
[[nodiscard]] Answer nothing(Verdict verdict, std::string rule, std::string text);
[[nodiscard]] Answer never_closes();
/// Silence where not even our request was acknowledged.
[[nodiscard]] Answer never_heard();
/// T-01, T-33, T-34, T-40: what came before our FIN is acknowledged, and never the FIN.
[[nodiscard]] Answer not_counted();

[[nodiscard]] Probe live_probe();
[[nodiscard]] Ask asks_for_ack_of_fin(const TeardownRequest& request);
/// T-30: its FIN is kept back, and may be the first thing that we hear of its close.
[[nodiscard]] AwaitKept keeps_its_fin(const TeardownRequest& request, std::string said);
[[nodiscard]] Ask asks_for_fin(const TeardownRequest& request, std::string row, Answer silence);

/// CP-LIVE, T-06, T-41, T-43: a peer that knows the connection answers a number below its window
/// with ACK.
void add_control(Steps& steps, std::string row, Answer lives, Answer forgot);
/// T-10, T-58: whoever knows of no connection answers any ACK with RST.
void add_gone(Steps& steps, std::string row, Answer still_there);
/// T-10: behind our ACK of its FIN the peer is to forget us; `silence` is what is said when it does
/// not show it.
void add_forgotten(Steps& steps, std::string silence);
void add_open(Steps& steps, const TeardownRequest& request);
void add_send(Steps& steps, const TeardownRequest& request);
void add_await_fin(Steps& steps, const TeardownRequest& request);
/// Until the peer has closed and we have acknowledged it: FIN-WAIT-2 there.
void add_peer_closes(Steps& steps, const TeardownRequest& request);
void add_our_close(Steps& steps, std::string row, std::string rule, std::string said);
/// The verdict is known; leave nothing behind.
void add_end(Steps& steps, const TeardownRequest& request);
/// Steps from `from` on are for these states only.
void only_in(Steps& steps, std::size_t from, std::initializer_list<State> states);

void active_close(Steps& steps, const TeardownRequest& request);
void passive_close(Steps& steps, const TeardownRequest& request);
void half_close(Steps& steps, const TeardownRequest& request);
void three_segment_close(Steps& steps, const TeardownRequest& request);
void simultaneous_close(Steps& steps, const TeardownRequest& request);
void data_after_close(Steps& steps, const TeardownRequest& request);
void unread_data(Steps& steps, const TeardownRequest& request);
void fin_wait_2_timeout(Steps& steps, const TeardownRequest& request);
void reset(Steps& steps, const TeardownRequest& request);
void reset_in_window(Steps& steps, const TeardownRequest& request);
void reset_outside_window(Steps& steps, const TeardownRequest& request);
void syn_in_established(Steps& steps, const TeardownRequest& request);
void lost_fin(Steps& steps, const TeardownRequest& request);
void lost_final_ack(Steps& steps, const TeardownRequest& request);
void no_time_wait(Steps& steps, const TeardownRequest& request);
void time_wait(Steps& steps, const TeardownRequest& request);
void time_wait_reuse(Steps& steps, const TeardownRequest& request);

}  // namespace tcpcraft
