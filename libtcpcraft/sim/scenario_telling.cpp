#include <fmt/format.h>

#include <libtcpcraft/sim/scenario_end.hpp>

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

void add(std::vector<std::string>& made, SimSide side, const Deviations& broken) {
    const std::string_view who = text(side);
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
    Lifelines made{std::string{text(us)}, std::string{text(peer)}, {}};
    made.symbols = {.old_iss = scenario.old_iss, .opener = seen(SimSide::client)};
    if (outcome.first_closer) {
        made.symbols.first_closer = seen(*outcome.first_closer);
    }
    return made;
}

void tell_verdict(Teller& teller, const SimScenario& scenario, const SimOutcome& outcome,
                  std::vector<std::size_t> segments) {
    if (!outcome.as_expected()) {
        teller.write(Judged{scenario.id, Verdict::violates, scenario.rule,
                            "not as it has to be: " + outcome.differences.front(),
                            std::move(segments)});
    } else if (deviations_of(scenario).empty()) {
        teller.write(Judged{scenario.id, Verdict::conforms, scenario.rule,
                            "segments, states and times of both ends are as they have to be",
                            std::move(segments)});
    }
}

}  // namespace

std::vector<std::string> deviations_of(const SimScenario& scenario) {
    std::vector<std::string> made;
    add(made, SimSide::client, scenario.client.deviations);
    add(made, SimSide::server, scenario.server.deviations);
    return made;
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
    client.say("What the client sees:");
    const auto numbers =
        client.replay(outcome.seen[0], lifelines(scenario, outcome, SimSide::client), segments);
    server.say("What the server sees:");
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

std::vector<std::string> tcb_lines(const Tcb& tcb, Instant now) {
    const Buffers* held = tcb.buffers.peek();
    const std::size_t queued = held == nullptr ? 0 : held->send.size();
    std::size_t waiting = 0;
    for (const auto& piece : held == nullptr ? std::vector<Buffers::Piece>{} : held->out_of_order) {
        waiting += piece.data.size();
    }
    const std::uint32_t flight = tcb.snd.nxt.raw() - tcb.snd.una.raw();
    const bool listens = tcb.state == State::listen;
    const auto timer = tcb.timers.at(Timer::retransmission);
    std::string queue = flight == 0 || listens
                            ? "empty"
                            : fmt::format("{} to {}", tcb.snd.una.raw(), (tcb.snd.nxt - 1).raw());
    if (timer && !listens) {
        queue += fmt::format(", again in {}", seconds_text(*timer - now));
    }
    std::vector<std::string> made{
        fmt::format("connection: {} to {}", tcb.id.local.text(),
                    listens ? "anyone" : tcb.id.remote.text()),
        fmt::format("send buffer: {} octets", queued),
        fmt::format("receive buffer: {} octets free, {} out of order", tcb.rcv.wnd, waiting),
        "retransmission queue: " + queue +
            (listens ? "" : ", RTO " + seconds_text(tcb.rto.value())),
    };
    if (listens) {
        return made;
    }
    made.push_back(fmt::format("SND.UNA {}, SND.NXT {}, SND.WND {}, SND.WL1 {}, SND.WL2 {}, ISS {}",
                               tcb.snd.una.raw(), tcb.snd.nxt.raw(), tcb.snd.wnd, tcb.snd.wl1.raw(),
                               tcb.snd.wl2.raw(), tcb.snd.iss.raw()));
    made.push_back(fmt::format("RCV.NXT {}, RCV.WND {}, IRS {}", tcb.rcv.nxt.raw(), tcb.rcv.wnd,
                               tcb.rcv.irs.raw()));
    return made;
}

}  // namespace tcpcraft
