#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/surroundings.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/engine/rule.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/ip.hpp>

namespace tcpcraft {

/// The textbook's server: it keeps many clients, and finds those that are gone (RFC 9293 §3.8.4).
struct KeepAliveServerSetup {
    Port port{};                        ///< 0: not chosen
    Address address{};                  ///< unspecified: any of this host's, of either family
    Policy policy{};                    ///< of every client; `keep_alive` is set
    std::uint32_t timestamp_offset{0};  ///< added to the clock of timestamps, in ms (RFC 7323 §5.4)
    IpHeader ip{};                      ///< template: hop limit, traffic class
    bool echo{true};                    ///< false: what comes is taken and thrown away
    std::size_t most_clients{100000};   ///< connected; one more is met by RST
    /// Handshakes under way: one more, and the oldest is forgotten (RFC 4987 §3.5), so that a flood
    /// of SYNs takes the place of SYNs only.
    std::size_t most_half_open{16384};
    /// Deadlines may be met so much later: those of very many clients share a wake-up then.
    Duration slack{};
    bool trace{false};  ///< every segment and state goes to the trace
};

/// What happened to a client.
enum class ClientChange : std::uint8_t {
    connected,    ///< the handshake is complete
    silent,       ///< nothing was heard for the idle time: the first probe has left
    answered,     ///< it was heard again after a probe
    closed,       ///< both sides have closed
    reset,        ///< it sent a RST
    restarted,    ///< a RST answered a probe of ours: it knows nothing of the connection any more
    dead,         ///< no answer to the last probe, or to data that was sent again and again
    unreachable,  ///< an ICMP error ended it (SHLD-26)
    unopened,     ///< the handshake was not completed
    refused,      ///< one too many: its SYN, or what completed its handshake, was met by RST
    ended,        ///< by us: it was still there when the server was stopped
};
/// `connected`, `silent`, …
[[nodiscard]] TCPCRAFT_API std::string_view text(ClientChange change) noexcept;
/// How many kinds of changes there are.
inline constexpr std::size_t client_changes = 11;

/// What happened to one client of the server.
struct ClientEvent {
    Instant at{};                 ///< when, on the run's clock
    std::size_t number{0};        ///< from 1, in the order of the handshakes; 0: there was none
    ConnectionId id{};            ///< both ends
    ClientChange change{};        ///< what happened
    Duration silence{};           ///< since it was heard last; of `answered`: before that
    Duration lasted{};            ///< since it was connected
    std::size_t probes{0};        ///< keep-alive probes in this silence
    std::uint64_t octets_in{0};   ///< octets of data delivered
    std::uint64_t octets_out{0};  ///< that it has acknowledged, or not yet
    State state{};                ///< ours, before it ended
    Rule rule{};                  ///< by which it ended
};

/// Of all clients that ever were.
struct ClientCounts {
    std::array<std::size_t, client_changes> of{};  ///< events, by ClientChange
    std::size_t now{0};                            ///< clients that are connected
    std::size_t most{0};                           ///< at once
    std::size_t probes{0};                         ///< keep-alive probes
    std::uint64_t segments_in{0};                  ///< segments that arrived
    std::uint64_t segments_out{0};                 ///< segments that left
    std::uint64_t octets_in{0};                    ///< octets of data delivered
    std::uint64_t octets_out{0};                   ///< octets of data sent
    std::size_t malformed{0};                      ///< packets that could not be read
    std::size_t unsent{0};                         ///< segments that this host could not send
    std::string last_error{};                      ///< why not
    /// As its sign says.
    [[nodiscard]] std::size_t operator[](ClientChange change) const noexcept {
        return of[static_cast<std::size_t>(change)];
    }
};

/// Many clients on one link. One that is silent costs about 200 octets, of IPv6 40 more, all in
/// all, and is forgotten when it has ended: only the counts keep growing. One wake-up for all of
/// them; a segment that moves a deadline into the future costs nothing there. In the long run no
/// segment allocates memory.
///
/// Dead is who was not heard for the idle time and `count` intervals: no answer to any probe, or,
/// while data is outstanding and no probe may be sent (MUST-26), to that data. The TCB is then
/// deleted and nothing is sent; whoever comes back later is answered with RST, as from LISTEN.
class TCPCRAFT_API KeepAliveServer {
public:
    /// Listens from now on. The surroundings must outlive it.
    KeepAliveServer(Surroundings& surroundings, KeepAliveServerSetup setup);
    ~KeepAliveServer();
    KeepAliveServer(const KeepAliveServer&) = delete;
    KeepAliveServer& operator=(const KeepAliveServer&) = delete;

    /// Called for each event, as it happens.
    void on_event(std::function<void(const ClientEvent&)> handler);
    /// No SYN is taken any more, and every client is told CLOSE: 256 at once, and as many every 5
    /// ms, so that their answers find room. `done` is called after the last one, from here when
    /// that was soon.
    void close_all(std::function<void()> done = {});
    /// Those that are still there are told ABORT, in the same way; who had yet to be told CLOSE is
    /// not any more.
    void abort_all(std::function<void()> done = {});

    /// No connection is left, but for those in TIME-WAIT.
    [[nodiscard]] bool quiet() const noexcept;
    /// All that was counted so far.
    [[nodiscard]] const ClientCounts& counts() const noexcept;

private:
    struct Facts;
    struct Client;
    struct Resting;
    class HalfOpen;
    class Busy;
    struct Roster;
    std::unique_ptr<Roster> roster_;
};

}  // namespace tcpcraft
