#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

/// What the simulated wire is like.
struct SimNetworkOptions {
    Duration latency{std::chrono::milliseconds{10}};  ///< one way, not negative
    bool blackhole{false};                            ///< nothing ever arrives, either way
    bool checksum_ready{true};                        ///< false: as over veth with offload
    std::size_t most_events{10'000'000};  ///< of one run(), so that nothing spins for ever
};

/// Why SimNetwork::run() came back.
enum class SimEnding : std::uint8_t {
    finished,   ///< the caller's condition holds
    idle,       ///< nothing is left that could happen
    limit,      ///< virtual time has reached the limit
    exhausted,  ///< SimNetworkOptions::most_events happened
};

/// A world in virtual time: two ends with a wire of constant latency between them, and the alarm
/// of both. It loses, doubles and reorders nothing: that is FaultLink's, which wraps either end.
/// What is due at the same instant happens in the order in which it was asked for, so that equal
/// runs are equal. No ICMP error ever arises here. Time stands still while a handler runs.
class TCPCRAFT_API SimNetwork final : public Alarm {
public:
    /// Made of these.
    explicit SimNetwork(SimNetworkOptions options = {});
    ~SimNetwork() override;

    /// The tool's side. It and far() live as long as the network.
    [[nodiscard]] Link& near() noexcept;
    /// The side of the host that is talked to.
    [[nodiscard]] Link& far() noexcept;

    [[nodiscard]] Instant now() const override { return now_; }
    AlarmId call_at(Instant when, std::function<void()> wake) override;
    void cancel(AlarmId id) override;

    /// Lets things happen until `finished` (asked before each event; empty means never), until
    /// nothing is left to happen, or until the next event lies beyond `limit`: then it is `limit`.
    SimEnding run(const std::function<bool()>& finished, Instant limit = never);
    /// One event; false when there is none.
    bool step();

private:
    class End;
    using Key = std::pair<Instant, std::uint64_t>;  // due, and the order of asking

    void carry(End& to, std::span<const std::byte> octets);
    std::uint64_t enqueue(Instant when, std::function<void()> what);

    SimNetworkOptions options_{};
    Instant now_{};
    std::uint64_t asked_{0};
    std::map<Key, std::function<void()>> queue_{};
    std::unordered_map<std::uint64_t, Instant> due_{};  // where an alarm stands in the queue
    std::unique_ptr<End> near_{};
    std::unique_ptr<End> far_{};
};

}  // namespace tcpcraft
