#pragma once

#include <span>
#include <string_view>

#include <tests/kernel/differences/machine.hpp>

namespace tcpcraft::test {

/// Everything one step is given, but the TCB.
struct Moment {
    const Event& event;
    Instant now{};
    const Policy& policy;
    Actions& out;

    /// The segment that arrives; null where the event is another.
    [[nodiscard]] const Segment* segment() const noexcept {
        const auto* arrives = std::get_if<SegmentArrives>(&event);
        return arrives != nullptr ? &arrives->segment : nullptr;
    }
};

/// One thing that Linux does in another way than our engine. `as_linux` takes the step in Linux's
/// way: it wraps the engine's own step, alters what goes in or what comes out, and where it does
/// not apply it alters nothing. A difference is explained only when the step, so altered, gives
/// exactly what the kernel gave; the dialogue then goes on from the altered TCB.
struct KnownDifference {
    std::string_view title{};
    std::string_view linux_does{};
    std::string_view we_do{};
    std::string_view why{};  ///< the rule that makes ours right, or the policy that gives Linux's
    Tcb (*as_linux)(const Step& engine, Tcb tcb, const Moment& at){};
    bool unseen{false};  ///< may alter the TCB while both answer the same
    bool ends{false};    ///< what follows cannot be compared
    bool rare{false};    ///< 2,000 dialogues may pass without it
};

[[nodiscard]] std::span<const KnownDifference> known_differences();
/// The engine with one of them in it.
[[nodiscard]] Step in_the_way_of_linux(const KnownDifference& difference, Step engine);

}  // namespace tcpcraft::test
