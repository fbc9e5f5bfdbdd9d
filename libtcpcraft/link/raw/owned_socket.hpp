#pragma once

#include <string>
#include <utility>

#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft {

/// Owns a socket; -1 where there is none.
class OwnedSocket {
public:
    OwnedSocket() noexcept = default;
    explicit OwnedSocket(int fd) noexcept : fd_{fd} {}
    OwnedSocket(OwnedSocket&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    OwnedSocket& operator=(OwnedSocket&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    OwnedSocket(const OwnedSocket&) = delete;
    OwnedSocket& operator=(const OwnedSocket&) = delete;
    ~OwnedSocket();

    [[nodiscard]] int raw() const noexcept { return fd_; }

    /// socket(2), close-on-exec and non-blocking. `purpose` names it in the error ("capture").
    [[nodiscard]] static Expected<OwnedSocket> make(int domain, int type, int protocol,
                                                    const std::string& purpose);

private:
    int fd_{-1};
};

/// setsockopt(2) with a value of any plain type; `what` names the option in the error.
[[nodiscard]] Expected<void> set_option(int fd, int level, int option, const void* value,
                                        std::size_t size, const std::string& what);
[[nodiscard]] Expected<void> set_option(int fd, int level, int option, int value,
                                        const std::string& what);
/// Ties the socket to an interface; an empty name does nothing.
[[nodiscard]] Expected<void> bind_to_interface(int fd, const std::string& name);
/// A raw socket receives all TCP of the host: this makes it receive nothing (its error queue, where
/// timestamps and ICMP errors arrive, stays open).
[[nodiscard]] Expected<void> drop_all(int fd);

}  // namespace tcpcraft
