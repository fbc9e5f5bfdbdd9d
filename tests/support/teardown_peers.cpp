#include <tests/support/teardown_peers.hpp>

namespace tcpcraft::test {

namespace {

constexpr Flags bare_ack{Flag::ack};

}  // namespace

TeardownPeer operator+(const TeardownPeer& one, const TeardownPeer& other) {
    TeardownPeer both = one;
    if (other.host) {
        both.host = [first = one.host, second = other.host](SimHostOptions& peer) {
            if (first) {
                first(peer);
            }
            second(peer);
        };
    }
    if (other.leaving) {
        both.leaving = [first = one.leaving, second = other.leaving](Segment& segment) {
            return (!first || first(segment)) && second(segment);
        };
    }
    if (other.arriving) {
        both.arriving = [first = one.arriving, second = other.arriving](const Segment& segment) {
            return (!first || first(segment)) && second(segment);
        };
    }
    if (other.answering) {
        both.answering = [first = one.answering, second = other.answering](const Segment& segment) {
            auto answer = first ? first(segment) : std::nullopt;
            return answer ? answer : second(segment);
        };
    }
    return both;
}

TeardownPeer honest() { return {}; }

TeardownPeer host_with(std::function<void(SimHostOptions&)> change) {
    return {.host = std::move(change)};
}

TeardownPeer answers(std::function<std::optional<Segment>(const Segment&)> how) {
    return {.answering = std::move(how)};
}

TeardownPeer says(std::function<void(Segment&)> how) {
    return {.leaving = [how = std::move(how)](Segment& segment) {
        how(segment);
        return true;
    }};
}

TeardownPeer never_closes() {
    return host_with([](SimHostOptions& peer) { peer.application = SimApplication::discard; });
}

TeardownPeer refuses() {
    return answers([](const Segment& got) -> std::optional<Segment> {
        if (!got.has(Flag::syn)) {
            return std::nullopt;
        }
        return got.has(Flag::ack) ? made({Flag::rst}, got.ack, Seq{0})
                                  : made({Flag::rst, Flag::ack}, Seq{0}, got.seq + 1);
    });
}

TeardownPeer unreachable() {
    return {.arriving = [](const Segment&) { return false; }};
}

TeardownPeer dies_when_open() {
    return {.arriving = [](const Segment& segment) {
        const bool opens = segment.flags == bare_ack && segment.payload.empty();
        return segment.has(Flag::syn) || (opens && segment.seq == Seq{1001});
    }};
}

TeardownPeer deaf_to(Flag flag, int from) {
    return {.arriving = [flag, from, seen = 0](const Segment& segment) mutable {
        return !segment.has(flag) || ++seen < from;
    }};
}

TeardownPeer loses(Flags flags, int nth) {
    return {.arriving = [flags, nth, seen = 0](const Segment& segment) mutable {
        return segment.flags != flags || ++seen != nth;
    }};
}

TeardownPeer deaf_after(Flag flag, Flags what) {
    return {.arriving = [flag, what, after = false](const Segment& segment) mutable {
        after = after || segment.has(flag);
        return !after || segment.flags != what;
    }};
}

TeardownPeer deaf_to_ack_at(Seq seq) {
    return {.arriving = [seq](const Segment& segment) {
        return segment.flags != bare_ack || segment.seq != seq;
    }};
}

TeardownPeer gone_after(Flag flag, int from) {
    return {.arriving = [flag, from, seen = 0](const Segment& segment) mutable {
        seen += segment.has(flag) ? 1 : 0;
        return seen < from;
    }};
}

TeardownPeer resets(Flag flag, std::uint32_t wrong_by) {
    return answers([flag, wrong_by](const Segment& got) -> std::optional<Segment> {
        if (!got.has(flag) || got.has(Flag::syn)) {
            return std::nullopt;
        }
        return made({Flag::rst}, got.ack + wrong_by, Seq{0});
    });
}

TeardownPeer resets_syn(int n) {
    return answers([n, seen = 0](const Segment& got) mutable -> std::optional<Segment> {
        const bool meant = got.has(Flag::syn) && ++seen == n;
        return meant ? std::optional{made({Flag::rst, Flag::ack}, Seq{0}, got.seq + 1)}
                     : std::nullopt;
    });
}

TeardownPeer after(Flag flag, std::function<Segment(const Segment&)> with_what) {
    return answers([flag, with_what = std::move(with_what),
                    after = false](const Segment& got) mutable -> std::optional<Segment> {
        const bool asked = after && got.flags == bare_ack;
        after = after || got.has(flag);
        return asked ? std::optional{with_what(got)} : std::nullopt;
    });
}

TeardownPeer resets_ack_at(Seq seq) {
    return answers([seq](const Segment& got) -> std::optional<Segment> {
        const bool asked = got.flags == bare_ack && got.seq == seq;
        return asked ? std::optional{made({Flag::rst}, got.ack, Seq{0})} : std::nullopt;
    });
}

TeardownPeer answers_probes(Flags flags, std::uint32_t wrong_by) {
    return answers([=, after = false](const Segment& got) mutable -> std::optional<Segment> {
        after = after || got.has(Flag::fin);
        const bool asked = after && got.flags == bare_ack && got.seq == Seq{1001};
        return asked ? std::optional{made(flags, got.ack + wrong_by, Seq{1002})} : std::nullopt;
    });
}

TeardownPeer ignores_fin_in_ack() {
    return says([](Segment& segment) {
        if (segment.ack == Seq{1002} || segment.ack == Seq{1005}) {  // 1005: after three octets
            segment.ack = segment.ack - 1;
        }
    });
}

TeardownPeer acknowledges_late(Duration after) {
    return host_with([after](SimHostOptions& peer) {
        peer.policy.delayed_ack = after;
        peer.application_delay = 4 * after;
    });
}

TeardownPeer fin_without_ack() {
    return says([](Segment& segment) {
        if (segment.has(Flag::fin)) {
            segment.flags = {Flag::fin};
        }
    });
}

TeardownPeer fin_with_gap() {
    return says([](Segment& segment) {
        if (segment.has(Flag::fin)) {
            segment.seq = segment.seq + 10;
        }
    });
}

TeardownPeer says_fin_once() {
    return {.leaving = [said = false](Segment& segment) mutable {
        const bool again = segment.has(Flag::fin) && said;
        said = said || segment.has(Flag::fin);
        return !again;
    }};
}

TeardownPeer silent_after_fin() {
    return {.leaving = [said = false](Segment& segment) mutable {
        const bool first = !said;
        said = said || segment.has(Flag::fin);
        return first;
    }};
}

TeardownPeer rfc793() {
    return host_with([](SimHostOptions& peer) { peer.policy.challenge_ack = false; });
}

Segment made(Flags flags, Seq seq, Seq ack) {
    Segment segment;
    segment.flags = flags;
    segment.seq = seq;
    segment.ack = ack;
    segment.wnd = 1000;
    return segment;
}

}  // namespace tcpcraft::test
