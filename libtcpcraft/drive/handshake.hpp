#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/crafting.hpp>
#include <libtcpcraft/drive/negotiated.hpp>
#include <libtcpcraft/drive/scenario.hpp>
#include <libtcpcraft/drive/session.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// What tcp-handshake can be asked to show.
enum class HandshakeScenario : std::uint8_t {
    three_way,          ///< SC-1
    old_duplicate_syn,  ///< SC-2b, SC-2c
    two_way,            ///< SC-2a
    simultaneous_open,  ///< SC-10
    refused,
    syn_flood_view,  ///< H-36
};
/// In words, or as it is written.
[[nodiscard]] TCPCRAFT_API std::string_view text(HandshakeScenario scenario) noexcept;

/// What happens once the connection is open.
enum class Then : std::uint8_t { close, reset, hold, leave };

/// What a handshake is asked for.
struct HandshakeRequest {
    HandshakeScenario scenario{HandshakeScenario::three_way};  ///< what is played
    bool server{false};                                        ///< the peer opens
    Then then{Then::close};                                    ///< what follows
    std::optional<Duration> hold{};                ///< Then::hold; unset: until interrupted
    std::optional<std::vector<std::byte>> send{};  ///< octets to send
    bool expect_reply{true};                       ///< wait for an answer to `send`
    std::vector<std::byte> syn_data{};             ///< octets in the SYN
    Third third{Third::ack};                       ///< what becomes of the third segment
    Duration late{};                               ///< Third::late
    Duration timeout{std::chrono::seconds{10}};    ///< for one answer
    std::optional<Duration> linger{};              ///< --time-wait DURATION
    bool time_wait_full{false};                    ///< all of TIME-WAIT
    ConnectionId id{};                             ///< for what is said about it
    Seq iss{};                                     ///< of the connection; old duplicates lie behind
    Policy policy{};                               ///< for the shape of crafted SYNs
    bool mute{false};                              ///< CLOSED answers nothing
};

/// The steps for one connection.
[[nodiscard]] TCPCRAFT_API Scenario handshake_scenario(const HandshakeRequest& request);

/// What came of it, for the exit status, the summary and JSON.
struct HandshakeResult {
    int exit_status{0};       ///< of the tool: 0 met, 1 peer deviated, 3 no answer, 4 environment
    std::string summary{};    ///< one sentence
    bool established{false};  ///< it once was
    std::optional<Duration> rtt{};     ///< SYN to SYN,ACK; unset when a SYN was repeated
    std::optional<Seq> isn{};          ///< our initial sequence number
    std::optional<Seq> peer_isn{};     ///< the peer's; unset while unknown
    Negotiated negotiated{};           ///< what both SYNs agreed on
    State state{};                     ///< ours
    Judged verdict{};                  ///< what is thought of it
    std::vector<std::string> lines{};  ///< for people: what was negotiated, one a line
};

/// Judges a finished session.
[[nodiscard]] TCPCRAFT_API HandshakeResult judge_handshake(const Session& session,
                                                           const HandshakeRequest& request);

}  // namespace tcpcraft
