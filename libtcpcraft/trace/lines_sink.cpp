#include <ostream>

#include <fmt/format.h>

#include <libtcpcraft/trace/lines_sink.hpp>
#include <libtcpcraft/trace/remembered.hpp>
#include <libtcpcraft/trace/wording.hpp>

namespace tcpcraft {

namespace {

std::string end_text(const Address& address, Port port) {
    return fmt::format("{}.{}", address.text(), port.value);
}

/// `seq 1:11` where it carries data, as tcpdump has it.
std::string seq_text(const SegmentSeen& seen, const TextOptions& options, const Symbols* symbols,
                     const Numbers& number) {
    const Segment& segment = seen.datagram.segment;
    if (segment.payload.empty()) {
        return number.seq;
    }
    SegmentSeen behind = seen;
    behind.datagram.segment.seq = segment.seq + static_cast<std::uint32_t>(segment.payload.size());
    return number.seq + ":" + numbers(behind, options, symbols).seq;
}

}  // namespace

LinesSink::LinesSink(std::ostream& out, const TextOptions& options)
    : out_{out}, options_{options} {}

void LinesSink::write(const Record& record) {
    std::visit([&](const auto& what) { print(record, what); }, record.what);
    out_.flush();
}

void LinesSink::put(const std::string& line) {
    out_ << presentable(line, options_.unicode) << '\n';
}

void LinesSink::print(const Record& record, const SegmentSeen& seen) {
    const auto& [ip, segment, checksum, lies] = seen.datagram;
    Shown& shown = remembered(shown_, record.connection);
    shown.symbols.see(seen.direction, segment);
    const Symbols* symbols = options_.symbols ? &shown.symbols : nullptr;
    const Numbers number = numbers(seen, options_, symbols);
    std::string line =
        fmt::format("{} {} {} > {}: Flags [{}], seq {}", time_text(record.at),
                    ip.family() == Family::v6 ? "IP6" : "IP", end_text(ip.source, segment.source),
                    end_text(ip.destination, segment.destination), flags_text(segment.flags),
                    seq_text(seen, options_, symbols, number));
    line += number.ack.empty() ? "" : ", ack " + number.ack;
    line += fmt::format(", win {}", segment.wnd);
    line += segment.options.empty() ? "" : ", options [" + options_text(segment.options) + "]";
    line += fmt::format(", length {}", segment.payload.size());
    line += states(seen, shown);
    for (const Remark& remark : remarks(seen, options_.unicode)) {
        line += " [" + remark.text + "]";
    }
    put(line);
    print_more(seen, shown);
}

std::string LinesSink::states(const SegmentSeen& seen, Shown& shown) const {
    const std::string_view becomes = glyphs(options_.unicode).becomes;
    const bool us_moved = shown.begun && shown.us != seen.state;
    const bool peer_moved = shown.begun && shown.peer != seen.peer_state;
    const std::string us = us_moved
                               ? fmt::format("{} {} {}", text(shown.us), becomes, text(seen.state))
                               : std::string{text(seen.state)};
    const std::string peer = peer_moved
                                 ? fmt::format("{0}{1} {2} {0}{3}", shown.inferred,
                                               text(shown.peer), becomes, text(seen.peer_state))
                                 : fmt::format("{}{}", shown.inferred, text(seen.peer_state));
    shown.begun = true;
    shown.us = seen.state;
    shown.peer = seen.peer_state;
    return fmt::format(" — {}, peer {}", us, peer);
}

void LinesSink::print_more(const SegmentSeen& seen, Shown& shown) {
    if (options_.symbols) {
        for (const std::string& learnt : shown.symbols.take_learnt()) {
            put("         " + learnt);
        }
    }
    if (options_.verbose > 0) {
        put("         " + fields_text(seen));
    }
    if (options_.verbose > 1) {
        for (const std::string& hex : hex_lines(seen.octets, options_.width)) {
            put("         " + hex);
        }
    }
    if (options_.explain && seen.rule != Rule::none) {
        put("         " + rule_text(seen.rule));
    }
}

void LinesSink::print(const Record& record, const StateChanged& change) {
    Shown& shown = remembered(shown_, record.connection);
    const bool us = change.who == Who::us;
    State& state = us ? shown.us : shown.peer;
    // The line written last already shows where a chain of changes ends.
    const bool passed_on_the_way = us && state != change.from;
    if (shown.begun && (state == change.to || passed_on_the_way)) {
        return;
    }
    if (!shown.begun) {
        shown.begun = true;
        shown.us = State::closed;
        shown.peer = State::listen;
        if (us && (change.to == State::listen || change.from == State::listen)) {
            shown.peer = State::closed;
        }
    }
    (us ? shown.us : shown.peer) = change.to;
    const std::string_view mark = us ? "" : shown.inferred;
    put(fmt::format("{} {}: {}{} {} {}{}{}", time_text(record.at), us ? "us" : "peer", mark,
                    text(change.from), glyphs(options_.unicode).becomes, mark, text(change.to),
                    change.cause.empty() ? "" : " (" + change.cause + ")"));
}

void LinesSink::print(const Record& record, const TimerChanged& timer) {
    if (options_.verbose > 0 || timer.change == TimerChange::fired) {
        put(fmt::format("{} {}", time_text(record.at), timer_text(timer, record.at)));
    }
}

/// The segment itself carries it.
void LinesSink::print(const Record& /*record*/, const FaultDone& /*fault*/) {}

void LinesSink::print(const Record& record, const Judged& judged) {
    put(fmt::format("{} {}", time_text(record.at), verdict_text(judged, options_.unicode)));
}

void LinesSink::print(const Record& record, const Progressed& progress) {
    put(fmt::format("{} {}", time_text(record.at), progress_text(progress)));
}

void LinesSink::print(const Record& /*record*/, const Note& note) {
    put(note.kind == Note::Kind::warning ? "warning: " + note.text : note.text);
}

void LinesSink::print(const Record& record, const Lifelines& ends) {
    Shown& shown = remembered(shown_, record.connection);
    shown = Shown{};
    shown.begun = true;
    shown.symbols = Symbols{ends.symbols};
    shown.inferred = "";
    put(fmt::format("us: {}, peer: {}", ends.us, ends.peer));
}

void LinesSink::print(const Record& /*record*/, const TcbShown& shown) {
    if (!options_.show_tcb) {
        return;
    }
    std::string line = shown.who == Who::us ? "our TCB, " : "peer's TCB, ";
    line += text(shown.tcb.state);
    for (const std::string& entry : tcb_entries(shown.tcb, options_.absolute)) {
        line += ", " + entry;
    }
    put(line);
}

}  // namespace tcpcraft
