#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

namespace tcpcraft {

/// Calls back from the loop whenever a descriptor is readable or has something in its error queue,
/// until it is destroyed. The descriptor stays its owner's and must outlive this. The callback must
/// drain the descriptor, and may destroy this.
class Readiness {
public:
    Readiness(boost::asio::io_context& context, int fd, std::function<void()> ready);
    Readiness(Readiness&&) noexcept;
    Readiness& operator=(Readiness&&) noexcept;
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;
    ~Readiness();

private:
    struct Watch;
    std::shared_ptr<Watch> watch_;
};

}  // namespace tcpcraft
