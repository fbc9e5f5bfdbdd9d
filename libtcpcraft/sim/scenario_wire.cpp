#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <libtcpcraft/sim/scenario_wire.hpp>

namespace tcpcraft {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> meanings{{
    {"x0", "the number of a SYN from an earlier connection"},
    {"x", "the client's first number: its ISS"},
    {"y", "the server's first number: its ISS"},
    {"u", "the first FIN's number, behind its sender's last octet"},
    {"v", "the number the FIN's sender expects next"},
    {"w", "the other FIN's number: v and the octets sent in between"},
}};

/// `x = 100` with what x is.
std::string explained(const std::string& learnt) {
    std::string letter = learnt.substr(0, learnt.find(' '));
    const bool another = letter.back() == '\'';
    if (another) {
        return learnt + (letter.front() == 'y'
                             ? ", the server's first number for the next SYN it answers"
                             : ", the client's first number for its next SYN");
    }
    const auto* const found = std::ranges::find(
        meanings, letter, [](const auto& pair) { return std::string{pair.first}; });
    if (found == meanings.end()) {
        return learnt;
    }
    return fmt::format("{}, {}", learnt, found->second);
}

const std::vector<Passed>& history(const std::array<SimEnd*, 2>& ends, SimSide side) {
    return ends[static_cast<std::size_t>(side)]->history();
}

/// When the end left by this rule, if it did.
std::optional<Instant> left_by(const std::vector<Passed>& history, Rule rule) {
    const auto found = std::ranges::find(history, rule, &Passed::rule);
    return found == history.end() ? std::nullopt : std::optional{found->at};
}

/// `1, 3, 7 s`
std::string joined(const std::vector<Duration>& times) {
    std::string made;
    for (const Duration time : times) {
        made += fmt::format("{}{:.6g}", made.empty() ? "" : ", ", seconds(time));
    }
    return made + " s";
}

bool same_numbers(const OnWire& a, const OnWire& b) {
    const auto one = parse(a.octets);
    const auto other = parse(b.octets);
    return a.from == b.from && one->segment.seq == other->segment.seq &&
           one->segment.flags == other->segment.flags;
}

/// The retransmissions of what stands at `first`; empty when there are none.
std::string repeated(const std::vector<OnWire>& wire, std::size_t first,
                     const std::array<SimEnd*, 2>& ends) {
    std::vector<Duration> offsets;
    for (std::size_t i = first + 1; i < wire.size(); ++i) {
        if (wire[i].retransmission && same_numbers(wire[i], wire[first])) {
            offsets.push_back(wire[i].at - wire[first].at);
        }
    }
    if (offsets.empty()) {
        return {};
    }
    const auto gave_up = left_by(history(ends, wire[first].from), Rule::retransmission_gives_up);
    const Flags flags = parse(wire[first].octets)->segment.flags;
    return fmt::format(
        "the {} sends its {} again after {}{}", text(wire[first].from), spelled_flags(flags),
        joined(offsets),
        gave_up ? ", and gives up after " + seconds_text(*gave_up - wire[first].at) : "");
}

std::string time_wait(const SimEnd& end, SimSide side) {
    const auto& passed = end.history();
    const auto in = std::ranges::find(passed, State::time_wait, &Passed::to);
    if (in == passed.end() || in + 1 == passed.end()) {
        return {};
    }
    std::vector<Duration> restarts;
    for (const Instant restart : end.restarts()) {
        restarts.push_back(restart - in->at);
    }
    const std::string all = seconds_text((in + 1)->at - in->at);
    if (restarts.empty()) {
        return fmt::format("TIME-WAIT of the {}: {}", text(side), all);
    }
    return fmt::format("TIME-WAIT of the {}: {}, restarted after {}: {} in all", text(side),
                       seconds_text((in + 1)->at - end.restarts().back()), joined(restarts), all);
}

std::string probes(const std::vector<OnWire>& wire, SimSide side,
                   const std::vector<Passed>& passed) {
    std::vector<Duration> silences;
    std::optional<Instant> heard;
    for (const OnWire& one : wire) {
        if (one.from == side && one.rule == Rule::keep_alive_probe) {
            silences.push_back(one.silence);
            heard = one.at - one.silence;
        }
    }
    if (silences.empty()) {
        return {};
    }
    const auto dead = left_by(passed, Rule::keep_alive_dead);
    return fmt::format("the {} probes after {} of silence{}", text(side), joined(silences),
                       dead ? ", and closes after " + seconds_text(*dead - *heard) : "");
}

}  // namespace

std::string WireText::read(const OnWire& one) {
    const Segment segment = parse(one.octets)->segment;
    const Direction sender = one.from == SimSide::client ? Direction::out : Direction::in;
    letters_.see(sender, segment);
    if (segment.has(Flag::fin) && !first_closer_) {
        first_closer_ = one.from;
    }
    for (const std::string& learnt : letters_.take_learnt()) {
        symbols_.push_back(explained(learnt));
    }
    std::string made = fmt::format("{} {} seq={}", text(one.from), spelled_flags(segment.flags),
                                   letters_.seq(sender, segment.seq));
    if (segment.has(Flag::ack)) {
        made += " ack=" + letters_.seq(reverse(sender), segment.ack);
    }
    if (!segment.payload.empty()) {
        made += fmt::format(" len={}", segment.payload.size());
    }
    return one.fault.empty() ? made : made + " (" + one.fault + ")";
}

std::vector<std::string> WireText::read(const std::vector<OnWire>& wire) {
    std::vector<std::string> made;
    made.reserve(wire.size());
    for (const OnWire& one : wire) {
        made.push_back(read(one));
    }
    return made;
}

std::vector<std::string> times_of(const std::vector<OnWire>& wire,
                                  const std::array<SimEnd*, 2>& ends) {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < wire.size(); ++i) {
        if (!wire[i].retransmission) {
            made.push_back(repeated(wire, i, ends));
        }
    }
    for (const SimSide side : {SimSide::client, SimSide::server}) {
        SimEnd& end = *ends[static_cast<std::size_t>(side)];
        made.push_back(probes(wire, side, end.history()));
        made.push_back(time_wait(end, side));
        made.insert(made.end(), end.looks().begin(), end.looks().end());
    }
    std::erase(made, "");
    return made;
}

}  // namespace tcpcraft
