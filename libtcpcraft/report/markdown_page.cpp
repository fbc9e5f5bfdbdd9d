#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include <libtcpcraft/report/ladder.hpp>
#include <libtcpcraft/report/pages.hpp>
#include <libtcpcraft/report/pictures.hpp>
#include <libtcpcraft/trace/xml_text.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t most_rows = 60;

/// On one line, and as it stands: nothing in it is markup, names nobody, ends no cell of a table.
std::string escaped(std::string_view text) {
    std::string made;
    for (const char c : mended_utf8(text)) {
        switch (c) {
            case '\n':
            case '\r':
            case '\t':
                made += ' ';
                break;
            case '<':
                made += "&lt;";
                break;
            case '>':
                made += "&gt;";
                break;
            case '&':
                made += "&amp;";
                break;
            case '@':
                made += "&#64;";
                break;
            case '\\':
            case '`':
            case '*':
            case '_':
            case '[':
            case ']':
            case '|':
            case '~':
            case '!':
            case '#':
                made += '\\';
                made += c;
                break;
            default:
                made += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return made;
}

/// A fence that nothing inside can close.
std::string fence_for(std::string_view text) {
    std::size_t longest = 2;
    std::size_t run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return std::string(longest + 1, '`');
}

void block(std::ostream& out, std::string_view text) {
    const std::string clean = mended_utf8(text);
    const std::string fence = fence_for(clean);
    out << fence << "text\n" << clean << (clean.ends_with('\n') ? "" : "\n") << fence << "\n\n";
}

void summary(std::ostream& out, const RunAccount& account, const RunBook& book) {
    out << "# " << escaped(account.about.tool) << ": " << escaped(account.about.target) << "\n\n**"
        << escaped(account.outcome.summary) << "**\n\n| | |\n|---|---|\n";
    const auto row = [&out](std::string_view name, std::string_view value) {
        if (!value.empty()) {
            out << "| " << escaped(name) << " | " << escaped(value) << " |\n";
        }
    };
    row("Exit status", status_of(account.outcome));
    row("Tool", account.about.tool + " " + account.about.version);
    row("Started", account.about.started_at);
    for (const RunFact& fact : account.outcome.facts) {
        row(fact.name, fact.value);
    }
    out << '\n';
    for (const Note& note : book.notes()) {
        out << "- " << (note.kind == Note::Kind::warning ? "Warning: " : "") << escaped(note.text)
            << '\n';
    }
    out << (book.notes().empty() ? "" : "\n");
}

void verdicts(std::ostream& out, const Shown& shown) {
    if (shown.verdicts().empty()) {
        return;
    }
    out << "## Verdicts\n\n| verdict | of | what was seen | rule | segments |\n"
           "|---|---|---|---|---|\n";
    for (const ShownVerdict& one : shown.verdicts()) {
        std::string segments;
        for (const std::size_t segment : one.test.segments) {
            segments += fmt::format("{}{}", segments.empty() ? "" : ", ", segment + 1);
        }
        out << "| " << escaped(marked(one.test)) << " | " << escaped(one.test.name) << " | "
            << escaped(one.test.text) << " | " << escaped(one.test.rule) << " | " << segments
            << " |\n";
    }
    out << '\n';
    for (const ShownVerdict& one : shown.verdicts()) {
        if (!one.test.details.empty()) {
            out << escaped(one.test.name) << ":\n\n";
            block(out, one.test.details);
        }
    }
}

void timeline(std::ostream& out, const Timeline& shown) {
    out << "## " << escaped(shown.title) << "\n\n";
    if (!shown.about.empty()) {
        out << escaped(shown.about) << "\n\n";
    }
    out << "| what | from | to | how it ended | seen |\n|---|---:|---:|---|---|\n";
    // Where the picture is divided there is most to see.
    const std::size_t middle = shown.divided_at.value_or(0);
    const std::size_t first = middle - std::min(middle, most_rows / 2);
    std::size_t told = 0;
    std::size_t left_out = shown.left_out;
    for (std::size_t i = 0; i < shown.rows.size(); ++i) {
        const TimelineRow& row = shown.rows[i];
        for (const TimelineBar& bar : row.bars) {
            if (i < first || told >= most_rows) {
                ++left_out;
                continue;
            }
            ++told;
            out << fmt::format("| {} | {:.3f} s | {:.3f} s | {} {} | {} |\n", escaped(row.label),
                               seconds(bar.from.time_since_epoch()),
                               seconds(bar.to.time_since_epoch()), sign(bar.end), text(bar.end),
                               escaped(bar.text));
        }
    }
    out << '\n';
    if (left_out > 0) {
        out << left_out << " more are left out.\n\n";
    }
    for (const TimelineLine& line : shown.lines) {
        out << fmt::format("- {}: {:.3f} s\n", escaped(line.label),
                           seconds(line.at.time_since_epoch()));
    }
    out << (shown.lines.empty() ? "" : "\n");
}

void connections(std::ostream& out, const Shown& shown, const RunBook& book) {
    for (const Ladder* ladder : shown.ladders()) {
        out << "## " << escaped(title_of(*ladder)) << "\n\n";
        block(out, book.text(*ladder));
    }
    if (book.connections_left_out() > 0) {
        out << book.connections_left_out() << " more connections are left out.\n\n";
    }
}

void rules(std::ostream& out, const Shown& shown) {
    const std::vector<Rule> found = shown.rules();
    if (found.empty()) {
        return;
    }
    out << "## Rules\n\n";
    for (const Rule rule : found) {
        out << "- " << escaped(citation(rule)) << ": " << escaped(sentence(rule)) << '\n';
    }
    out << '\n';
}

}  // namespace

void write_markdown(std::ostream& out, const RunAccount& account, const RunBook& book) {
    const Shown shown{account, book};
    summary(out, account, book);
    verdicts(out, shown);
    for (const std::string& line : account.outcome.advice) {
        out << (line.starts_with("  ") ? "    " : "")
            << (line.starts_with("  ") ? line : escaped(line)) << "\n\n";
    }
    for (const Timeline& one : account.outcome.timelines) {
        timeline(out, one);
    }
    connections(out, shown, book);
    rules(out, shown);
}

}  // namespace tcpcraft
