#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <unistd.h>

#include <libtcpcraft/drive/fleet.hpp>
#include <libtcpcraft/host/host.hpp>
#include <libtcpcraft/host/setup.hpp>
#include <libtcpcraft/trace/sink.hpp>

/// What the public classes of this room share; no interface.
namespace tcpcraft::asio_detail {

/// A host on an executor of Asio's: it gets its turn whenever there is something to do. Handlers
/// keep it alive; the host is not touched any more once it is closed.
class Loop : public std::enable_shared_from_this<Loop> {
public:
    /// Host and trace outlive close().
    Loop(boost::asio::any_io_executor executor, Host& host, TraceSink& trace)
        : executor_{std::move(executor)},
          host_{&host},
          around_{.link = host.link(), .alarm = host.alarm(), .trace = trace},
          door_{executor_} {
        fleet_.emplace(around_);
    }

    /// Begins to watch; the error says that the process is out of descriptors.
    [[nodiscard]] Expected<void> open() {
        const int descriptor = host_->descriptor();
        if (descriptor < 0) {
            return {};  // virtual time goes on when somebody waits
        }
        boost::system::error_code code;
        door_.assign(::dup(descriptor), code);
        if (code) {
            return failure({code.value(), std::system_category()}, "watch the host's descriptor");
        }
        watch();
        return {};
    }

    /// Ends every session; who still waits is told.
    void close() {
        if (host_ != nullptr) {
            while (!waiting_.empty()) {
                const auto give_up = std::move(waiting_.begin()->second);
                waiting_.erase(waiting_.begin());
                give_up();
            }
            fleet_->stop(Ending::interrupted, "the host is gone");
            fleet_.reset();
            host_ = nullptr;
            boost::system::error_code code;
            door_.close(code);
        }
    }

    [[nodiscard]] bool closed() const noexcept { return host_ == nullptr; }
    [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept {
        return executor_;
    }
    [[nodiscard]] Fleet& fleet() noexcept { return *fleet_; }
    [[nodiscard]] Host& host() noexcept { return *host_; }

    /// Somebody waits from now on; `give_up` is called when the host goes before.
    std::size_t wait_begins(std::function<void()> give_up) {
        waiting_.emplace(++waits_, std::move(give_up));
        if (!door_.is_open() && !stepping_) {
            stepping_ = true;
            step(turns_for_others);
        }
        return waits_;
    }
    void wait_over(std::size_t number) { waiting_.erase(number); }

private:
    // Who has just been woken may have to pass it on before the next thing can happen.
    static constexpr unsigned turns_for_others = 4;
    static constexpr unsigned most_turns = 16;

    void watch() {
        door_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& code) {
                             if (!code && !self->closed()) {
                                 for (unsigned i = 0; i < most_turns && self->host_->turn(); ++i) {
                                 }
                                 self->watch();
                             }
                         });
    }

    /// Virtual time: one event, after all that is ready on the executor.
    void step(unsigned hops) {
        boost::asio::post(executor_, [self = shared_from_this(), hops] {
            if (self->closed()) {
                return;
            }
            if (hops > 0) {
                self->step(hops - 1);
            } else if (!self->waiting_.empty() && self->host_->turn()) {
                self->step(turns_for_others);
            } else {
                self->stepping_ = false;
            }
        });
    }

    boost::asio::any_io_executor executor_;
    Host* host_;
    Surroundings around_;
    std::optional<Fleet> fleet_{};
    boost::asio::posix::stream_descriptor door_;
    std::map<std::size_t, std::function<void()>> waiting_{};
    std::size_t waits_{0};
    bool stepping_{false};
};

/// One that waits: its handler, called once, by its own executor.
template <typename Handler, typename Result>
class Waiter : public std::enable_shared_from_this<Waiter<Handler, Result>> {
public:
    Waiter(std::shared_ptr<Loop> loop, Handler handler)
        : loop_{std::move(loop)},
          executor_{
              boost::asio::prefer(boost::asio::get_associated_executor(handler, loop_->executor()),
                                  boost::asio::execution::outstanding_work.tracked)},
          slot_{boost::asio::get_associated_cancellation_slot(handler)},
          handler_{std::move(handler)} {}

    /// `give_up` ends in finish(); called when the operation is cancelled, or the host goes.
    void waits(const std::function<void()>& give_up) {
        if (over_) {
            return;
        }
        number_ = loop_->wait_begins(give_up);
        if (slot_.is_connected()) {
            slot_.assign([give_up](boost::asio::cancellation_type_t) { give_up(); });
        }
    }

    void finish(Result result) {
        if (std::exchange(over_, true)) {
            return;
        }
        const auto self = this->shared_from_this();  // the slot may hold the last other one
        if (slot_.is_connected()) {
            slot_.clear();
        }
        loop_->wait_over(number_);
        loop_.reset();  // the handler's executor may have threads of its own; the loop has not
        boost::asio::post(executor_, [self, result = std::move(result)]() mutable {
            Handler handler = std::move(self->handler_);
            std::move(handler)(std::move(result));
        });
    }

private:
    using Executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;
    // Work is counted, so that the program does not run out of it while somebody waits.
    using Working = std::decay_t<typename boost::asio::prefer_result<
        Executor, boost::asio::execution::outstanding_work_t::tracked_t>::type>;

    std::shared_ptr<Loop> loop_;
    Working executor_;
    boost::asio::associated_cancellation_slot_t<Handler> slot_;
    Handler handler_;
    std::size_t number_{0};
    bool over_{false};
};

}  // namespace tcpcraft::asio_detail
