#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <libtcpcraft/report/book.hpp>
#include <libtcpcraft/report/ladder.hpp>
#include <libtcpcraft/report/ladder_words.hpp>
#include <libtcpcraft/trace/ladder_sink.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t text_columns = 100;
constexpr std::size_t most_text = 100'000;  // octets of a ladder in characters
constexpr std::size_t most_notes = 500;

TextOptions options_for_text(TextOptions options) {
    options.width = text_columns;
    options.colour = false;
    options.unicode = true;
    return options;
}

Tone tone_of(Note::Kind kind) {
    switch (kind) {
        case Note::Kind::warning:
            return Tone::unusual;
        case Note::Kind::explanation:
            return Tone::aside;
        case Note::Kind::heading:
            return Tone::strong;
        case Note::Kind::plain:
            break;
    }
    return Tone::plain;
}

/// What is known of a connection, and what its ladder shows by now.
struct Page {
    explicit Page(const TextOptions& options) : drawn{written, options_for_text(options)} {}

    Ladder ladder{};
    State us{};
    State peer{};
    Symbols symbols{};
    std::array<std::string, timer_count> said{};  ///< the last words about each timer
    std::array<std::optional<std::size_t>, timer_count> running{};
    std::ostringstream written{};
    LadderSink drawn;
    bool text_ended{false};
};

}  // namespace

struct RunBook::Pages {
    Pages(const TextOptions& how, Limits most) : options{how}, limits{most} {}

    TextOptions options;
    Limits limits;
    std::map<std::size_t, std::unique_ptr<Page>> pages{};
    std::vector<Note> notes{};
    std::size_t last_passed_over{0};
    std::size_t left_out{0};
    std::size_t rows{0};
    std::string heading{};

    Page* page(const Record& record);
    void add(Page& page, const Record& record, LadderRow row);
    void write(Page& page, const Record& record, const SegmentSeen& seen);
    void write(Page& page, const Record& record, const StateChanged& change);
    void write(Page& page, const Record& record, const TimerChanged& timer);
    void write(Page& page, const Record& record, const Judged& judged);
    void write(Page& page, const Record& record, const Note& note);
    void write(Page& page, const Record& record, const TcbShown& shown);
    static void write(Page& page, const Record& record, const Lifelines& ends);
    static void write(Page& /*page*/, const Record& /*record*/, const FaultDone& /*fault*/) {}
    static void write(Page& /*page*/, const Record& /*record*/, const Progressed& /*done*/) {}
    static void begin(Page& page, State us, State peer);
    void draw_text(Page& page, const Record& record) const;
    void end_timer(Page& page, const Record& record, const TimerChanged& timer);
};

RunBook::RunBook(const TextOptions& options, Limits limits)
    : pages_{std::make_unique<Pages>(options, limits)} {}

RunBook::~RunBook() = default;

void RunBook::write(const Record& record) {
    if (record.connection == 0) {
        const auto* note = std::get_if<Note>(&record.what);
        if (note != nullptr && note->kind == Note::Kind::heading) {
            pages_->heading = note->text;
        } else if (note != nullptr && pages_->notes.size() < most_notes) {
            pages_->notes.push_back(*note);
        }
        return;
    }
    if (Page* page = pages_->page(record); page != nullptr) {
        std::visit([&](const auto& what) { pages_->write(*page, record, what); }, record.what);
        pages_->draw_text(*page, record);
    }
}

/// The connection's page; null when there is no room for another one.
Page* RunBook::Pages::page(const Record& record) {
    const auto known = pages.find(record.connection);
    if (known != pages.end()) {
        if (record.id.remote.port.value != 0) {
            known->second->ladder.id = record.id;
        }
        return known->second.get();
    }
    if (pages.size() >= limits.connections) {
        left_out += record.connection > last_passed_over ? 1 : 0;  // they are numbered as they come
        last_passed_over = std::max(last_passed_over, record.connection);
        return nullptr;
    }
    auto& made = pages[record.connection];
    made = std::make_unique<Page>(options);
    made->ladder.connection = record.connection;
    made->ladder.id = record.id;
    made->ladder.title = std::exchange(heading, {});
    return made.get();
}

void RunBook::Pages::add(Page& page, const Record& record, LadderRow row) {
    Ladder& ladder = page.ladder;
    row.id = ladder.rows++;
    row.at = record.at;
    row.us = page.us;
    row.peer = page.peer;
    const bool room = rows < limits.rows;
    if (ladder.tail.empty() && ladder.head.size() < limits.head && room) {
        ++rows;
        ladder.head.push_back(std::move(row));
        return;
    }
    if (ladder.tail.size() >= limits.tail || (!room && !ladder.tail.empty())) {
        ladder.tail.pop_front();
    } else {
        ++rows;
    }
    ladder.tail.push_back(std::move(row));
}

void RunBook::Pages::begin(Page& page, State us, State peer) {
    if (page.ladder.begun) {
        return;
    }
    page.ladder.begun = true;
    page.us = page.ladder.first_us = us;
    page.peer = page.ladder.first_peer = peer;
}

void RunBook::Pages::write(Page& page, const Record& record, const SegmentSeen& seen) {
    const bool we_open = seen.direction == Direction::out;
    begin(page, we_open ? State::closed : State::listen, we_open ? State::listen : State::closed);
    page.symbols.see(seen.direction, seen.datagram.segment);
    page.us = seen.state;
    page.peer = seen.peer_state;
    add(page, record,
        {.arrow = arrow_of(record, seen, options, options.symbols ? &page.symbols : nullptr),
         .rule = seen.rule});
    if (options.symbols) {
        for (std::string& learnt : page.symbols.take_learnt()) {
            add(page, record, {.tone = Tone::faint, .text = std::move(learnt)});
        }
    }
}

void RunBook::Pages::write(Page& page, const Record& record, const StateChanged& change) {
    const bool us = change.who == Who::us;
    if (change.to == State::listen && record.id.remote.port.value == 0) {
        return;  // the first arrow tells who came, and starts in LISTEN
    }
    const bool we_wait = us && (change.to == State::listen || change.from == State::listen);
    begin(page, us ? change.from : State::closed,
          us ? (we_wait ? State::closed : State::listen) : change.from);
    State& state = us ? page.us : page.peer;
    // The arrow before already shows where a chain of changes ends.
    const bool passed_on_the_way = us && state != change.from;
    if (state == change.to || passed_on_the_way) {
        return;
    }
    state = change.to;
    add(page, record, {.tone = Tone::faint, .text = change.cause, .rule = change.rule});
}

void RunBook::Pages::end_timer(Page& page, const Record& record, const TimerChanged& timer) {
    auto& running = page.running.at(static_cast<std::size_t>(timer.timer));
    if (!running) {
        return;
    }
    LadderTimer& bar = page.ladder.timers[*running];
    bar.to = std::max<std::size_t>(page.ladder.rows, 1) - 1;
    bar.ended_at = record.at;
    bar.fired = timer.change == TimerChange::fired;
    running.reset();
}

void RunBook::Pages::write(Page& page, const Record& record, const TimerChanged& timer) {
    const auto which = static_cast<std::size_t>(timer.timer);
    const std::string words = timer_text(timer, record.at);
    const bool fired = timer.change == TimerChange::fired;
    const bool news = timer.change == TimerChange::set && page.said.at(which) != words;
    if (fired || (news && timer.timer != Timer::delayed_ack)) {
        add(page, record,
            {.tone = fired ? Tone::unusual : Tone::faint,
             .text = (fired ? "" : "timer: ") + words});
        page.said.at(which) = words;
    }
    if (timer.change != TimerChange::set) {
        return end_timer(page, record, timer);
    }
    auto& running = page.running.at(which);
    auto& timers = page.ladder.timers;
    if (running) {
        ++timers[*running].restarts;
        timers[*running].deadline = timer.deadline;
    } else if (timers.size() < limits.head) {
        running = timers.size();
        timers.push_back({.timer = timer.timer,
                          .from = std::max<std::size_t>(page.ladder.rows, 1) - 1,
                          .set_at = record.at,
                          .deadline = timer.deadline});
    }
}

void RunBook::Pages::write(Page& page, const Record& record, const Judged& judged) {
    add(page, record, {.verdict = judged});
}

void RunBook::Pages::write(Page& page, const Record& record, const Note& note) {
    if (note.kind == Note::Kind::heading) {
        page.ladder.title = note.text;
        return;
    }
    const bool warning = note.kind == Note::Kind::warning;
    add(page, record,
        {.tone = tone_of(note.kind),
         .text = (warning ? "\u26a0 " : "") + note.text,
         .across = true});
}

void RunBook::Pages::write(Page& page, const Record& record, const TcbShown& shown) {
    if (options.show_tcb) {
        add(page, record,
            {.tone = Tone::faint,
             .text = fmt::format("{}, {}: {}", shown.who == Who::us ? "our TCB" : "the peer's TCB",
                                 tcpcraft::text(shown.tcb.state),
                                 fmt::join(tcb_entries(shown.tcb, options.absolute), ", ")),
             .across = true});
    }
}

void RunBook::Pages::write(Page& page, const Record& /*record*/, const Lifelines& ends) {
    page.ladder.ends = ends;
    page.symbols = Symbols{ends.symbols};
    begin(page, State::closed, State::closed);
}

void RunBook::Pages::draw_text(Page& page, const Record& record) const {
    if (page.text_ended || std::holds_alternative<Progressed>(record.what)) {
        return;
    }
    page.drawn.write(record);
    if (page.written.tellp() > static_cast<std::streamoff>(most_text)) {
        page.written << "...\n";
        page.text_ended = true;
    }
}

const std::vector<Note>& RunBook::notes() const noexcept { return pages_->notes; }

std::vector<const Ladder*> RunBook::ladders() const {
    std::vector<const Ladder*> made;
    for (const auto& [number, page] : pages_->pages) {
        made.push_back(&page->ladder);
    }
    return made;
}

std::size_t RunBook::connections_left_out() const noexcept { return pages_->left_out; }

std::string RunBook::text(const Ladder& ladder) const {
    const auto found = pages_->pages.find(ladder.connection);
    return found == pages_->pages.end() ? "" : found->second->written.str();
}

}  // namespace tcpcraft
