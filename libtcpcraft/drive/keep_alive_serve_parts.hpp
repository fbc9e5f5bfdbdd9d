#pragma once

// Private to keep_alive_serve*.cpp: what the server keeps of its clients.

#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libtcpcraft/drive/keep_alive_serve.hpp>
#include <libtcpcraft/drive/stray_budget.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/trace/peer_view.hpp>
#include <libtcpcraft/trace/record.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

/// All that is kept of one client. There may be very many.
struct KeepAliveServer::Client {
    Tcb tcb{};
    const ConnectionId* id{nullptr};  ///< without zones; the TCB forgets it in LISTEN
    Instant connected{};
    Instant heard{};
    Instant entered{never};  ///< its entry among the deadlines
    std::uint64_t octets_in{0};
    std::uint64_t octets_out{0};
    std::uint32_t number{0};
    Seq edge{};              ///< one past what it may send: never moves back
    std::uint8_t probes{0};  ///< in this silence
    bool established{false};
    bool waiting{false};               ///< in TIME-WAIT
    std::unique_ptr<PeerView> peer{};  ///< when there is a trace
};

struct KeepAliveServer::Roster {
    struct Hash {
        std::size_t operator()(const ConnectionId& id) const noexcept;
    };
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
        std::optional<Entered> ended{};  ///< CLOSED, or in LISTEN again
    };

    Surroundings& around;
    KeepAliveServerSetup setup;
    Duration silence;  ///< of which a client is dead
    std::unordered_map<ConnectionId, Client, Hash> clients{};
    std::set<std::pair<Instant, Client*>> deadlines{};
    AlarmId alarm{AlarmId::none};
    Instant alarm_at{never};
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
    void welcome(const Incoming& incoming, const ConnectionId& id);
    void turn_away(const Incoming& incoming, const ConnectionId& id);
    void refuse(const Incoming& incoming, const ConnectionId& id);
    void answer_without_client(const Incoming& incoming, const ConnectionId& id, Tcb tcb);
    void wake(Client& client);
    void close(Client& client);
    void abort(Client& client);
    void enter(Client& client);
    void rearm();
    void ring();

    // keep_alive_client.cpp: one client.
    void arrives(Client& client, const Incoming& incoming);
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

    // keep_alive_serve_trace.cpp
    void transmit(Client& client, const Transmit& action);
    static void promise(Client& client, const Segment& segment);
    void trace_arrival(Client& client, const Incoming& incoming);
    void trace_sent(Client& client, const Datagram& sent, std::span<const std::byte> octets,
                    const Transmit& action, const std::string& failure);
    void trace_state(const Client& client, const Entered& entered, const std::string& cause);
};

}  // namespace tcpcraft
