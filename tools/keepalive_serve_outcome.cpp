#include <algorithm>

#include <fmt/format.h>
#include <tools/cli/outcome.hpp>
#include <tools/keepalive_serve_log.hpp>
#include <tools/keepalive_serve_outcome.hpp>

namespace tcpcraft::cli {

namespace {

constexpr std::size_t most_marks = 200;  // of one client

std::optional<TimelineEnd> end_of(ClientChange change) {
    switch (change) {
        case ClientChange::closed:
            return TimelineEnd::fin;
        case ClientChange::reset:
        case ClientChange::restarted:
            return TimelineEnd::reset_by_peer;
        case ClientChange::dead:
            return TimelineEnd::silent;
        case ClientChange::unreachable:
            return TimelineEnd::icmp;
        case ClientChange::ended:
            return TimelineEnd::ended;
        default:
            return std::nullopt;
    }
}

}  // namespace

void ClientPicture::take(const ClientEvent& event) {
    if (event.number == 0) {
        return;
    }
    auto known = clients_.find(event.number);
    if (known == clients_.end()) {
        if (clients_.size() >= most_timeline_rows || event.change != ClientChange::connected) {
            left_out_ += event.number > last_left_out_ ? 1 : 0;
            last_left_out_ = std::max(last_left_out_, event.number);
            return;
        }
        known = clients_.emplace(event.number, Client{.since = event.at}).first;
        known->second.row.label = fmt::format("#{} {}", event.number, event.id.remote.text());
        return;
    }
    Client& client = known->second;
    const std::string words = sentence_about(event);
    if (const auto end = end_of(event.change)) {
        client.row.bars.push_back({client.since, event.at, *end, words});
        client.gone = true;
    } else if (client.row.marks.size() < most_marks) {
        client.row.marks.push_back({event.at, event.change == ClientChange::silent, words});
    }
}

Timeline ClientPicture::timeline(Instant now) const {
    Timeline made{.title = "Clients over time"};
    made.about =
        "Each bar is a client, from its handshake to its end; marks are the first probe of a "
        "silence and the answer that ended one.";
    for (const auto& [number, client] : clients_) {
        made.rows.push_back(client.row);
        if (!client.gone) {
            made.rows.back().bars.push_back(
                {client.since, now, TimelineEnd::unseen, "still there"});
        }
    }
    made.left_out = left_out_;
    return made;
}

RunOutcome serve_outcome(int exit_status, const std::string& summary, const ClientCounts& counts,
                         Timeline timeline) {
    RunOutcome made{.exit_status = exit_status, .summary = summary};
    Facts facts;
    for (std::size_t i = 0; i < client_changes; ++i) {
        const auto change = static_cast<ClientChange>(i);
        if (counts[change] > 0) {
            facts.add(fmt::format("Clients: {}", text(change)), fmt::format("{}", counts[change]));
        }
    }
    facts.add("Most at once", fmt::format("{}", counts.most))
        .add("Probes sent", fmt::format("{}", counts.probes))
        .add("Octets", fmt::format("{} in, {} out", counts.octets_in, counts.octets_out))
        .add("Segments", fmt::format("{} in, {} out", counts.segments_in, counts.segments_out));
    made.facts = facts.take();
    made.cases.push_back(case_of("serve", {}, exit_status, summary));
    if (!timeline.rows.empty()) {
        made.timelines.push_back(std::move(timeline));
    }
    return made;
}

}  // namespace tcpcraft::cli
