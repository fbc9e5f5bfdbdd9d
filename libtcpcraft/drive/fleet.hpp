#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libtcpcraft/drive/session.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// The server role: each SYN to `local` becomes a session of its own.
struct Listener {
    Endpoint local{};       ///< the address may be unspecified: any of this host's
    std::size_t accept{1};  ///< so many connections; 0: no limit
    bool crossing{false};   ///< sessions open actively when the peer's SYN has come
    /// The scenario of each; `setup.id` and `setup.number` are filled in by the fleet.
    ConnectionSetup setup{};
    Scenario scenario{};  ///< what is played
    /// Before the SYN is answered: the last word on this connection's setup.
    std::function<void(ConnectionSetup&)> accepted{};
    /// A scenario for each connection, in place of the one for all; called after `accepted`.
    std::function<Scenario(ConnectionSetup&)> story{};
    /// Called when the SYN has been answered. Where it is set the session is led (Session::lead).
    std::function<void(Session&)> led{};
};

/// All connections of a run: owns their sessions, parses each arrival once, finds the session it
/// belongs to, and keeps one wake-up for the earliest deadline. A single run is a fleet of one.
class TCPCRAFT_API Fleet {
public:
    /// Made of these.
    explicit Fleet(Surroundings& surroundings);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// One connection, started at once. Its number is the next one.
    Session& launch(ConnectionSetup setup, Scenario scenario);
    /// Waits for SYNs.
    void listen(Listener listener);
    /// One connection that is led step by step; nothing has been sent of it yet.
    Session& lead(ConnectionSetup setup);
    /// Session::perform(), drop() and dismiss() for a session of this fleet.
    StepId perform(Session& session, Step step, std::function<void(const Expected<void>&)> done);
    /// Gives up a step of a session.
    void drop(Session& session, StepId id);
    /// Ends a led session.
    void dismiss(Session& session);
    /// Called when a session has ended, after it is in the records.
    void on_finished(std::function<void(Session&)> handler) { finished_ = std::move(handler); }

    /// From now on a session that has ended and waits for nothing any more is given up a second
    /// later, at the next launch: its place in sessions() is null then. For runs of so many that
    /// they would not fit.
    void give_up_ended() noexcept { gives_up_ended_ = true; }

    /// Every launched session has ended, and every listener has had its connections.
    [[nodiscard]] bool finished() const;
    /// Ends all sessions that have not ended.
    void stop(Ending why, const std::string& explanation);
    /// Ends one of sessions() before its time.
    void stop(Session& session, Ending why, const std::string& explanation);
    /// All that were launched; null: given up.
    [[nodiscard]] std::span<const std::unique_ptr<Session>> sessions() const noexcept {
        return sessions_;
    }
    /// Arrivals that could not be parsed, for the summary.
    [[nodiscard]] std::size_t malformed() const noexcept { return malformed_; }

private:
    struct Hash {
        std::size_t operator()(const ConnectionId& id) const noexcept;
    };

    void take(const Arrival& arrival);
    void take(const Datagram& datagram, const Arrival& arrival, const ConnectionId& id);
    void take(const FaultReport& report);
    void tell_unreadable(const Arrival& arrival, const std::string& why);
    void accept(const Datagram& datagram, const Arrival& arrival, const ConnectionId& id);
    [[nodiscard]] bool listening_for(const ConnectionId& id) const;
    [[nodiscard]] Session* find(const ConnectionId& id) const;
    Session& add(ConnectionSetup setup, Scenario scenario);
    void after(Session& session);
    void rearm();
    void wake();
    void give_up_some();
    [[nodiscard]] Session* by_token(std::uint64_t token) const;

    Surroundings& around_;
    std::vector<std::unique_ptr<Session>> sessions_{};
    std::unordered_map<ConnectionId, Session*, Hash> by_id_{};
    std::optional<Listener> listener_{};
    std::size_t accepted_{0};
    std::size_t unfinished_{0};
    std::size_t malformed_{0};
    StrayBudget unreadable_{};
    StrayBudget unasked_{};                                  ///< in LISTEN
    std::set<std::pair<Instant, std::size_t>> deadlines_{};  ///< with the session's index
    std::vector<Instant> entered_{};                         ///< each session's entry there
    std::vector<bool> reported_{};
    bool gives_up_ended_{false};
    std::deque<std::pair<Instant, std::size_t>> leaving_{};  ///< from when on, and its index
    AlarmId alarm_{AlarmId::none};
    Instant alarm_at_{never};
    std::function<void(Session&)> finished_{};
};

}  // namespace tcpcraft
