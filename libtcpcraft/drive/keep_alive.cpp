#include <algorithm>

#include <libtcpcraft/drive/keep_alive.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

constexpr Duration longest_usual_interval = 75s;

/// The sender's SND.NXT before each of its segments, as far as it can be seen.
class Highest {
public:
    void saw(const Sighting& seen) {
        const Seq end = seen.seq + seen.len;
        known_ = !known_ || seen.flags.has(Flag::syn) ? end : later(*known_, end);
    }
    [[nodiscard]] std::optional<Seq> next() const noexcept { return known_; }

private:
    std::optional<Seq> known_{};
};

bool is_probe(const Sighting& seen, std::optional<Seq> next) {
    if (seen.direction == Direction::out) {
        return seen.rule == Rule::keep_alive_probe;
    }
    Segment form;
    form.flags = seen.flags;
    form.seq = seen.seq;
    const std::byte octet{};
    form.payload = std::span{&octet, seen.len == 1 ? 1U : 0U};
    return next && seen.len <= 1 && looks_like_probe(form, *next);
}

void answer(KeepAliveProbe& probe, const Sighting& seen) {
    if (!probe.answer) {
        probe.answer = seen.number;
        probe.delay = seen.at - probe.at;
        probe.reset = seen.flags.has(Flag::rst);
    }
}

}  // namespace

std::string_view text(KeepAliveEnding ending) noexcept {
    switch (ending) {
        case KeepAliveEnding::answered:
            return "answered";
        case KeepAliveEnding::reset:
            return "reset";
        case KeepAliveEnding::silent:
            return "silent";
        case KeepAliveEnding::fin:
            return "fin";
    }
    return "?";
}

bool looks_like_probe(const Segment& segment, Seq rcv_nxt) noexcept {
    const bool plain = segment.has(Flag::ack) && !segment.has(Flag::syn) &&
                       !segment.has(Flag::fin) && !segment.has(Flag::rst);
    return plain && segment.len() <= 1 && before(segment.seq, rcv_nxt) &&
           at_or_before(segment.seq + segment.len(), rcv_nxt);
}

std::vector<KeepAliveProbe> probes_in(std::span<const Sighting> seen, Direction direction) {
    std::vector<KeepAliveProbe> probes;
    Highest sent;
    for (const Sighting& one : seen) {
        if (one.direction != direction) {
            if (!probes.empty() && !one.lost) {
                answer(probes.back(), one);
            }
            continue;
        }
        if (is_probe(one, sent.next())) {
            probes.push_back({.number = one.number,
                              .at = one.at,
                              .len = one.len,
                              .seq_offset = sent.next() ? distance(*sent.next(), one.seq) : 0,
                              .timestamps = one.timestamps});
        } else {
            sent.saw(one);
        }
    }
    return probes;
}

Duration overdue_after(std::span<const Instant> probes, Duration first_within) {
    if (probes.size() < 2) {
        return std::min(std::max<Duration>(2 * longest_usual_interval, 10s),
                        std::max<Duration>(first_within, 10s));
    }
    return 5 * (probes.back() - probes[probes.size() - 2]) / 2 + 1s;
}

}  // namespace tcpcraft
