#pragma once

// Private to keep_alive_serve*.cpp: what the server keeps of its clients.

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libtcpcraft/drive/chunks.hpp>
#include <libtcpcraft/drive/connection_table.hpp>
#include <libtcpcraft/drive/deadline_wheel.hpp>
#include <libtcpcraft/drive/keep_alive_serve.hpp>
#include <libtcpcraft/drive/stray_budget.hpp>
#include <libtcpcraft/drive/tracing.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/packed_tcb.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/trace/peer_view.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

/// What is known of a client beside its TCB.
struct KeepAliveServer::Facts {
    Instant connected{};
    Instant heard{};
    std::uint64_t octets_in{0};
    std::uint64_t octets_out{0};
    std::uint32_t number{0};
    Seq edge{};              ///< one past what it may send: never moves back
    std::uint8_t probes{0};  ///< in this silence
    bool established{false};
    bool waiting{false};  ///< in TIME-WAIT
};

/// A client while something happens to it. Afterwards it is put back, or is gone.
struct KeepAliveServer::Client : Facts {
    static constexpr std::uint32_t nobody = UINT32_MAX;

    std::uint32_t index{nobody};
    ConnectionId id{};  ///< the TCB forgets it in LISTEN
    Tcb tcb{};
    PeerView* peer{nullptr};  ///< when there is a trace

    /// For the trace, when there is one.
    [[nodiscard]] Traced traced() const { return {number, tcb, *peer}; }
};

/// A client in the table. There may be very many.
struct KeepAliveServer::Resting : Facts {
    static constexpr std::uint32_t none = UINT32_MAX;

    std::uint32_t busy{none};   ///< its TCB is among the busy ones; none: it is `tcb`
    std::uint32_t older{none};  ///< the half-open ones in their order
    std::uint32_t newer{none};
    PackedTcb tcb{};
};

/// Those whose handshake is not complete, in the order in which they came.
class KeepAliveServer::HalfOpen {
public:
    using Table = ConnectionTable<Resting>;

    void add(Table& clients, std::uint32_t index) noexcept;
    void remove(Table& clients, std::uint32_t index) noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint32_t oldest() const noexcept { return oldest_; }

private:
    std::uint32_t oldest_{Resting::none};
    std::uint32_t newest_{Resting::none};
    std::size_t size_{0};
};

/// TCBs that cannot be packed, and the memory of buffers that are empty.
class KeepAliveServer::Busy {
public:
    /// Buffers beyond so many octets are given back when they are empty: thousands that once said
    /// much do not hold on to the room.
    static constexpr std::size_t small = 4096;

    [[nodiscard]] std::uint32_t put(Tcb&& tcb);
    [[nodiscard]] Tcb take(std::uint32_t place);
    [[nodiscard]] const Tcb& operator[](std::uint32_t place) const noexcept { return all_[place]; }
    void keep(BuffersPointer&& empty);
    [[nodiscard]] BuffersPointer empty_buffers();

private:
    static constexpr std::size_t most_spare = 256;

    Chunks<Tcb> all_{};
    std::vector<std::uint32_t> free_{};
    std::vector<BuffersPointer> spare_{};
    std::uint32_t used_{0};
};

struct KeepAliveServer::Roster {
    /// An arrival on its way to a client.
    struct Incoming {
        const Datagram& datagram;
        const Arrival& arrival;
    };
    /// What one event has led to.
    struct Outcome {
        bool established{false};
        bool closing{false};             ///< the peer has sent its FIN
        bool probed{false};              ///< a keep-alive probe has left
        bool own_accord{false};          ///< a RST with ACK: it answers nothing of ours
        bool refused{false};             ///< one too many
        std::optional<Entered> ended{};  ///< CLOSED, or in LISTEN again
    };
    /// What everybody is told in turn.
    struct Farewell {
        void (Roster::*word)(Client& client){nullptr};
        std::uint32_t next{0};
        std::function<void()> done{};
    };

    Surroundings& around;
    KeepAliveServerSetup setup;
    Duration silence;  ///< of which a client is dead
    ConnectionTable<Resting> clients;
    DeadlineWheel wheel{};
    HalfOpen half_open{};
    Busy busy{};
    std::unordered_map<std::uint32_t, PeerView> peers{};  ///< when there is a trace
    Farewell farewell{};
    AlarmId alarm{AlarmId::none};
    Instant alarm_at{never};
    AlarmId farewell_alarm{AlarmId::none};
    bool listening{true};
    std::size_t waiting{0};  ///< clients in TIME-WAIT
    std::uint32_t numbered{0};
    ClientCounts counts{};
    std::function<void(const ClientEvent&)> on_event{};
    Actions actions{};
    std::vector<std::byte> heard_octets{};
    StrayBudget unasked{};

    Roster(Surroundings& surroundings, KeepAliveServerSetup wanted);

    // keep_alive_serve.cpp: who a packet belongs to, and whose turn it is.
    void take(const Arrival& arrival);
    void take(const IcmpError& error);
    void welcome(const Incoming& incoming, ConnectionId id);
    void make_room();
    void turn_away(const Incoming& incoming, const ConnectionId& id);
    void refuse(const Incoming& incoming, const ConnectionId& id);
    void answer_without_client(const Incoming& incoming, const ConnectionId& id, Tcb tcb);
    [[nodiscard]] bool full() const noexcept;
    void wake(std::uint32_t index);
    void close(Client& client);
    void abort(Client& client);
    void tell_all(Farewell said);
    void tell_next();
    void rearm();
    void ring();

    // keep_alive_roster.cpp: out of the table and back.
    [[nodiscard]] std::uint32_t add(const ConnectionId& id);
    [[nodiscard]] Client take_out(std::uint32_t index);
    void put_back(Client& client);
    void drop(const Client& client);
    [[nodiscard]] Instant deadline_of(std::uint32_t index) const noexcept;

    // keep_alive_client.cpp: one client.
    void arrives(Client& client, const Incoming& incoming);
    void establish(Client& client, Outcome& outcome);
    Outcome step(Client& client, const Event& event, const Incoming* incoming = nullptr);
    void carry_out(Client& client, const Action& action, Outcome& outcome);
    void serve(Client& client, Outcome& outcome);
    void echo(Client& client, Outcome& outcome);
    void acknowledge_now(Client& client, Outcome& outcome);
    void fit_window(Client& client) const;
    [[nodiscard]] std::uint32_t open_window(const Client& client) const;
    void watch_silence(Client& client) const;
    void settle(Client& client, const Outcome& outcome);
    void end(Client& client, const Outcome& outcome);
    void tell(const Client& client, ClientChange change, Duration silent_for,
              const Entered& entered = {});

    // keep_alive_transmit.cpp
    void transmit(Client& client, const Transmit& action);
    static void promise(Client& client, const Segment& segment);
};

}  // namespace tcpcraft
