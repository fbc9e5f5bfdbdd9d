#include <algorithm>
#include <utility>

#include <libtcpcraft/link/raw/asio_alarm.hpp>

namespace tcpcraft {

AsioAlarm::AsioAlarm(boost::asio::io_context& context) : timer_{context} {}

Instant AsioAlarm::now() const {
    return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_)};
}

AlarmId AsioAlarm::call_at(Instant when, std::function<void()> wake) {
    if (when == never) {
        return AlarmId::none;
    }
    when = std::max(when, rung_);
    const std::uint64_t id = next_id_++;
    calls_.emplace(Key{when, id}, std::move(wake));
    when_.emplace(id, when);
    if (announce_ && when < announced_) {
        announce_next();
    }
    return AlarmId{id};
}

void AsioAlarm::announce_next() {
    const Instant next = calls_.empty() ? never : calls_.begin()->first.first;
    if (announce_ && next != announced_) {
        announced_ = next;
        announce_(next == never ? start_ : start_ + next.time_since_epoch(), next != never);
    }
}

void AsioAlarm::cancel(AlarmId id) {
    const auto known = when_.find(static_cast<std::uint64_t>(id));
    if (known == when_.end()) {
        return;
    }
    calls_.erase(Key{known->second, known->first});
    when_.erase(known);  // the timer may ring for nothing: cheaper than setting it twice
}

void AsioAlarm::arm() {
    if (calls_.empty() || armed_ <= calls_.begin()->first.first) {
        return;
    }
    // A deadline beyond what the clock can say is looked at again in a year.
    const Instant next =
        std::min(calls_.begin()->first.first, now() + std::chrono::hours{24 * 365});
    armed_ = next;
    timer_.expires_at(start_ + next.time_since_epoch());
    timer_.async_wait([this](const boost::system::error_code& code) {
        if (!code) {
            armed_ = never;
            ring();
        }
    });
}

bool AsioAlarm::ring() {
    // What is called may set new alarms, for now or for what has passed: those come with the next
    // ring, so that the loop gets to look at the network in between.
    rung_ = now();
    const Key limit{rung_, next_id_};
    const bool due = !calls_.empty() && calls_.begin()->first < limit;
    while (!calls_.empty() && calls_.begin()->first < limit) {
        auto call = calls_.extract(calls_.begin());
        when_.erase(call.key().second);
        call.mapped()();
    }
    return due;
}

}  // namespace tcpcraft
