#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

/// What a path does with connections that were idle for too long.
struct ForgetfulPathOptions {
    Duration established{};  ///< zero: never forgets
    Duration half_open{};    ///< zero: as `established`; likewise the next two
    Duration half_closed{};  ///< what it does with half-closed connections
    Duration closed{};       ///< both sides have sent FIN
    /// What follows.
    enum class Then : std::uint8_t {
        drop,           ///< without a word
        reset,          ///< what comes too late is answered with RST in the other end's name
        reset_at_once,  ///< both ends get a RST when the time is over
    };
    Then then{};                  ///< what follows
    bool empty_restarts{true};    ///< segments without data start the timer anew
    bool inbound_restarts{true};  ///< so do those of the far end
    std::uint8_t hop_limit{61};   ///< of its own RSTs
};

/// A box between the near end of a link and everything else, such as a firewall, NAT or load
/// balancer: it remembers connections by their SYN, and forgets those that were idle. What belongs
/// to no connection that it knows does not pass. A repeated SYN or SYN,ACK restarts no timer, as in
/// the connection tracking of Linux. Wraps the near end; takes over its handlers.
class TCPCRAFT_API ForgetfulPath final : public Link {
public:
    /// Link and alarm must outlive this.
    ForgetfulPath(Link& inner, Alarm& alarm, const ForgetfulPathOptions& options);
    ~ForgetfulPath() override;

    Expected<void> transmit(std::span<const Outgoing> packets) override;
    /// Who gets what arrives; empty: nobody.
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override;
    /// Who is told when a packet left.
    void on_sent(std::function<void(const Sent&)> handler) override;
    /// Who is told of ICMP errors.
    void on_icmp(std::function<void(const IcmpError&)> handler) override;
    /// What the capture says of itself.
    [[nodiscard]] LinkCounters counters() const override { return inner_.counters(); }

private:
    struct Entry {
        Instant restarted{};
        bool answered{false};   ///< the SYN,ACK has passed
        bool completed{false};  ///< an ACK of the near end has
        bool near_fin{false};
        bool far_fin{false};
        AlarmId over{AlarmId::none};
        Datagram last_out{};  ///< without views: its numbers are for a RST
        Datagram last_in{};
    };

    [[nodiscard]] bool passes(const Datagram& datagram, Direction direction);
    [[nodiscard]] Duration timeout(const Entry& entry) const;
    void note(Entry& entry, const Datagram& datagram, Direction direction) const;
    void rearm(const ConnectionId& id, Entry& entry);
    void answer_with_reset(const Datagram& late, Direction direction);
    void reset_both(const ConnectionId& id);
    void to_near(const Datagram& datagram);
    void to_far(const Datagram& datagram);

    Link& inner_;
    Alarm& alarm_;
    ForgetfulPathOptions options_;
    std::map<ConnectionId, Entry> entries_{};  ///< `local` is the near end
    std::function<void(std::span<const Arrival>)> arrivals_{};
    std::function<void(const Sent&)> sent_{};
};

}  // namespace tcpcraft
