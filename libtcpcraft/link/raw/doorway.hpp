#pragma once

#include <set>

#include <boost/asio/io_context.hpp>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/time.hpp>

namespace tcpcraft {

/// What a loop waits for, once more: as one descriptor that somebody else's loop can watch. Asio
/// has an epoll descriptor of its own, and keeps it to itself. A service of the io_context, so that
/// whoever watches something finds it.
class Doorway : public boost::asio::execution_context::service {
public:
    using key_type = Doorway;
    inline static boost::asio::execution_context::id id;

    explicit Doorway(boost::asio::execution_context& context) : service{context} {}

    /// The descriptor; -1 when the process has no more of them.
    [[nodiscard]] int open();
    [[nodiscard]] bool opened() const noexcept { return epoll_.open(); }
    void add(int fd);
    void remove(int fd);
    /// Readable from then on, on the steady clock, whatever else there is. never: not at all.
    void ring_at(std::chrono::steady_clock::time_point when, bool at_all);

private:
    void shutdown() override {}
    void watch(int fd);

    Descriptor epoll_{};
    Descriptor timer_{};
    std::set<int> watched_{};
};

}  // namespace tcpcraft
