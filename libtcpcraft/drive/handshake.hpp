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
[[nodiscard]] TCPCRAFT_API std::string_view text(HandshakeScenario scenario) noexcept;

/// What happens once the connection is open.
enum class Then : std::uint8_t { close, reset, hold, leave };

struct HandshakeRequest {
    HandshakeScenario scenario{HandshakeScenario::three_way};
    bool server{false};
    Then then{Then::close};
    std::optional<Duration> hold{};  ///< Then::hold; unset: until interrupted
    std::optional<std::vector<std::byte>> send{};
    bool expect_reply{true};  ///< wait for an answer to `send`
    std::vector<std::byte> syn_data{};
    Third third{Third::ack};
    Duration late{};                             ///< Third::late
    Duration timeout{std::chrono::seconds{10}};  ///< for one answer
    std::optional<Duration> linger{};            ///< --time-wait DURATION
    bool time_wait_full{false};
    ConnectionId id{};  ///< for what is said about it
    Seq iss{};          ///< of the connection; old duplicates lie behind
    Policy policy{};    ///< for the shape of crafted SYNs
    bool mute{false};
};

/// The steps for one connection.
[[nodiscard]] TCPCRAFT_API Scenario handshake_scenario(const HandshakeRequest& request);

/// What came of it, for the exit status, the summary and JSON.
struct HandshakeResult {
    int exit_status{0};
    std::string summary{};
    bool established{false};
    std::optional<Duration> rtt{};
    std::optional<Seq> isn{};
    std::optional<Seq> peer_isn{};
    Negotiated negotiated{};
    State state{};
    Judged verdict{};
    std::vector<std::string> lines{};  ///< for people: what was negotiated, one a line
};

/// Judges a finished session.
[[nodiscard]] TCPCRAFT_API HandshakeResult judge_handshake(const Session& session,
                                                           const HandshakeRequest& request);

}  // namespace tcpcraft
