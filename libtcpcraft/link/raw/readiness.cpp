#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <libtcpcraft/link/raw/doorway.hpp>
#include <libtcpcraft/link/raw/readiness.hpp>

namespace tcpcraft {

/// Shared with the pending wait, whose completion may come after the end of the Readiness.
struct Readiness::Watch : std::enable_shared_from_this<Watch> {
    Watch(boost::asio::io_context& context, int fd, std::function<void()> call)
        : doorway{boost::asio::use_service<Doorway>(context)},
          descriptor{context, fd},
          ready{std::move(call)} {
        doorway.add(fd);
    }

    void wait() {
        descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this()](const boost::system::error_code& code) {
                                  self->woken(code);
                              });
    }

    void woken(const boost::system::error_code& code) {
        if (stopped || code) {
            return;
        }
        ready();
        if (!stopped) {
            wait();
        }
    }

    void stop() {
        stopped = true;
        if (descriptor.is_open()) {
            doorway.remove(descriptor.native_handle());
            descriptor.release();  // the descriptor is not ours to close
        }
    }

    Doorway& doorway;
    boost::asio::posix::stream_descriptor descriptor;
    std::function<void()> ready;
    bool stopped{false};
};

Readiness::Readiness(boost::asio::io_context& context, int fd, std::function<void()> ready)
    : watch_{std::make_shared<Watch>(context, fd, std::move(ready))} {
    watch_->wait();
}

Readiness::Readiness(Readiness&&) noexcept = default;

Readiness& Readiness::operator=(Readiness&& other) noexcept {
    std::swap(watch_, other.watch_);
    return *this;
}

Readiness::~Readiness() {
    if (watch_) {
        watch_->stop();
    }
}

}  // namespace tcpcraft
