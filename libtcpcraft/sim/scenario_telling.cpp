#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/sim/scenario_end.hpp>
#include <libtcpcraft/trace/defined.hpp>

namespace tcpcraft {

namespace {

class Teller {
public:
    Teller(TraceSink& sink, std::size_t connection) : sink_{sink}, connection_{connection} {}

    void say(std::string text, Note::Kind kind = Note::Kind::plain) {
        write(Note{std::move(text), kind});
    }
    void write(decltype(Record::what) what) {
        sink_.write(
            Record{.at = last_, .connection = connection_, .id = id_, .what = std::move(what)});
    }
    /// One end's ladder; the numbers of its segments.
    std::vector<std::size_t> replay(const KeptRecords& seen, Lifelines ends,
                                    std::size_t& segments) {
        std::vector<std::size_t> numbers;
        id_ = seen.all().empty() ? ConnectionId{} : seen.all().front().id;
        write(std::move(ends));
        for (Record record : seen.all()) {
            record.connection = connection_;
            if (auto* segment = std::get_if<SegmentSeen>(&record.what)) {
                numbers.push_back(segments);
                segment->number = segments++;
            }
            last_ = record.at;
            sink_.write(record);
        }
        return numbers;
    }

private:
    TraceSink& sink_;
    std::size_t connection_;
    ConnectionId id_{};
    Instant last_{};
};

bool short_time_wait(const Policy& policy) {
    return policy.time_wait && *policy.time_wait < 2 * policy.msl;
}

void add(std::vector<std::string>& made, SimSide side, const Policy& policy) {
    const std::string_view who = text(side);
    const Deviations& broken = policy.deviations;
    if (short_time_wait(policy)) {
        made.push_back(
            fmt::format("the {}'s TIME-WAIT is {}, as Linux has it, and not 2 MSL = {} "
                        "(against RFC 9293 §3.6.1, MUST-13)",
                        who, seconds_text(*policy.time_wait), seconds_text(2 * policy.msl)));
    }
    if (broken.two_way_handshake) {
        made.push_back(
            fmt::format("the {} skips SYN-RECEIVED and believes every SYN "
                        "(against RFC 9293 §3.5)",
                        who));
    }
    if (broken.no_time_wait) {
        made.push_back(
            fmt::format("the {} goes to CLOSED in place of TIME-WAIT "
                        "(against RFC 9293 §3.6.1, MUST-13)",
                        who));
    }
    if (broken.mute_when_closed) {
        made.push_back(
            fmt::format("the {} says nothing while it is CLOSED, as a host that is "
                        "off or filtered (against RFC 9293 §3.10.7.1)",
                        who));
    }
}

std::string paragraph(std::string_view heading, const std::vector<std::string>& lines) {
    std::string made{heading};
    for (const std::string& line : lines) {
        made += "\n  " + line;
    }
    return made;
}

/// Who stands where on this end's ladder.
Lifelines lifelines(const SimScenario& scenario, const SimOutcome& outcome, SimSide us) {
    const SimSide peer = us == SimSide::client ? SimSide::server : SimSide::client;
    const auto seen = [us](SimSide side) { return side == us ? Direction::out : Direction::in; };
    Lifelines made{std::string{text(us)}, std::string{text(peer)}, {}, scenario.id};
    made.symbols = {.old_iss = scenario.old_iss, .opener = seen(SimSide::client)};
    if (outcome.first_closer) {
        made.symbols.first_closer = seen(*outcome.first_closer);
    }
    return made;
}

std::string send_buffer_text(const Tcb& tcb) {
    const Buffers* held = tcb.buffers.peek();
    return fmt::format("send buffer: {} octets", held == nullptr ? 0 : held->send.size());
}

std::string receive_buffer_text(const Tcb& tcb) {
    const Buffers* held = tcb.buffers.peek();
    std::size_t waiting = 0;
    for (const auto& piece : held == nullptr ? std::vector<Buffers::Piece>{} : held->out_of_order) {
        waiting += piece.data.size();
    }
    return fmt::format("receive buffer: {} octets free, {} out of order", tcb.rcv.wnd, waiting);
}

/// `101 to 105, again in 0.995 s, RTO 1 s`; a single number is a SYN's or a FIN's, or one octet's.
std::string queue_text(const Tcb& tcb, Instant now) {
    const std::uint32_t flight = tcb.snd.nxt.raw() - tcb.snd.una.raw();
    if (flight == 0 || !has_own_numbers(tcb.state)) {
        return has_own_numbers(tcb.state) ? "empty, RTO " + seconds_text(tcb.rto.value()) : "empty";
    }
    std::string made = std::to_string(tcb.snd.una.raw());
    if (tcb.snd.una == tcb.snd.iss) {
        made += " (SYN)";
    }
    if (flight > 1) {
        made += fmt::format(" to {}", (tcb.snd.nxt - 1).raw());
    }
    if (const auto timer = tcb.timers.at(Timer::retransmission)) {
        made += fmt::format(", again in {}", seconds_text(*timer - now));
    }
    return made + ", RTO " + seconds_text(tcb.rto.value());
}

void tell_verdict(Teller& teller, const SimScenario& scenario, const SimOutcome& outcome,
                  std::vector<std::size_t> segments) {
    if (!outcome.as_expected()) {
        teller.write(Judged{scenario.id, Verdict::violates, scenario.rule,
                            "not as it has to be: " + outcome.differences.front(),
                            std::move(segments)});
    } else if (is_judged(scenario)) {
        const bool apart = short_time_wait(scenario.client) || short_time_wait(scenario.server);
        teller.write(
            Judged{scenario.id, Verdict::conforms, scenario.rule,
                   std::string{"segments, states and times of both ends are as they have to be"} +
                       (apart ? ", apart from the shortened TIME-WAIT" : ""),
                   std::move(segments)});
    }
}

}  // namespace

std::vector<std::string> deviations_of(const SimScenario& scenario) {
    std::vector<std::string> made;
    add(made, SimSide::client, scenario.client);
    add(made, SimSide::server, scenario.server);
    return made;
}

bool is_judged(const SimScenario& scenario) noexcept {
    return !scenario.client.deviations.any() && !scenario.server.deviations.any();
}

void tell(const SimScenario& scenario, const SimOutcome& outcome, std::size_t number,
          std::size_t& segments, TraceSink& sink) {
    Teller client{sink, number};
    Teller server{sink, number + 1};
    client.say(fmt::format("{}: {}", scenario.id, scenario.title), Note::Kind::heading);
    for (const std::string& deviation : deviations_of(scenario)) {
        client.say("DEVIATION ON PURPOSE: " + deviation, Note::Kind::warning);
    }
    client.say(scenario.story, Note::Kind::explanation);
    client.say("At the client (right: the server's true state):");
    const auto numbers =
        client.replay(outcome.seen[0], lifelines(scenario, outcome, SimSide::client), segments);
    server.say("At the server (right: the client's true state):");
    static_cast<void>(
        server.replay(outcome.seen[1], lifelines(scenario, outcome, SimSide::server), segments));
    if (!outcome.symbols.empty()) {
        client.say(paragraph("Symbols:", outcome.symbols));
    }
    if (!outcome.times.empty()) {
        client.say(paragraph("Times, not scaled:", outcome.times));
    }
    client.say(scenario.lesson, Note::Kind::explanation);
    tell_verdict(client, scenario, outcome, numbers);
}

void capture(const SimScenario& scenario, const SimOutcome& outcome, std::size_t number,
             TraceSink& sink) {
    std::vector<Record> sent;
    for (const SimSide side : {SimSide::client, SimSide::server}) {
        const std::size_t end = number + static_cast<std::size_t>(side);
        for (Record record : outcome.seen[static_cast<std::size_t>(side)].all()) {
            record.connection = end;
            const auto* seen = std::get_if<SegmentSeen>(&record.what);
            if (seen != nullptr && seen->direction == Direction::out) {
                sent.push_back(std::move(record));
            }
        }
        Record names{.connection = end};
        names.what = lifelines(scenario, outcome, side);
        sink.write(names);
    }
    std::ranges::stable_sort(
        sent, {}, [](const Record& record) { return std::get<SegmentSeen>(record.what).number; });
    for (const Record& record : sent) {
        sink.write(record);
    }
}

std::vector<std::string> tcb_lines(const Tcb& tcb, Instant now) {
    const bool own = has_own_numbers(tcb.state);
    const bool peers = has_peer_numbers(tcb.state);
    const auto if_known = [](bool known, std::uint32_t number) {
        return known ? std::to_string(number) : "–";
    };
    return {
        fmt::format("connection: {} to {}", tcb.id.local.text(),
                    own ? tcb.id.remote.text() : "anyone"),
        send_buffer_text(tcb),
        receive_buffer_text(tcb),
        "retransmission queue: " + queue_text(tcb, now),
        fmt::format("SND.UNA {}, SND.NXT {}, SND.WND {}, SND.UP {}",
                    if_known(own, tcb.snd.una.raw()), if_known(own, tcb.snd.nxt.raw()),
                    if_known(peers, tcb.snd.wnd), if_known(own, tcb.snd.up.raw())),
        fmt::format("SND.WL1 {}, SND.WL2 {}, ISS {}", if_known(peers, tcb.snd.wl1.raw()),
                    if_known(peers, tcb.snd.wl2.raw()), if_known(own, tcb.snd.iss.raw())),
        fmt::format("RCV.NXT {}, RCV.WND {}, RCV.UP {}, IRS {}", if_known(peers, tcb.rcv.nxt.raw()),
                    tcb.rcv.wnd, if_known(peers, tcb.rcv.up.raw()),
                    if_known(peers, tcb.rcv.irs.raw())),
    };
}

}  // namespace tcpcraft
