#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <libtcpcraft/drive/answer.hpp>
#include <libtcpcraft/drive/interceptor.hpp>
#include <libtcpcraft/drive/surroundings.hpp>
#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/peer_view.hpp>
#include <libtcpcraft/trace/record.hpp>

namespace tcpcraft {

/// How one connection is to be set up.
struct ConnectionSetup {
    std::size_t number{1};  ///< counts from 1
    ConnectionId id{};      ///< both ends
    bool passive{false};    ///< waits for a SYN
    Policy policy{};        ///< its numbers and choices
    /// Our initial sequence number; unset: chosen by the policy's key (RFC 6528).
    std::optional<Seq> iss{};
    std::uint32_t timestamp_offset{0};  ///< added to the clock of timestamps, in ms (RFC 7323 §5.4)
    IpHeader ip{};                      ///< template: hop limit, traffic class, flow label
    Interceptor* interceptor{nullptr};  ///< not owned; outlives the connection
    bool two_way_peer{false};           ///< the peer is known to skip SYN-RECEIVED
    /// Called with each piece of data in order.
    std::function<void(std::span<const std::byte>)> delivered{};
    bool show_tcb{false};          ///< the TCB is recorded after each step
    bool keep_sightings{false};    ///< for Connection::sightings()
    std::function<void()> told{};  ///< called by the step Told
};

/// What was measured on the way.
struct Measurements {
    std::optional<Duration> rtt{};        ///< of the handshake; unset when a SYN was repeated
    bool rtt_from_kernel{false};          ///< both ends of it are kernel stamps
    std::optional<Segment> our_syn{};     ///< without payload
    std::uint32_t our_syn_len{0};         ///< its SEG.LEN, payload included
    std::optional<Segment> peer_syn{};    ///< the peer's SYN or SYN,ACK, without payload
    std::vector<Instant> syn_acks{};      ///< when the peer sent SYN,ACK
    Instant first_heard{};                ///< when the first segment of the peer's arrived
    std::vector<std::size_t> opening{};   ///< numbers of SYN, SYN,ACK, the ACK of it, and RSTs
    std::size_t segments_in{0};           ///< segments that arrived
    std::size_t segments_out{0};          ///< segments that left
    std::size_t bytes_in{0};              ///< octets of data delivered
    bool offloaded{false};                ///< some checksum was left to hardware that never came
    std::optional<Segment> peer_reset{};  ///< the last RST of the peer's, without payload
};

/// One TCB on a link: every event goes through here, every action is carried out here and becomes
/// records. It decides nothing: the state machine does, and the scenario that drives it.
class TCPCRAFT_API Connection {
public:
    /// Made of these.
    Connection(Surroundings& surroundings, ConnectionSetup setup);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// A user call, or TimePasses.
    void apply(const Event& event);
    /// A parsed arrival. False: the machine does not get it: the interceptor lost it, or it is
    /// corrupt. A stray one bears this connection's addresses and ports, but nothing is concluded
    /// from it.
    bool arrives(const Datagram& datagram, const Arrival& arrival, std::string note = {},
                 bool stray = false);
    /// An ICMP error about it.
    void icmp(const IcmpError& error);
    /// A segment past the state machine, marked as altered.
    void craft(const SegmentPattern& pattern, const WireOverrides& lies, const std::string& note);
    /// The link's reports about what was transmitted last.
    void sent(const Sent& report);
    /// What a fault rule has done to a segment of ours.
    void fault(const FaultReport& report);
    /// An arrival that a fault rule has eaten.
    void lost_arrival(const Datagram& datagram, const FaultReport& report);
    /// A sentence for the trace.
    void note(std::string text, Note::Kind kind = Note::Kind::plain);
    /// Takes one record.
    void write(decltype(Record::what) what);
    /// The same, with this time.
    void write_at(Instant at, decltype(Record::what) what);

    /// The connection as it is.
    [[nodiscard]] const Tcb& tcb() const noexcept { return tcb_; }
    /// What is inferred of the peer.
    [[nodiscard]] const PeerView& peer() const noexcept { return peer_; }
    /// What the last event brought about.
    [[nodiscard]] const Actions& actions() const noexcept { return actions_; }
    /// What was measured so far.
    [[nodiscard]] const Measurements& measured() const noexcept { return measured_; }
    /// Every segment, oldest first, when the setup asks for that.
    [[nodiscard]] const std::vector<Sighting>& sightings() const noexcept { return sightings_; }
    /// How it was set up.
    [[nodiscard]] const ConnectionSetup& setup() const noexcept { return setup_; }
    /// Why the last segment could not be sent.
    [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
    /// What relative numbers of this direction count from.
    [[nodiscard]] SeqOrigin origin(Direction direction) const noexcept;
    /// On the alarm's clock; `never` when no timer runs.
    [[nodiscard]] Instant deadline() const;
    /// The name that the trace gives to what is sent from now on.
    void set_step(std::string name) { step_ = std::move(name); }
    /// An arrival that is kept from the machine on purpose, for the records. Fault: "drop" when it
    /// will never get there, "delay" when it will.
    void kept_back(const Datagram& datagram, const Arrival& arrival, std::string fault,
                   std::string note);
    /// The initial sequence number of the next OPEN.
    void set_iss(Seq iss) { setup_.iss = iss; }
    /// Changes that a scenario makes while it runs (the linger, say).
    [[nodiscard]] Policy& policy() noexcept { return setup_.policy; }
    /// How often a fault rule has meddled with this connection's segments.
    [[nodiscard]] std::size_t faults() const noexcept { return faults_; }
    /// The number of the last segment recorded, for verdicts to rest on.
    [[nodiscard]] std::size_t last_segment() const noexcept { return last_segment_; }

private:
    struct Incoming;
    struct Leaving;

    void run(Event event, const Incoming* incoming);
    void carry_out(Event& event, const Incoming* incoming, Tcb& before);
    void carry_out(const Action& action, const Event& event);
    std::optional<Leaving> send_first();
    void offer(std::size_t index, Event& event, Tcb& before);
    void redo_with(const HonestEdit& edit, Event& event, Tcb& before, std::uint8_t shift);
    void follow(const Decision& decision, const Transmit& proposed);
    void send_later(const Leaving& leaving, Duration delay);
    [[nodiscard]] Leaving leaving(const Transmit& transmit) const;
    [[nodiscard]] Leaving altered(const Transmit& transmit, const Decision& decision) const;
    void transmit(Leaving& leaving);
    void note_opening(const Segment& segment, std::size_t number);
    void record_sent(const Leaving& leaving);
    void keep(const Datagram& datagram, Sighting seen);
    void record_arrival(const Incoming& incoming);
    [[nodiscard]] bool repeats_syn_ack(const Segment& segment) const;
    [[nodiscard]] std::string take_fault(const Incoming& incoming);
    void record_peer_state(State before, const std::string& cause, Instant at);
    void record_fired(const Timers& before);
    void record_timers(const Timers& before, bool time_passed, Instant engine_at);
    void measure_sent(const Leaving& leaving);
    void measure_arrival(const Incoming& incoming);

    Surroundings& around_;
    ConnectionSetup setup_;
    Tcb tcb_{};
    PeerView peer_;
    Actions actions_{};
    Measurements measured_{};
    std::optional<Error> failure_{};
    bool stray_{false};            ///< what arrives now
    std::optional<Sent> stamp_{};  ///< of the packet that is being transmitted
    std::string fault_{};          ///< what a fault rule did to it
    /// Arrivals that a fault rule has delayed, doubled or spoilt and that are still to come.
    struct ExpectedFault {
        Seq seq{};
        Flags flags{};
        Instant earliest{};               ///< an equal segment before is another one
        std::vector<std::byte> octets{};  ///< as it will arrive; empty: spoilt, nobody knows how
        std::string fault{};

        [[nodiscard]] bool befell(const Incoming& incoming) const;
    };
    std::vector<ExpectedFault> expected_faults_{};
    bool swallowed_{false};  ///< and that the peer will not see it
    std::string step_{};
    Instant event_at_{};   ///< when the event was given to the machine
    Instant caused_at_{};  ///< when what caused it was seen
    std::uint64_t token_{0};
    std::optional<Sent> timed_syn_{};  ///< our last SYN or SYN,ACK
    bool syn_repeated_{false};
    bool completed_{false};  ///< the third segment has been seen
    std::size_t last_segment_{0};
    std::size_t faults_{0};
    std::vector<Sighting> sightings_{};
    std::shared_ptr<bool> alive_{std::make_shared<bool>(true)};
};

}  // namespace tcpcraft
