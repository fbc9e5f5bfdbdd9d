#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/standing_line.hpp>
#include <tools/keepalive_progress.hpp>

#include <libtcpcraft/drive/keep_alive.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;

Instant last_sent(const Session& session) {
    Instant last{};
    for (const Sighting& seen : session.connection().sightings()) {
        if (seen.direction == Direction::out && !seen.lost) {
            last = std::max(last, seen.at);
        }
    }
    return last;
}

std::string of_learning(const KeepAliveOptions& options, const Session& session, Instant now) {
    const LearnProgress made = learn_progress(session.connection().sightings());
    if (made.seen == 0) {
        const Duration silent = now - last_sent(session);
        return fmt::format("silent for {}; its first probe within {}, if there is one",
                           whole_seconds(silent), whole_seconds(options.patience - silent));
    }
    const std::string so_far = fmt::format("{} of {} probes{}", made.seen, made.expected,
                                           made.by_profile ? "" : " (if it counts as Linux does)");
    return made.ends_at == never
               ? so_far + ", its spacing is not known yet"
               : fmt::format("{}, {} left", so_far, whole_seconds(made.ends_at - now));
}

std::string of_probing(const Session& session, Instant now) {
    const auto probes = probes_in(session.connection().sightings(), Direction::out);
    const Instant next = session.connection().deadline();
    const std::string sent =
        fmt::format("{} probe{} sent", probes.size(), probes.size() == 1 ? "" : "s");
    return next == never ? sent
                         : fmt::format("{}, the next in {}", sent, whole_seconds(next - now));
}

}  // namespace

std::optional<Duration> patience_left(const KeepAliveOptions& options, const Session& session,
                                      Instant now) {
    if (session.connection().tcb().state != State::established ||
        learn_progress(session.connection().sightings()).seen > 0) {
        return std::nullopt;
    }
    return std::max<Duration>(last_sent(session) + options.patience - now, 0s);
}

std::string keep_alive_progress(const KeepAliveOptions& options,
                                std::span<const std::unique_ptr<Session>> sessions, Instant now) {
    const auto over = static_cast<std::size_t>(
        std::ranges::count_if(sessions, [](const auto& session) { return session->finished(); }));
    if (sessions.empty()) {
        return fmt::format("no client yet after {}", whole_seconds(now - Instant{}));
    }
    if (sessions.size() > 1) {
        return fmt::format("{} connections, {} at their end, {}", sessions.size(), over,
                           whole_seconds(now - Instant{}));
    }
    const Session& session = *sessions.front();
    if (session.connection().tcb().state != State::established) {
        return fmt::format("{}", text(session.connection().tcb().state));
    }
    return options.verb == KeepAliveOptions::Verb::learn ? of_learning(options, session, now)
                                                         : of_probing(session, now);
}

}  // namespace tcpcraft::cli
