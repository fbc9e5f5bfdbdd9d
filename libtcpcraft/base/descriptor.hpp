#pragma once

#include <utility>

#include <unistd.h>

namespace tcpcraft {

/// Owns a file descriptor; -1 where there is none.
class Descriptor {
public:
    Descriptor() noexcept = default;
    /// Owns this one, or what the other owned.
    explicit Descriptor(int fd) noexcept : fd_{fd} {}
    /// Owns this one, or what the other owned.
    Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    /// Takes what the other owned.
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }

    /// For system calls; -1 where there is none.
    [[nodiscard]] int raw() const noexcept { return fd_; }
    /// Whether there is one.
    [[nodiscard]] bool open() const noexcept { return fd_ >= 0; }
    /// Gives up the ownership.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
    /// Closes it.
    void reset() noexcept {
        if (const int fd = std::exchange(fd_, -1); fd >= 0) {
            ::close(fd);
        }
    }

private:
    int fd_{-1};
};

}  // namespace tcpcraft
