#include <chrono>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <tests/kernel/differences/tally.hpp>

namespace tcpcraft::test {
namespace {

/// The least time after which Linux sends again (TCP_RTO_MIN is 200 ms), and some to spare.
constexpr std::chrono::milliseconds kernels_patience{150};
/// More than these are no accident.
constexpr std::size_t most_stalled = 20;

void take(Tally& tally, DialogueRun::Result&& result) {
    if (result.segments >= least_segments) {
        ++tally.dialogues;
    }
    tally.segments += result.segments;
    tally.repetitions += result.repetitions;
    tally.states.insert(result.states.begin(), result.states.end());
    for (DialogueRun::Told& told : result.explained) {
        for (const std::size_t kind : told.kinds) {
            Tally::Seen& seen = tally.differences[kind];
            const bool shows = told.example.find("ours:") != std::string::npos;
            if (seen.times++ == 0 || (shows && told.kinds.size() == 1)) {
                seen.example = told.example;
            }
        }
    }
    if (result.unexplained) {
        tally.unexplained.push_back(std::move(*result.unexplained));
    }
}

/// A paragraph of at most 100 columns.
std::string wrapped(std::string_view lead, std::string_view text) {
    std::istringstream words{std::string{text}};
    std::string all{lead};
    std::size_t column = lead.size();
    for (std::string word; words >> word;) {
        if (column + 1 + word.size() > 100) {
            all += "\n ";
            column = 1;
        }
        all += " " + word;
        column += 1 + word.size();
    }
    return all + "\n";
}

constexpr std::string_view introduction =
    R"(# Where Linux differs

The same seeded dialogues are played to a socket of the Linux kernel and to the engine under the
policy `linux_policy()` (`engine/presets.hpp`): as client and as server, over IPv4 and IPv6, with
and without timestamps, window scale and SACK, with valid, stale, early and senseless segments, and
SEND, shutdown() and close() in between. After every segment both have to have sent the same (RST,
SYN, FIN and ACK bits, numbers, lengths, presence of options), delivered the same octets, have the
same octets unacknowledged and stand in the same state.

Where they do not, the difference has to be one of those below. Each is a small function in
`tests/kernel/differences/quirks_*.cpp` that makes the engine's step Linux's way; a difference is
explained by it only if the engine, so altered, gives exactly what the kernel gave, and the dialogue
goes on from there. One alone or two that meet may explain a segment.

Not compared: PSH, ECE, CWR and URG bits, the value of the window field (the engine is given the
kernel's), SACK blocks, how data is cut into segments, congestion control (windows are shut or
ample), ICMP, and whatever takes time: `tcp_invalid_ratelimit` is 0 (`challenge_spacing`),
TCP_QUICKACK is on (`delayed_ack`), and what a timer of the kernel's repeats is left out.

This page is written by `differences_kernel_tests --write-page FILE`; a test compares it with the
list. Measured on Linux 6.18; other kernels may differ in other points. Runs of ten thousand
dialogues and more, with other seeds, meet a case or two that the list does not have; those known
are a second FIN of the peer's at another number than the first, and a RST behind it.
)";

}  // namespace

Tally compare(PeerWire& wire, std::uint64_t seed, std::size_t dialogues, const Step& step,
              std::size_t unexplained_enough) {
    Tally tally;
    tally.seed = seed;
    tally.differences.resize(known_differences().size());
    for (std::uint32_t number = 0;
         tally.dialogues < dialogues && tally.unexplained.size() < unexplained_enough; ++number) {
        const auto began = std::chrono::steady_clock::now();
        auto result = DialogueRun{wire, seed, number, step}.play(tally.flags_seen);
        const bool slow = std::chrono::steady_clock::now() - began > kernels_patience;
        if (slow && result.unexplained && tally.stalled < most_stalled) {
            ++tally.stalled;
            continue;
        }
        take(tally, std::move(result));
    }
    return tally;
}

std::string page(const Tally& tally) {
    std::string text{introduction};
    text += fmt::format("\nSeen in {} dialogues with {} segments, seed {}.\n", tally.dialogues,
                        tally.segments, tally.seed);
    for (std::size_t i = 0; i < known_differences().size(); ++i) {
        const KnownDifference& known = known_differences()[i];
        const Tally::Seen seen =
            i < tally.differences.size() ? tally.differences[i] : Tally::Seen{};
        text += fmt::format("\n## {}\n\n", known.title);
        text += wrapped("- Linux:", known.linux_does) + wrapped("- Here:", known.we_do) +
                wrapped("- Why:", known.why);
        text += fmt::format(
            "\nSeen {} times, for example "
            "(numbers count from each side's ISN):\n\n```\n{}\n```\n",
            seen.times, seen.example);
    }
    return text;
}

std::string without_figures(const std::string& page) {
    std::istringstream lines{page};
    std::string kept;
    bool example = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("```", 0) == 0) {
            example = !example;
        } else if (!example && line.rfind("Seen ", 0) != 0) {
            kept += line + "\n";
        }
    }
    return kept;
}

}  // namespace tcpcraft::test
