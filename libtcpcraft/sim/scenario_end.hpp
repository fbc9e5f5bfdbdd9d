#pragma once

#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/link/fault_link.hpp>
#include <libtcpcraft/sim/scenario_run.hpp>
#include <libtcpcraft/sim/sim_network.hpp>
#include <libtcpcraft/wire/codec.hpp>

// Private: one end of a scenario.

namespace tcpcraft {

/// What one end put on the wire.
struct OnWire {
    Instant at{};
    SimSide from{};
    std::vector<std::byte> octets{};
    std::string fault{};
    Rule rule{};
    bool retransmission{false};
    Duration silence{};  ///< since its sender had last heard anything
};

/// Where an end went, and by which rule.
struct Passed {
    Instant at{};
    State to{};
    Rule rule{};
};

class SimEnd {
public:
    struct Setup {
        SimSide side{};
        ConnectionId id{};  ///< local: this end
        Policy policy{};
        std::vector<FaultRule> faults{};
    };
    SimEnd(Setup setup, SimNetwork& network, std::vector<OnWire>& wire);
    SimEnd(const SimEnd&) = delete;
    SimEnd& operator=(const SimEnd&) = delete;
    ~SimEnd() = default;

    void meet(SimEnd& other) { other_ = &other; }
    void call(const SimCall& call);

    [[nodiscard]] KeptRecords& seen() noexcept { return seen_; }
    [[nodiscard]] State state() const noexcept { return tcb_.state; }
    [[nodiscard]] const std::vector<Passed>& history() const noexcept { return history_; }
    /// When a FIN was acknowledged again in TIME-WAIT.
    [[nodiscard]] const std::vector<Instant>& restarts() const noexcept { return restarts_; }
    [[nodiscard]] std::vector<SimDump>& dumps() noexcept { return dumps_; }
    [[nodiscard]] std::vector<std::string>& looks() noexcept { return looks_; }

private:
    void choose_number(const SimCall& call);
    void arrives(const Arrival& arrival);
    void step(const Event& event, const std::string& cause, const Datagram* heard,
              std::span<const std::byte> octets);
    void carry_out(const std::string& cause, bool heard);
    void carry_out(const Action& action, const std::string& cause, bool heard);
    void transmit(const Transmit& transmit);
    void entered(State from, State to, Rule rule, const std::string& cause);
    void record_arrival(const Datagram& heard, std::span<const std::byte> octets);
    void record_timers(const Timers& before, bool fired);
    void write(decltype(Record::what) what);
    void note(std::string text, Note::Kind kind = Note::Kind::plain);
    void learn_isn(Direction direction, const Segment& segment);
    void lose_everything();
    void dump();
    void look();
    void arm();

    Setup setup_;
    SimNetwork& network_;
    FaultLink link_;
    std::vector<OnWire>& wire_;
    SimEnd* other_{nullptr};
    Tcb tcb_{};
    Actions actions_{};
    AlarmId alarm_{};
    bool dead_{false};
    std::string fault_{};  ///< what was done to the packet that is being sent
    std::optional<Seq> our_isn_{};
    std::optional<Seq> peer_isn_{};
    Instant heard_{};
    KeptRecords seen_{};
    std::vector<Passed> history_{};
    std::vector<Instant> restarts_{};
    std::vector<SimDump> dumps_{};
    std::vector<std::string> looks_{};
};

/// What the user is told, as people say it; where that is short the RFC's own words follow.
[[nodiscard]] std::string said_to_user(Notice notice, State state);
/// `240 s`, `0.02 s`
[[nodiscard]] std::string seconds_text(Duration duration);
/// `SYN,ACK`
[[nodiscard]] std::string spelled_flags(Flags flags);

}  // namespace tcpcraft
