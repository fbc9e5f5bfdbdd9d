#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/fault_rule.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

/// A link that loses, delays, doubles, reorders or corrupts packets of another, by rules. Each rule
/// counts the packets that match it, whatever other rules do to them; of the rules whose turn it is
/// the first acts. Same rules, same seed, same packets: same faults.
///
/// A packet that is dropped is told of by on_fault only, a doubled one by on_sent twice. A delayed
/// arrival bears the time at which it is let through, which is no kernel's. Corrupted is one bit of
/// the segment's numbers, window, checksum, options or payload, never of what names the connection
/// or the kind of segment; where the checksum was left to offload it is computed before, so that
/// the receiver can tell.
class TCPCRAFT_API FaultLink : public Link {
public:
    /// Link and alarm must outlive this. Takes over the link's handlers.
    FaultLink(Link& inner, Alarm& alarm, std::vector<FaultRule> rules, std::uint64_t seed = 0);
    ~FaultLink() override;

    /// The error of a packet that was sent late comes with the next call.
    Expected<void> transmit(std::span<const Outgoing> packets) override;
    /// Who gets what arrives; empty: nobody.
    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override;
    /// Who is told when a packet left.
    void on_sent(std::function<void(const Sent&)> handler) override;
    /// Who is told of ICMP errors.
    void on_icmp(std::function<void(const IcmpError&)> handler) override;
    void on_fault(std::function<void(const FaultReport&)> handler) override;
    /// What the capture says of itself.
    [[nodiscard]] LinkCounters counters() const override;

private:
    struct Counted {
        FaultRule rule{};
        std::uint32_t seen{0};
    };
    /// A packet of either direction; `arrival` holds for arrivals, destination and token for ours.
    struct Packet {
        Direction direction{};
        std::span<const std::byte> octets{};
        Address destination{};
        std::uint64_t token{0};
        Arrival arrival{};
    };
    struct Held {
        std::vector<std::byte> octets{};
        Packet packet{};
        bool until_overtaken{false};
        AlarmId alarm{AlarmId::none};
    };

    [[nodiscard]] const FaultRule* choose(const Packet& packet);
    template <typename Item, typename AsPacket, typename PassOn>
    Expected<void> in_runs(std::span<const Item> items, const AsPacket& as_packet,
                           const PassOn& pass_on);
    Expected<void> handle(const Packet& packet, const FaultRule* rule);
    Expected<void> act(const FaultRule& rule, const Packet& packet);
    Expected<void> pass(const Packet& packet);
    Expected<void> pass_on(const Packet& packet);
    Expected<void> pass_corrupted(const Packet& packet);
    void hold(const FaultRule& rule, const Packet& packet);
    Expected<void> release(std::list<Held>::iterator held);
    Expected<void> release_overtaken(Direction direction);
    void report(const FaultRule& rule, const Packet& packet) const;
    [[nodiscard]] std::uint64_t next_number() noexcept;

    Link& inner_;
    Alarm& alarm_;
    std::vector<Counted> rules_;
    std::uint64_t dice_;
    std::list<Held> held_{};
    std::optional<Error> late_error_{};
    std::function<void(std::span<const Arrival>)> on_arrivals_{};
    std::function<void(const FaultReport&)> on_fault_{};
};

}  // namespace tcpcraft
