#pragma once

#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft::test {

/// Two hosts joined by a veth pair, in network namespaces that end with the object. This process
/// lives in the first (`near`, interface c0) and can do things in the second (`far`, interface s0).
class TwoHosts {
public:
    TwoHosts();
    TwoHosts(const TwoHosts&) = delete;
    TwoHosts& operator=(const TwoHosts&) = delete;
    ~TwoHosts();

    /// Why there is no laboratory; empty when there is one.
    [[nodiscard]] const std::string& missing() const noexcept { return missing_; }

    [[nodiscard]] static Address near(Family family);
    [[nodiscard]] static Address far(Family family);
    /// The link-local address of an interface, with the zone of c0.
    [[nodiscard]] Address near_link_local() const;
    [[nodiscard]] Address far_link_local() const;

    void in_far(const std::function<void()>& action) const;
    /// Runs a command line; throws when it fails.
    static void shell(const std::string& command);
    void far_shell(const std::string& command) const;

private:
    void make_far_host();
    void join() const;
    void await_neighbours() const;

    std::string missing_{};
    pid_t keeper_{-1};
    int near_{-1};
    int far_{-1};
};

/// A kernel TCP socket that listens at `where`; closed at the end.
class Listener {
public:
    explicit Listener(const Endpoint& where);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

private:
    int fd_{-1};
};

}  // namespace tcpcraft::test
