#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

/// What the program on the simulated host does with each of its connections.
enum class SimApplication : std::uint8_t {
    close_on_fin,   ///< takes what comes, closes when the peer has closed
    discard,        ///< takes what comes and never closes: CLOSE-WAIT for ever
    echo,           ///< sends back what comes, closes when the peer has closed
    close_at_once,  ///< closes as soon as the connection is established
    serve,          ///< after the first data or the peer's FIN: sends `reply`, then closes
};

/// An active OPEN of the simulated host.
struct SimOpen {
    Endpoint remote{};       ///< the peer's end
    Port local{};            ///< our end
    Instant at{};            ///< when, on the run's clock
    std::uint16_t times{1};  ///< so many connections, from this local port on
};

/// What a simulated host is like.
struct SimHostOptions {
    Address address{};              ///< what goes to any other is not taken
    std::vector<Port> listening{};  ///< ports
    Policy policy{};                ///< of every connection; syn_options are empty unless given
    std::optional<Seq> iss{};       ///< of every connection; unset: the keyed hash of RFC 6528
    SimApplication application{SimApplication::close_on_fin};  ///< what the program there does
    /// From what the application reacts to until it acts: this makes the ACK of a FIN and the
    /// host's own FIN two segments. With zero and policy.delayed_ack they can become one.
    Duration application_delay{std::chrono::milliseconds{5}};
    std::string reply{};                   ///< what `serve` sends
    bool dies_when_established{false};     ///< the host goes silent with its first connection
    std::optional<SimOpen> active_open{};  ///< with the peer's own: simultaneous open (SC-10)
};

/// A connection as the host holds it.
struct SimConnection {
    ConnectionId id{};       ///< `local` is the host's side
    State state{};           ///< ours
    Duration age{};          ///< since its SYN came or went
    Duration idle{};         ///< since its peer was heard last (its age, if never)
    std::size_t segments{};  ///< heard from its peer
};

/// A host at the end of a Link, made of the same engine, whose true state can be looked at. It
/// answers for one address: many connections, closed ports, TIME-WAIT. Packets that are no TCP
/// segments or have a bad checksum have no effect (RFC 9293 §3.1, MUST-3). Not thread-safe; link
/// and alarm must outlive it, and it must not be destroyed from inside a handler.
class TCPCRAFT_API SimHost {
public:
    /// Made of these.
    SimHost(Link& link, Alarm& alarm, SimHostOptions options);
    SimHost(const SimHost&) = delete;
    SimHost& operator=(const SimHost&) = delete;
    ~SimHost();

    /// The true state of a connection, `id.local` being the host's side. One that has ended keeps
    /// the state it ended in; one that never was is LISTEN where the port listens, else CLOSED.
    [[nodiscard]] State state(const ConnectionId& id) const;
    /// Null unless there is a connection. Holds until the network's next event.
    [[nodiscard]] const Tcb* tcb(const ConnectionId& id) const;
    /// All that there are now, by id: each one costs a TCB.
    [[nodiscard]] std::vector<SimConnection> connections() const;
    /// Packets without effect: malformed, with a bad checksum, or to another address.
    [[nodiscard]] std::size_t discarded() const noexcept { return discarded_; }
    /// Whether it has gone silent.
    [[nodiscard]] bool dead() const noexcept { return dead_; }
    /// Silent from now on; its connections stay as they are.
    void die();

private:
    struct Connection {
        Tcb tcb{};
        Instant opened{};
        Instant heard{};
        std::size_t segments{0};
        bool answered{false};
        AlarmId timer{};
        AlarmId application{};
    };
    /// What the application has learnt from one step.
    struct Learnt {
        bool established{false};
        bool closing{false};
        std::vector<std::byte> data{};
    };

    void arrives(const Arrival& arrival);
    void arrives(const ConnectionId& id, const SegmentArrives& event);
    void open(const SimOpen& open, Port local);
    void step(const ConnectionId& id, Connection& connection, const Event& event);
    Learnt apply(const ConnectionId& id, Tcb& tcb, const Event& event);
    void transmit(const ConnectionId& id, const Segment& segment);
    void arm(const ConnectionId& id, Connection& connection);
    void silence(Connection& connection);
    void react(const ConnectionId& id, Connection& connection, const Learnt& learnt);
    void act_later(const ConnectionId& id, Connection& connection);
    void finish(const ConnectionId& id, Connection& connection);
    [[nodiscard]] bool listens(Port port) const;

    Link& link_;
    Alarm& alarm_;
    SimHostOptions options_{};
    std::map<ConnectionId, Connection> connections_{};  // ended ones too
    Actions actions_{};
    AlarmId opening_{};
    std::size_t discarded_{0};
    bool dead_{false};
};

}  // namespace tcpcraft
