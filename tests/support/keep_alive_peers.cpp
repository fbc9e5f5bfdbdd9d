#include <utility>

#include <tests/support/keep_alive_peers.hpp>

namespace tcpcraft::test {

namespace {

constexpr Flags bare_ack{Flag::ack};

bool is_probe(const Segment& segment) {
    return segment.flags == bare_ack && segment.payload.size() <= 1;
}

/// Where our side of the connection stands: the end of all that was no probe.
struct Next {
    std::optional<Seq> seq{};
    void saw(const Segment& segment) {
        const bool moves = segment.has(Flag::syn) || segment.has(Flag::fin) || !seq;
        if (moves || (!segment.payload.empty() && segment.seq == *seq)) {
            seq = segment.seq + segment.len();
        }
    }
    [[nodiscard]] bool asked_by(const Segment& segment) const { return seq && asks(segment, *seq); }
};

/// What is said to each probe.
TeardownPeer to_probes(std::function<std::optional<Segment>(const Segment&, Seq)> say) {
    return answers([say = std::move(say),
                    next = Next{}](const Segment& got) mutable -> std::optional<Segment> {
        if (next.asked_by(got)) {
            return say(got, *next.seq);
        }
        next.saw(got);
        return std::nullopt;
    });
}

/// Which probes get through to the host.
TeardownPeer hears(std::function<bool(const Segment&)> which) {
    return {.arriving = [which = std::move(which), next = Next{}](const Segment& got) mutable {
        if (next.asked_by(got)) {
            return which(got);
        }
        next.saw(got);
        return true;
    }};
}

std::optional<Segment> answer_to(const Segment& probe, Seq next) {
    Segment said = made(bare_ack, probe.ack, next);
    if (const auto stamp = probe.options.find<Timestamps>()) {
        said.options = {NoOperation{}, NoOperation{}, Timestamps{stamp->ecr + 1, stamp->val}};
    }
    return said;
}

}  // namespace

bool asks(const Segment& segment, Seq next) {
    return is_probe(segment) && before(segment.seq, next) &&
           at_or_before(segment.seq + segment.len(), next);
}

TeardownPeer answers_only_octets() {
    return hears([](const Segment& probe) { return !probe.payload.empty(); });
}

TeardownPeer answers_no_probe() {
    return hears([](const Segment&) { return false; });
}

TeardownPeer answers_twice_a_second() {
    return host_with([](SimHostOptions& peer) {
        peer.policy.challenge_spacing = std::chrono::milliseconds{500};
    });
}

TeardownPeer acknowledges_garbage() {
    return to_probes([](const Segment& probe, Seq next) {
        auto said = answer_to(probe, next);
        said->ack = next + 1;
        return said;
    });
}

TeardownPeer repeats_the_number() {
    return to_probes([](const Segment& probe, Seq next) {
        auto said = answer_to(probe, next);
        said->ack = next - 1;
        return said;
    });
}

TeardownPeer answers_everything() {
    return answers(
        [next = Next{}, opening = false](const Segment& got) mutable -> std::optional<Segment> {
            opening = got.has(Flag::syn) ? !got.has(Flag::ack) : opening;
            const bool nothing_new =
                next.seq && is_probe(got) && got.payload.empty() && got.seq == *next.seq;
            const bool handshake = std::exchange(opening, opening && !nothing_new) && nothing_new;
            next.saw(got);
            return nothing_new && !handshake ? answer_to(got, *next.seq) : std::nullopt;
        });
}

TeardownPeer survives_resets() {
    return {.arriving = [](const Segment& segment) { return !segment.has(Flag::rst); }};
}

TeardownPeer skips_time_wait() {
    return host_with([](SimHostOptions& peer) { peer.policy.deviations.no_time_wait = true; });
}

TeardownPeer aborts_without_timestamps() {
    return answers([agreed = false](const Segment& got) mutable -> std::optional<Segment> {
        const bool stamped = got.options.find<Timestamps>().has_value();
        agreed = agreed || (got.has(Flag::syn) && stamped);
        const bool bad = agreed && !stamped && !got.has(Flag::rst);
        return bad ? std::optional{made({Flag::rst}, got.ack, Seq{0})} : std::nullopt;
    });
}

TeardownPeer silent_to_old_timestamps() {
    return {.arriving = [last = std::optional<std::uint32_t>{}](const Segment& got) mutable {
        const auto stamp = got.options.find<Timestamps>();
        const bool old = stamp && last && before(Seq{stamp->val}, Seq{*last});
        if (stamp && !old) {
            last = stamp->val;
        }
        return !old || !got.payload.empty();
    }};
}

TeardownPeer dies_with_the_handshake() {
    return {.arriving = [](const Segment& segment) {
        const bool opens = segment.flags == bare_ack && segment.seq == Seq{1001};
        return segment.has(Flag::syn) || (opens && segment.payload.empty());
    }};
}

TeardownPeer box_for_the_dead(std::function<void(Segment&)> what) {
    return dies_with_the_handshake() +
           to_probes([what = std::move(what)](const Segment& probe, Seq next) {
               // It knows no more than what the handshake said: our FIN is nothing to it.
               auto said = answer_to(probe, next == Seq{1002} ? Seq{1001} : next);
               if (what) {
                   what(*said);
               }
               return said;
           });
}

TeardownPeer box_for_the_living() {
    return to_probes([](const Segment& probe, Seq next) { return answer_to(probe, next); });
}

}  // namespace tcpcraft::test
