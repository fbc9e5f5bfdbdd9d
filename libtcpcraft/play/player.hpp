#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/play/application.hpp>
#include <libtcpcraft/script/script.hpp>
#include <libtcpcraft/trace/sink.hpp>
#include <libtcpcraft/wire/ip.hpp>

namespace tcpcraft {

struct PlayOptions {
    /// Local is ours, remote the tested host's. Server role: the remote end is whoever sends the
    /// first SYN, and a local address that is unspecified becomes the one that it was sent to.
    ConnectionId id{};
    Seq iss{};      ///< what relative numbers of `<` lines count from
    IpHeader ip{};  ///< of what is sent, where a line says nothing else; addresses are filled in
    std::size_t number{1};  ///< of the connection, for the trace
    /// How much earlier or later than said something may come; unset: the script's own, or 4 ms.
    /// Two round trips and an eighth (or the script's percentage) of the gap are added.
    std::optional<Duration> tolerance{};
    double slow{1.0};                            ///< all tolerances are multiplied by this
    bool values{false};                          ///< compare options by value, not by kind
    bool ignore_retransmissions{false};          ///< of what has already been matched
    Duration timeout{std::chrono::seconds{10}};  ///< for what comes late, or at no said time
    bool clean_up{true};  ///< at the end a connection that the peer still has is reset
};

/// How a script ended.
enum class PlayEnding : std::uint8_t {
    passed,
    deviated,     ///< something came, and it was not this
    no_answer,    ///< nothing came
    environment,  ///< a packet could not be sent
    interrupted,
};

struct FieldDifference {
    std::string field{};
    std::string expected{};
    std::string got{};
};

struct PlayResult {
    PlayEnding ending{PlayEnding::passed};
    std::optional<std::uint32_t> failed_line{};
    std::string expected{};  ///< the line
    std::string got{};       ///< what came, in the same notation
    std::vector<FieldDifference> differences{};
    std::string sentence{};
    std::size_t matched{0};  ///< expected lines that came true
    std::size_t sent{0};
};

/// What of a script cannot be played against a host, before anything is sent: one sentence and its
/// place. Calls and code are no such thing.
[[nodiscard]] TCPCRAFT_API std::optional<ScriptError> cannot_play(const Script& script);

/// Plays a script as the peer of the tested TCP, without a state machine of its own: `<` is sent,
/// `>` is expected. Relative times count from when the event before was done.
class TCPCRAFT_API ScriptPlayer {
public:
    /// All must outlive the player, which takes over the link's handlers. Without an application
    /// the calls are shown as what somebody has to do now, and what is expected next may take as
    /// long as `timeout`.
    ScriptPlayer(Link& link, Alarm& alarm, TraceSink& trace, Application* application,
                 const Script& script, const PlayOptions& options);
    ~ScriptPlayer();
    ScriptPlayer(const ScriptPlayer&) = delete;
    ScriptPlayer& operator=(const ScriptPlayer&) = delete;

    /// Server role: called once the peer is known.
    void on_peer(std::function<void(const ConnectionId&)> handler);
    void start();
    void stop(PlayEnding why, std::string sentence);
    [[nodiscard]] bool finished() const noexcept;
    [[nodiscard]] const PlayResult& result() const noexcept;
    [[nodiscard]] std::optional<Duration> rtt() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tcpcraft
