#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory_resource>
#include <unordered_map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <libtcpcraft/link/alarm.hpp>

namespace tcpcraft {

/// The steady clock of this host, counted from the construction, and one Asio timer for all calls.
class AsioAlarm : public Alarm {
public:
    explicit AsioAlarm(boost::asio::io_context& context);

    [[nodiscard]] Instant now() const override;
    AlarmId call_at(Instant when, std::function<void()> wake) override;
    void cancel(AlarmId id) override;

    /// For the loop: calls what is due, and says whether something was.
    bool ring();
    /// For the loop, before it waits: the timer is set only now, not with every call.
    void arm();
    /// From now on `announce` is told whenever the next call is due earlier than it was told last,
    /// and by announce_next(): for a loop that is somebody else's.
    void on_next(std::function<void(std::chrono::steady_clock::time_point, bool)> announce) {
        announce_ = std::move(announce);
        announce_next();
    }
    void announce_next();

private:
    using Key = std::pair<Instant, std::uint64_t>;

    std::chrono::steady_clock::time_point start_{std::chrono::steady_clock::now()};
    boost::asio::steady_timer timer_;
    Instant armed_{never};
    std::function<void(std::chrono::steady_clock::time_point, bool)> announce_{};
    Instant announced_{never};
    Instant rung_{};  ///< no call is older
    std::uint64_t next_id_{1};
    std::pmr::unsynchronized_pool_resource nodes_{};  // calls come and go with every segment
    std::pmr::map<Key, std::function<void()>> calls_{&nodes_};
    std::pmr::unordered_map<std::uint64_t, Instant> when_{&nodes_};
};

}  // namespace tcpcraft
