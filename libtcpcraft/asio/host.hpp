#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include <libtcpcraft/asio/session.hpp>

namespace tcpcraft {

/// A Host (this one, or one in virtual time) on an executor of Asio's: its connections are led by
/// coroutines, or by whatever completion token is given. The executor must not be shared by
/// threads, or be a strand.
///
/// Take a RawHost with `heed_signals` off: signals are the program's. In virtual time the clock
/// moves on only while an operation of this host waits and the executor has nothing else to do;
/// timers of Asio's count real time there, wait() virtual time.
///
/// Uses the host's link alone. On destruction every session ends, a peer that still believes in a
/// connection is sent a RST, and who waits is told std::errc::operation_canceled.
class AsyncHost {
public:
    /// Host and trace must outlive it. Errors: the process is out of descriptors.
    [[nodiscard]] static Expected<AsyncHost> open(boost::asio::any_io_executor executor, Host& host,
                                                  TraceSink& trace) {
        AsyncHost made{std::make_shared<asio_detail::Loop>(std::move(executor), host, trace)};
        return made.loop_->open().map([&made] { return std::move(made); });
    }
    AsyncHost(AsyncHost&&) noexcept = default;
    AsyncHost& operator=(AsyncHost&&) = delete;
    AsyncHost(const AsyncHost&) = delete;
    AsyncHost& operator=(const AsyncHost&) = delete;
    /// Ends what has not ended.
    ~AsyncHost() {
        if (loop_) {
            loop_->close();
        }
    }

    /// A connection to the host's peer, from its port number `index` (from 0). Sends nothing yet.
    [[nodiscard]] AsyncSession session(std::size_t index = 0) {
        return session(connection_setup(loop_->host(), usual_policy(loop_->host()), index));
    }
    /// A connection as this setup says; not a passive one.
    [[nodiscard]] AsyncSession session(ConnectionSetup setup) {
        return {loop_, loop_->fleet().lead(std::move(setup))};
    }

    /// Server role: the next connection whose SYN has come; it has been answered. Listens from the
    /// first call on, and keeps for the next calls whoever comes in between.
    template <typename Token = AsyncSession::Usual>
    auto accept(Duration within = AsyncSession::patience, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(Expected<AsyncSession>)>(
            [loop = loop_, door = door_](auto handler, Duration patience) {
                using Waiter = asio_detail::Waiter<decltype(handler), Expected<AsyncSession>>;
                door->listen(loop);
                const auto waiter = std::make_shared<Waiter>(loop, std::move(handler));
                const auto number =
                    door->expect([waiter](Expected<AsyncSession> came) { waiter->finish(came); });
                const auto give_up = [door, number](std::errc code) {
                    door->give_up(number, failure(std::make_error_code(code), "nobody has called"));
                };
                Alarm& alarm = loop->host().alarm();
                alarm.call_at(alarm.now() + patience, [give_up] { give_up(std::errc::timed_out); });
                waiter->waits([give_up] { give_up(std::errc::operation_canceled); });
            },
            token, within);
    }

    /// Lets so much of the host's time pass.
    template <typename Token = AsyncSession::Usual>
    auto wait(Duration length, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(Expected<void>)>(
            [loop = loop_](auto handler, Duration patience) {
                using Waiter = asio_detail::Waiter<decltype(handler), Expected<void>>;
                const auto waiter = std::make_shared<Waiter>(loop, std::move(handler));
                Alarm& alarm = loop->host().alarm();
                const AlarmId id = alarm.call_at(alarm.now() + patience,
                                                 [waiter] { waiter->finish(Expected<void>{}); });
                waiter->waits([loop, waiter, id] {
                    if (!loop->closed()) {
                        loop->host().alarm().cancel(id);
                    }
                    waiter->finish(failure(std::make_error_code(std::errc::operation_canceled),
                                           "the wait was given up"));
                });
            },
            token, length);
    }

private:
    /// Who has come and who waits for somebody to come.
    class Door : public std::enable_shared_from_this<Door> {
    public:
        using Taker = std::function<void(Expected<AsyncSession>)>;

        void listen(const std::shared_ptr<asio_detail::Loop>& loop) {
            if (std::exchange(listens_, true)) {
                return;
            }
            Listener listener;
            listener.setup = connection_setup(loop->host(), usual_policy(loop->host()));
            listener.local = listener.setup.id.local;
            listener.accept = 0;
            listener.led = [self = this->weak_from_this(),
                            weak = std::weak_ptr{loop}](Session& came) {
                const auto door = self.lock();
                const auto on = weak.lock();
                if (door && on) {
                    door->came(AsyncSession{on, came});
                }
            };
            loop->fleet().listen(std::move(listener));
        }
        std::size_t expect(Taker taker) {
            takers_.emplace_back(++count_, std::move(taker));
            hand_over();
            return count_;
        }
        void give_up(std::size_t number, const Expected<AsyncSession>& why) {
            for (auto taker = takers_.begin(); taker != takers_.end(); ++taker) {
                if (taker->first == number) {
                    const Taker told = std::move(taker->second);
                    takers_.erase(taker);
                    told(why);
                    return;
                }
            }
        }

    private:
        void came(AsyncSession session) {
            come_.push_back(std::move(session));
            hand_over();
        }
        void hand_over() {
            while (!come_.empty() && !takers_.empty()) {
                const Taker taker = std::move(takers_.front().second);
                takers_.pop_front();
                AsyncSession session = std::move(come_.front());
                come_.pop_front();
                taker(std::move(session));
            }
        }

        bool listens_{false};
        std::size_t count_{0};
        std::deque<std::pair<std::size_t, Taker>> takers_{};
        std::deque<AsyncSession> come_{};
    };

    explicit AsyncHost(std::shared_ptr<asio_detail::Loop> loop) : loop_{std::move(loop)} {}

    std::shared_ptr<asio_detail::Loop> loop_;
    std::shared_ptr<Door> door_{std::make_shared<Door>()};
};

}  // namespace tcpcraft
