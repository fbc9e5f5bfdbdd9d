#pragma once

// Private to handshake_fleet*.cpp: what a fleet keeps of its connections.

#include <array>
#include <span>
#include <vector>

#include <libtcpcraft/drive/connection_table.hpp>
#include <libtcpcraft/drive/deadline_wheel.hpp>
#include <libtcpcraft/drive/ends.hpp>
#include <libtcpcraft/drive/handshake_fleet.hpp>
#include <libtcpcraft/drive/outbox.hpp>
#include <libtcpcraft/drive/pace.hpp>
#include <libtcpcraft/drive/stray_budget.hpp>
#include <libtcpcraft/drive/tracing.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/trace/peer_view.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

/// All that is kept of one connection.
struct HandshakeFleet::Member {
    static constexpr std::uint32_t nobody = UINT32_MAX;  ///< as the table has it
    enum class Phase : std::uint8_t {
        opening,    ///< the SYN waits for its answer
        mute,       ///< answered, and not acknowledged: the peer repeats its SYN,ACK
        closing,    ///< the FIN is on its way
        lingering,  ///< reported; in TIME-WAIT
    };
    Tcb tcb{};
    Instant began{};         ///< when the SYN left
    Instant until{never};    ///< nobody waits longer
    Instant entered{never};  ///< when it comes up in the wheel, at the latest
    std::uint64_t number{0};
    std::size_t connection{0};
    std::optional<Duration> rtt{};
    Options theirs{};  ///< of the SYN,ACK
    std::uint32_t policy{0};
    std::uint32_t before{nobody};  ///< in the list of those in TIME-WAIT
    std::uint32_t after{nobody};
    Seq isn{};
    std::optional<Seq> peer_isn{};
    std::uint16_t window{0};
    std::uint8_t syns{0};
    Phase phase{Phase::opening};
    bool established{false};
    bool stamped{false};  ///< `began` is the kernel's
    bool rtt_from_kernel{false};
    std::unique_ptr<PeerView> peer{};  ///< when there is a trace

    /// For the trace, when there is one.
    [[nodiscard]] Traced traced() const { return {connection, tcb, *peer}; }
};

struct HandshakeFleet::Crew {
    using Number = std::uint32_t;  ///< of a member, in the table
    using Phase = Member::Phase;
    /// An arrival on its way to a member.
    struct Incoming {
        const Datagram& datagram;
        const Arrival& arrival;
    };
    /// What one event has led to.
    struct Learnt {
        bool established{false};
        bool unrelated{false};           ///< an ICMP error about nothing of ours
        std::optional<Entered> ended{};  ///< CLOSED
    };

    Surroundings& around;
    HandshakeFleetSetup setup;
    Pace pace;
    Outbox outbox;
    ConnectionTable<Member> members;
    std::size_t most_members;
    DeadlineWheel deadlines{};
    Number oldest_lingering{Member::nobody};
    Number newest_lingering{Member::nobody};
    std::size_t in_flight{0};
    std::size_t lingering{0};
    Instant now{};  ///< of the engine, for everything that one batch leads to
    AlarmId alarm{AlarmId::none};
    Instant alarm_at{never};
    Source source{};
    bool exhausted{true};
    HandshakeCounts counts{};
    std::function<void(const HandshakeReport&)> on_report{};
    Actions actions{};
    StrayBudget unasked{};

    Crew(Surroundings& surroundings, HandshakeFleetSetup wanted);

    // handshake_fleet.cpp: who a packet belongs to, and whose turn it is.
    void arrived(std::span<const Arrival> arrivals);
    void take(const Arrival& arrival);
    void take(const IcmpError& error);
    void take(const Sent& sent);
    void turn_away(const Incoming& incoming, const ConnectionId& seen);
    [[nodiscard]] bool late(const Segment& segment, const ConnectionId& id) const;
    [[nodiscard]] Number sender_of(std::uint64_t token) const;
    void begin_due();
    void settle();
    void flush();
    void note_departures(std::span<const Outgoing> packets);
    void rearm();
    void ring();
    void stop(HandshakeOutcome why);

    // handshake_fleet_member.cpp: one connection.
    void begin(const HandshakeOrder& order);
    void arrives(Number number, const Incoming& incoming);
    void answered(Number number, const Incoming& incoming);
    Learnt step(Number number, const Event& event, const Incoming* incoming = nullptr);
    void transmit(Number number, const Transmit& action);
    void go_on(Number number, const Learnt& learnt);
    void ended(Number number, const Entered& entered);
    void wake(Number number);
    void time_over(Number number);
    void enter(Number number);
    void finish(Number number, HandshakeOutcome outcome, std::string_view why = {});
    void report(const Member& member, HandshakeOutcome outcome, std::string_view why);

    // handshake_fleet_lingering.cpp: members in TIME-WAIT, and the end of all.
    void linger(Number number);
    void make_room();
    void release(Number number);
    void unlink_lingering(Number number);
};

}  // namespace tcpcraft
