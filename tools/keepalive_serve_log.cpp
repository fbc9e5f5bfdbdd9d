#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/keepalive_serve_log.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr std::size_t lines_a_second = 20;
constexpr std::size_t findings_a_second = 200;
constexpr std::size_t events_a_second = 200;
/// So much has to have happened since the last line about all of them.
constexpr std::size_t worth_a_status = 100;
/// A document is in memory until the end; nobody shall need to restart the server for that.
constexpr std::size_t events_in_a_document = 100'000;

bool is_finding(ClientChange change, bool json) noexcept {
    switch (change) {
        case ClientChange::closed:
            return json;  // a program wants every end
        case ClientChange::dead:
        case ClientChange::reset:
        case ClientChange::restarted:
        case ClientChange::unreachable:
        case ClientChange::ended:
            return true;
        default:
            return false;
    }
}

std::string plural(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string said_of(const ClientEvent& event) {
    return fmt::format("{} there, {} octets in, {} out", spoken(event.lasted), event.octets_in,
                       event.octets_out);
}

std::string death_of(const ClientEvent& event) {
    const std::string unanswered = event.rule == Rule::keep_alive_dead
                                       ? plural(event.probes, "probe") + " without an answer"
                                       : "what was sent again was not acknowledged";
    return fmt::format("dead: nothing heard for {}, {}; forgotten without a word",
                       spoken(event.silence), unanswered);
}

Json as_json(const ClientEvent& event) {
    Json made{{"connection", event.number == 0 ? Json(nullptr) : Json(event.number)},
              {"remote", event.id.remote.text()},
              {"change", text(event.change)},
              {"silence", seconds(event.silence)},
              {"lasted", seconds(event.lasted)},
              {"probes", event.probes},
              {"octets_in", event.octets_in},
              {"octets_out", event.octets_out}};
    if (event.rule != Rule::none) {
        made["state"] = text(event.state);
        made["rule"] = citation(event.rule);
    }
    return made;
}

Json counts_json(const ClientCounts& counts) {
    Json made{{"now", counts.now}, {"most_at_once", counts.most}};
    for (std::size_t i = 0; i < client_changes; ++i) {
        const auto change = static_cast<ClientChange>(i);
        made[std::string{text(change)}] = counts[change];
    }
    return made;
}

}  // namespace

std::string sentence_about(const ClientEvent& event) {
    switch (event.change) {
        case ClientChange::connected:
            return "connected";
        case ClientChange::silent:
            return fmt::format("silent for {}: probing", spoken(event.silence));
        case ClientChange::answered:
            return fmt::format("answers probe {}, after {} of silence", event.probes,
                               spoken(event.silence));
        case ClientChange::closed:
            return "closed; " + said_of(event);
        case ClientChange::reset:
            return "reset by the client; " + said_of(event);
        case ClientChange::restarted:
            return fmt::format("restarted: a RST answers probe {}, after {} of silence",
                               event.probes, spoken(event.silence));
        case ClientChange::dead:
            return death_of(event);
        case ClientChange::unreachable:
            return "unreachable: an ICMP error ended it; " + said_of(event);
        case ClientChange::unopened:
            return "never completed the handshake";
        case ClientChange::refused:
            return "refused by RST: one more than --max-clients";
        case ClientChange::ended:
            return (event.state == State::time_wait
                        ? std::string{"closed by us; "}
                        : fmt::format("reset by us in {}; ", text(event.state))) +
                   said_of(event);
    }
    return "?";
}

ClientLog::ClientLog(Report& report, const OutputOptions& output)
    : report_{report}, says_{!output.quiet && output.json == JsonMode::off}, json_{output.json} {}

bool ClientLog::allows(const ClientEvent& event) {
    if (event.at - second_ >= 1s) {
        tell_uncounted(event.at);
        second_ = event.at;
        told_ = 0;
        findings_ = 0;
    }
    if (is_finding(event.change, json_ != JsonMode::off)) {
        return json_ != JsonMode::off || findings_++ < findings_a_second;
    }
    return told_++ < (json_ != JsonMode::off ? events_a_second : lines_a_second);
}

void ClientLog::tell(const ClientEvent& event) {
    if (!allows(event)) {
        ++uncounted_[static_cast<std::size_t>(event.change)];
        ++owed_;
        return;
    }
    if (says_) {
        const std::string name = event.number == 0 ? "-" : fmt::format("#{}", event.number);
        report_.say(fmt::format("{:>10.3f}  {:<6} {:<22} {}", seconds(event.at.time_since_epoch()),
                                name, event.id.remote.text(), sentence_about(event)));
    } else if (json_ != JsonMode::off) {
        keep_event(event.at, "client", dumped(as_json(event)));
    }
}

void ClientLog::keep_event(Instant at, std::string_view name, const std::string& members) {
    if (json_ == JsonMode::document && kept_ >= events_in_a_document) {
        ++left_out_;
        return;
    }
    ++kept_;
    report_.event(at, name, members);
}

void ClientLog::tell_uncounted(Instant now) {
    if (owed_ == 0) {
        return;
    }
    Json counted = Json::object();
    std::string words;
    for (std::size_t i = 0; i < client_changes; ++i) {
        if (uncounted_[i] != 0) {
            const std::string name{text(static_cast<ClientChange>(i))};
            counted[name] = uncounted_[i];
            words += fmt::format("{}{} {}", words.empty() ? "" : ", ", uncounted_[i], name);
        }
    }
    uncounted_ = {};
    owed_ = 0;
    if (says_) {
        report_.say(fmt::format("{:>10.3f}  and more: {}", seconds(now.time_since_epoch()), words));
    } else if (json_ != JsonMode::off) {
        keep_event(now, "clients", dumped(Json{{"not_told", counted}}));
    }
}

void ClientLog::tell_status(Instant now, const ClientCounts& counts) {
    std::size_t changes = 0;
    for (const std::size_t count : counts.of) {
        changes += count;
    }
    if (changes < last_status_ + worth_a_status) {
        return;
    }
    last_status_ = changes;
    if (says_) {
        report_.say(fmt::format("{:>10.3f}  {} now; {}", seconds(now.time_since_epoch()),
                                plural(counts.now, "client"), summary_of(counts)));
    } else if (json_ != JsonMode::off) {
        keep_event(now, "clients", dumped(Json{{"counts", counts_json(counts)}}));
    }
}

std::string serving_json(std::string_view where, std::string_view started_at,
                         const KeepAlive& times) {
    return dumped(Json{{"listening", where},
                       {"started_at", started_at},
                       {"idle", seconds(times.idle)},
                       {"interval", seconds(times.interval)},
                       {"count", times.count}});
}

std::string summary_of(const ClientCounts& counts) {
    using enum ClientChange;
    return fmt::format("{} came, {} closed, {} reset, {} restarted, {} dead", counts[connected],
                       counts[closed], counts[reset], counts[restarted], counts[dead]);
}

void say_summary(Report& report, const ClientCounts& counts) {
    using enum ClientChange;
    const auto row = [&report](std::size_t count, std::string_view what, bool always) {
        if (count != 0 || always) {
            report.say(fmt::format("{:>10}  {}", count, what));
        }
    };
    report.say("clients:");
    row(counts[connected], fmt::format("connected, {} of them at once", counts.most), true);
    row(counts[closed], "closed", true);
    row(counts[reset], "reset by the client", true);
    row(counts[restarted], "restarted: a RST answered a probe", true);
    row(counts[dead], "dead: nothing answered", true);
    row(counts[ended], "still there, ended by us", true);
    row(counts[unreachable], "unreachable: ended by an ICMP error", false);
    row(counts[unopened], "never completed the handshake", false);
    row(counts[refused], "refused by RST: one more than --max-clients", false);
    row(counts.malformed, "packets ignored: no TCP segment, or a wrong checksum", false);
    row(counts.unsent, "segments not sent: " + counts.last_error, false);
    report.say(fmt::format("probes: {} sent; silences: {}, ended by an answer: {}", counts.probes,
                           counts[silent], counts[answered]));
    report.say(fmt::format("octets: {} in, {} out; segments: {} in, {} out", counts.octets_in,
                           counts.octets_out, counts.segments_in, counts.segments_out));
}

std::string serve_json(int exit_status, const std::string& summary, const ClientCounts& counts,
                       const LinkCounters& link, std::size_t left_out) {
    return dumped(Json{{"exit_status", exit_status},
                       {"summary", summary},
                       {"clients", counts_json(counts)},
                       {"probes", counts.probes},
                       {"octets_in", counts.octets_in},
                       {"octets_out", counts.octets_out},
                       {"segments_in", counts.segments_in},
                       {"segments_out", counts.segments_out},
                       {"malformed", counts.malformed},
                       {"unsent", counts.unsent},
                       {"capture_lost", link.lost},
                       {"escaped_resets", link.escaped_resets},
                       {"events_left_out", left_out}});
}

}  // namespace tcpcraft::cli
