#pragma once

#include <functional>

#include <tests/kernel/differences/outcome.hpp>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/engine/presets.hpp>

namespace tcpcraft::test {

/// A step of the machine, or an altered one.
using Step = std::function<Tcb(Tcb, const Event&, Instant, const Policy&, Actions&)>;

/// Our engine in the place of the kernel's socket.
class Machine {
public:
    Machine(ConnectionId id, Policy policy, Step step);

    /// What comes of it. A connection that is over where somebody listens is opened anew.
    Outcome take(const Event& event);
    /// The kernel has chosen this ISS; ours is moved there.
    void adopt_iss(Seq iss, Outcome& outcome);
    /// The kernel's receive buffer decides how much it offers.
    void adopt_window(std::uint32_t wnd) noexcept { tcb_.rcv.wnd = wnd; }
    void go_by(Step step) { step_ = std::move(step); }
    void listen(bool listens) noexcept { listens_ = listens; }

    [[nodiscard]] const Tcb& tcb() const noexcept { return tcb_; }
    [[nodiscard]] const Actions& actions() const noexcept { return actions_; }
    [[nodiscard]] const Policy& policy() const noexcept { return policy_; }
    [[nodiscard]] std::uint32_t unacknowledged() const noexcept;

private:
    Tcb tcb_{};
    ConnectionId id_{};
    Policy policy_{};
    Step step_{};
    Actions actions_{};
    Instant now_{std::chrono::seconds{1000}};
    bool listens_{false};
};

}  // namespace tcpcraft::test
