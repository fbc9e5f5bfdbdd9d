#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <libtcpcraft/guard/rst_guard.hpp>

namespace tcpcraft::testing {

/// What the programs of the host say about its rules: iptables and ip6tables of both variants, and
/// nft. Without counters and comments, and without the empty table raw that iptables-nft leaves.
[[nodiscard]] std::string firewall_rules();

/// How many rules and tables of ours are among them.
[[nodiscard]] std::size_t our_rules();

/// Runs a program that must succeed; its output.
std::string must_run(const std::vector<std::string>& arguments);

/// Asks again and again until it is so; false when it is not so after half a minute.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

/// Whether a process of that id is there (and no zombie).
[[nodiscard]] bool lives(pid_t process);

/// A child of a process; -1: it has none.
[[nodiscard]] pid_t child_of(pid_t process);
/// kill(2) for one process, and whether it got the signal. Nobody (-1, as child_of may say) gets
/// none: to kill(2) that is every process of the machine.
[[nodiscard]] bool signal_one(pid_t process, int number);

/// Takes over the processes whose parents are killed from now on, so that their end can be awaited:
/// a guardian that outlives its owner may still be about to install its rule and then to remove it.
void adopt_orphans();
/// Waits for the end of every child, own or adopted; false when one is left after half a minute.
[[nodiscard]] bool children_ended();

/// A process that raises a guard, and lowers it when it is told to.
class Owner {
public:
    explicit Owner(const GuardRequest& request);
    Owner(Owner&& other) noexcept;
    Owner& operator=(Owner&&) = delete;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    ~Owner();

    /// Waits for the guard; empty when it is up, else the error.
    [[nodiscard]] std::string raised();
    void tell_to_lower();
    /// Waits for its end; true when everything went well.
    [[nodiscard]] bool ended_well();
    /// SIGKILL, and waits for its end.
    void kill_hard();

    [[nodiscard]] pid_t process() const noexcept { return process_; }
    /// Its guardian, or its nft.
    [[nodiscard]] pid_t child() const;

private:
    int reports_{-1};
    int orders_{-1};
    pid_t process_{-1};
};

}  // namespace tcpcraft::testing
