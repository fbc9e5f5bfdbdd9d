#include <ostream>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/trace/ladder_drawing.hpp>
#include <libtcpcraft/trace/ladder_sink.hpp>
#include <libtcpcraft/trace/lines_sink.hpp>
#include <libtcpcraft/trace/remembered.hpp>
#include <libtcpcraft/trace/wording.hpp>

namespace tcpcraft {

static_assert(LadderSink::least_width == LadderDrawing::least_width);

namespace {

/// The peer's state, marked where nobody told us.
std::string peers(State state, const std::optional<Lifelines>& ends) {
    return (ends ? "" : "~") + std::string{text(state)};
}

/// Flags, numbers and, where there is room for them, options: pieces that stay whole.
std::vector<std::string> label(const SegmentSeen& seen, const Numbers& number) {
    const Segment& segment = seen.datagram.segment;
    std::vector<std::string> made{flag_names(segment.flags), "seq " + number.seq};
    if (!number.ack.empty()) {
        made.push_back("ack " + number.ack);
    }
    if (!segment.payload.empty()) {
        made.push_back(fmt::format("len {}", segment.payload.size()));
    }
    made.push_back(fmt::format("win {}", segment.wnd));
    return made;
}

std::string joined(const std::vector<std::string>& pieces, std::string_view between) {
    std::string made;
    for (const std::string& piece : pieces) {
        made += made.empty() ? "" : between;
        made += piece;
    }
    return made;
}

}  // namespace

LadderSink::LadderSink(std::ostream& out, const TextOptions& options)
    : out_{out}, options_{options}, drawing_{std::make_unique<LadderDrawing>(options)} {}

LadderSink::~LadderSink() = default;

void LadderSink::write(const Record& record) {
    std::visit([&](const auto& what) { draw(record, what); }, record.what);
    out_.flush();
}

void LadderSink::finish() {
    if (offloaded_ > 0) {
        put(drawing_->under("", Tone::faint,
                            fmt::format("{} arriving segment{} with offloaded checksum: the "
                                        "sender's host had not computed it yet, which is normal "
                                        "over loopback and virtual links.",
                                        offloaded_, offloaded_ == 1 ? "" : "s")));
    }
    out_.flush();
}

void LadderSink::put(const std::string& text) { out_ << text; }

LadderSink::Shown& LadderSink::paper(const Record& record, State us, State peer) {
    Shown& shown = remembered(shown_, record.connection);
    const bool is_new = !std::exchange(shown.begun, true);
    const bool turned = current_ != record.connection;
    current_ = record.connection;
    if (!turned && !is_new && shown.id == record.id) {
        return shown;
    }
    const bool named = !shown.ends && (shown_.size() > 1 || record.connection > 1);
    const std::string title = named ? fmt::format("connection {}", record.connection) : "";
    if (is_new || shown.id != record.id) {
        put(drawing_->header(record.id, title, shown.ends ? shown.ends->us : "us",
                             shown.ends ? shown.ends->peer : "peer (inferred)"));
    } else {
        put(drawing_->across(Tone::strong, title));
    }
    shown.id = record.id;
    if (is_new) {
        shown.us = us;
        shown.peer = peer;
        put(drawing_->between({"", std::string{text(us)}, peers(peer, shown.ends)}, Tone::plain,
                              ""));
    } else {
        show_states_ = true;
    }
    return shown;
}

void LadderSink::draw(const Record& record, const SegmentSeen& seen) {
    const bool we_open = seen.direction == Direction::out;
    Shown& shown = paper(record, we_open ? State::closed : State::listen,
                         we_open ? State::listen : State::closed);
    shown.symbols.see(seen.direction, seen.datagram.segment);
    if (seen.direction == Direction::in && seen.datagram.checksum == Checksum::offloaded) {
        ++offloaded_;
    }
    draw_rung(record, seen, shown);
    draw_details(seen, shown);
    explain(seen.rule, Who::us, shown);
}

void LadderSink::draw_rung(const Record& record, const SegmentSeen& seen, Shown& shown) {
    const Segment& segment = seen.datagram.segment;
    Margins margins{.time = time_text(record.at)};
    if (show_states_ || shown.us != seen.state) {
        margins.us = text(seen.state);
    }
    if (show_states_ || shown.peer != seen.peer_state) {
        margins.peer = peers(seen.peer_state, shown.ends);
    }
    show_states_ = false;
    shown.us = seen.state;
    shown.peer = seen.peer_state;

    const Numbers number = numbers(seen, options_, options_.symbols ? &shown.symbols : nullptr);
    Arrow arrow{seen.direction, lost(seen), tone_of(segment.flags), label(seen, number)};
    const bool with_options = options_matter(segment) || options_.verbose > 0;
    if (with_options && !segment.options.empty()) {
        arrow.label.push_back("<" + options_text(segment.options) + ">");
    }
    put(drawing_->arrow(margins, arrow));
    if (!arrow.label.empty()) {
        put(drawing_->between({}, Tone::faint, joined(arrow.label, " ")));
    }
}

void LadderSink::draw_details(const SegmentSeen& seen, Shown& shown) {
    const Segment& segment = seen.datagram.segment;
    if (!segment.payload.empty() && options_.verbose < 2) {
        put(drawing_->between({}, Tone::faint, excerpt(segment.payload, drawing_->inner() - 4)));
    }
    for (const Remark& remark : remarks(seen, options_.unicode)) {
        put(drawing_->between({}, remark.tone, remark.text));
    }
    if (options_.symbols) {
        for (const std::string& learnt : shown.symbols.take_learnt()) {
            put(drawing_->between({}, Tone::faint, learnt));
        }
    }
    if (options_.verbose > 0) {
        put(drawing_->between({}, Tone::faint, fields_text(seen)));
    }
    if (options_.verbose > 1) {
        for (const std::string& line : hex_lines(seen.octets, drawing_->inner() - 3)) {
            put(drawing_->between({}, Tone::faint, line));
        }
    }
}

// A rule speaks as its own end does: "our FIN". The other end's is marked with its name.
void LadderSink::explain(Rule rule, Who who, Shown& shown) {
    Rule& explained = shown.explained[who == Who::us ? 0 : 1];
    if (!options_.explain || rule == Rule::none || rule == explained) {
        return;
    }
    explained = rule;
    const std::string end =
        who == Who::us ? "" : (shown.ends ? shown.ends->peer : std::string{"peer"}) + ": ";
    put(drawing_->between({}, Tone::aside, end + rule_text(rule)));
}

void LadderSink::draw(const Record& record, const StateChanged& change) {
    const bool us = change.who == Who::us;
    if (change.to == State::listen && record.id.remote.port.value == 0) {
        return;  // the first arrow tells who came, and starts in LISTEN
    }
    const bool we_wait = us && (change.to == State::listen || change.from == State::listen);
    Shown& shown = paper(record, us ? change.from : State::closed,
                         us ? (we_wait ? State::closed : State::listen) : change.from);
    State& state = us ? shown.us : shown.peer;
    // The arrow drawn last already shows where a chain of changes ends.
    const bool passed_on_the_way = us && state != change.from;
    if (state != change.to && !passed_on_the_way) {
        state = change.to;
        const Margins margins{time_text(record.at), us ? std::string{text(change.to)} : "",
                              us ? "" : peers(change.to, shown.ends)};
        put(drawing_->between(margins, Tone::faint, change.cause));
    }
    explain(change.rule, change.who, shown);
}

bool LadderSink::worth_showing(const TimerChanged& timer, const std::string& words,
                               const Shown& shown) const {
    if (options_.verbose > 0) {
        return true;
    }
    if (timer.change == TimerChange::cleared || timer.timer == Timer::delayed_ack) {
        return false;
    }
    if (timer.change == TimerChange::fired) {
        return true;
    }
    // Timers are restarted all the time: only a new length is news.
    return shown.timers[static_cast<std::size_t>(timer.timer)] != words;
}

void LadderSink::draw(const Record& record, const TimerChanged& timer) {
    Shown& shown = paper(record, State::closed, State::listen);
    const std::string words = timer_text(timer, record.at);
    if (worth_showing(timer, words, shown)) {
        const bool fires = timer.change == TimerChange::fired;
        const Margins margins{.time = fires ? time_text(record.at) : ""};
        put(drawing_->between(margins, fires ? Tone::unusual : Tone::faint,
                              std::string{glyphs(options_.unicode).timer} + " " + words));
    }
    // Stopped: when it is set again it serves something else.
    shown.timers[static_cast<std::size_t>(timer.timer)] =
        timer.change == TimerChange::cleared ? "" : words;
}

/// The segment itself carries it.
void LadderSink::draw(const Record& /*record*/, const FaultDone& /*fault*/) {}

void LadderSink::draw(const Record& record, const Judged& judged) {
    put(drawing_->under(time_text(record.at), tone_of(judged.verdict),
                        verdict_text(judged, options_.unicode)));
}

void LadderSink::draw(const Record& record, const Progressed& progress) {
    put(drawing_->under(time_text(record.at), Tone::faint, progress_text(progress)));
}

void LadderSink::draw(const Record& /*record*/, const Note& note) {
    switch (note.kind) {
        case Note::Kind::heading:
            put(drawing_->across(Tone::strong, note.text));
            return;
        case Note::Kind::warning:
            put(drawing_->under("", Tone::unusual,
                                std::string{glyphs(options_.unicode).warning} + " " + note.text));
            return;
        case Note::Kind::explanation:
            put(drawing_->under("", Tone::aside, note.text));
            return;
        case Note::Kind::plain:
            put(drawing_->under("", Tone::plain, note.text));
            return;
    }
}

void LadderSink::draw(const Record& record, const TcbShown& shown) {
    if (!options_.show_tcb) {
        return;
    }
    const auto known = shown_.find(record.connection);
    const bool us = shown.who == Who::us;
    std::string who = us ? "our TCB" : "peer's TCB";
    if (known != shown_.end() && known->second.ends) {
        const Lifelines& ends = *known->second.ends;
        who = (us ? ends.us : ends.peer) + "'s TCB";
    }
    put(drawing_->under("", Tone::faint,
                        fmt::format("{}, {}: {}", who, text(shown.tcb.state),
                                    joined(tcb_entries(shown.tcb, options_.absolute), ", "))));
}

void LadderSink::draw(const Record& record, const Lifelines& ends) {
    Shown& shown = remembered(shown_, record.connection);
    shown = Shown{};
    shown.ends = ends;
    shown.symbols = Symbols{ends.symbols};
    paper(record, State::closed, State::closed);
}

std::unique_ptr<TraceSink> make_text_sink(std::ostream& out, const TextOptions& options) {
    if (options.width < LadderSink::least_width) {
        return std::make_unique<LinesSink>(out, options);
    }
    return std::make_unique<LadderSink>(out, options);
}

}  // namespace tcpcraft
