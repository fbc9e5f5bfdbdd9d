// Any events in any order: no step breaks an invariant, answers a RST with a RST, counts octets
// that it did not deliver, or depends on anything but its arguments.
#include <algorithm>
#include <array>
#include <cstdlib>

#include <tests/fuzz/event_feed.hpp>
#include <tests/fuzz/require.hpp>
#include <tests/fuzz/target.hpp>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/engine/invariants.hpp>

namespace tcpcraft::fuzz {
namespace {

constexpr std::size_t steps_per_input = 256;

unsigned long long steps = 0;

void print_steps() { std::fprintf(stderr, "%llu steps\n", steps); }

bool carries_rst(const Event& event) {
    const auto* arrival = std::get_if<SegmentArrives>(&event);
    return arrival != nullptr && arrival->segment.has(Flag::rst);
}

void check_actions(const Tcb& was, const Tcb& is, const Event& event, const Actions& actions) {
    State state = was.state;
    std::uint32_t delivered = 0;
    bool began_anew = false;  // TIME-WAIT may lead to another connection within the step
    for (const Action& action : actions) {
        if (const auto* entered = std::get_if<Entered>(&action)) {
            require(entered->from == state, "each transition begins where the last one ended");
            require(entered->rule != Rule::none, "each transition names its rule");
            state = entered->to;
            began_anew = began_anew || !synchronized(state);
        } else if (const auto* transmit = std::get_if<Transmit>(&action)) {
            require(transmit->rule != Rule::none, "each segment names its rule");
            require(!carries_rst(event) || !transmit->segment.has(Flag::rst),
                    "no RST answers a RST");
        } else if (const auto* discarded = std::get_if<Discarded>(&action)) {
            require(discarded->rule != Rule::none, "each discard names its rule");
        } else if (const auto* text = std::get_if<Deliver>(&action)) {
            delivered += static_cast<std::uint32_t>(text->data.size());
        }
    }
    require(state == is.state, "the transitions lead to the state of the TCB");
    if (synchronized(was.state) && synchronized(is.state) && !began_anew) {
        const std::uint32_t moved = is.rcv.nxt.raw() - was.rcv.nxt.raw();
        require(moved - delivered <= 1, "RCV.NXT counts what was delivered, and a FIN");
    }
}

// The sentences are literals: data() ends with a zero.
void require_invariants(const Tcb& tcb) {
    const auto broken = broken_invariant(tcb);
    require(!broken, broken ? broken->data() : "");
}

/// With TCPCRAFT_FUZZ_TELL set, what happened is told step by step.
void tell(const Event& event, const Tcb& tcb) {
    std::fprintf(stderr, "%s", text(event).data());
    if (const auto* arrival = std::get_if<SegmentArrives>(&event)) {
        const Segment& seg = arrival->segment;
        std::fprintf(stderr, " flags %#x seq %u ack %u wnd %u, %zu octets", seg.flags.bits(),
                     seg.seq.raw(), seg.ack.raw(), seg.wnd, seg.payload.size());
    }
    std::fprintf(stderr, "\n    %s una %u nxt %u wnd %u rcv.nxt %u rcv.wnd %u\n",
                 text(tcb.state).data(), tcb.snd.una.raw(), tcb.snd.nxt.raw(), tcb.snd.wnd,
                 tcb.rcv.nxt.raw(), tcb.rcv.wnd);
}

/// Room for no more than `limit` octets: queues grow by SEND alone.
bool has_room(const Tcb& tcb, std::size_t limit) {
    return tcb.buffers.peek() == nullptr || tcb.buffers.peek()->send.size() < limit;
}

void play(EventFeed& feed) {
    const bool told = std::getenv("TCPCRAFT_FUZZ_TELL") != nullptr;
    const Policy policy = feed.policy();
    Tcb tcb;
    Instant now{std::chrono::hours{1}};
    Actions actions;
    Actions again;
    for (std::size_t i = 0; i < steps_per_input && !feed.empty(); ++i, ++steps) {
        now += feed.pause(tcb, now);
        const Event event = feed.event(tcb);
        if (std::holds_alternative<Send>(event) && !has_room(tcb, 4096)) {
            continue;
        }
        actions.clear();
        again.clear();
        const Tcb was = tcb;
        tcb = advance(tcb, event, now, policy, actions);
        if (told) {
            tell(event, tcb);
        }
        require_invariants(tcb);
        check_actions(was, tcb, event, actions);
        require(advance(was, event, now, policy, again) == tcb && again.size() == actions.size(),
                "the same arguments give the same answer");
    }
}

}  // namespace
}  // namespace tcpcraft::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    [[maybe_unused]] static const int registered = std::atexit(tcpcraft::fuzz::print_steps);
    tcpcraft::fuzz::EventFeed feed{{data, size}};
    tcpcraft::fuzz::play(feed);
    return 0;
}
