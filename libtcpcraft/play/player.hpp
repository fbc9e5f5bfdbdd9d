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

/// How a script is played.
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

/// One field that is not as the script has it.
struct FieldDifference {
    std::string field{};     ///< its name
    std::string expected{};  ///< as the script has it
    std::string got{};       ///< as it came
};

/// What came of playing a script.
struct PlayResult {
    PlayEnding ending{PlayEnding::passed};       ///< how it ended
    std::optional<std::uint32_t> failed_line{};  ///< from 1; none: all came true
    std::string expected{};                      ///< the line
    std::string got{};                           ///< what came, in the same notation
    std::vector<FieldDifference> differences{};  ///< field by field
    std::string sentence{};                      ///< what is wrong, for a person
    std::size_t matched{0};                      ///< expected lines that came true
    std::size_t sent{0};                         ///< segments that left
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
    /// Begins.
    void start();
    /// Ends it early.
    void stop(PlayEnding why, std::string sentence);
    /// Whether it is over.
    [[nodiscard]] bool finished() const noexcept;
    /// What came of it so far.
    [[nodiscard]] const PlayResult& result() const noexcept;
    /// Of the handshake, as far as it is known.
    [[nodiscard]] std::optional<Duration> rtt() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tcpcraft
