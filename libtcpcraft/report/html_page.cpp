#include <ostream>

#include <fmt/format.h>

#include <libtcpcraft/report/assets.hpp>
#include <libtcpcraft/report/ladder.hpp>
#include <libtcpcraft/report/ladder_svg.hpp>
#include <libtcpcraft/report/pages.hpp>
#include <libtcpcraft/report/pictures.hpp>
#include <libtcpcraft/report/svg.hpp>
#include <libtcpcraft/report/timeline_svg.hpp>
#include <libtcpcraft/trace/xml_text.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t most_open = 4;  // connections that are unfolded at first
constexpr std::size_t most_listed = 24;
constexpr std::string_view narrow_prefix = "n-";

std::string_view css_of(Tone tone) noexcept {
    return tone == Tone::good ? "good" : tone == Tone::resets ? "bad" : "doubt";
}

Tone tone_of_status(int status) noexcept {
    return status == 0 ? Tone::good : status == 1 ? Tone::resets : Tone::unusual;
}

class Page {
public:
    Page(std::ostream& out, const RunAccount& account, const RunBook& book)
        : out_{out}, account_{account}, book_{book}, shown_{account, book} {}

    void write() {
        head();
        summary();
        verdicts();
        advice();
        timelines();
        connections();
        rules();
        end();
    }

private:
    void element(std::string_view tag, std::string_view words) {
        out_ << '<' << tag << '>' << xml_text(words) << "</" << tag << ">\n";
    }

    void head() {
        const std::string title = account_.about.tool + " " + account_.about.target;
        out_ << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             << "style-src " << assets::policy_source(assets::page_css_digest()) << "; script-src "
             << assets::policy_source(assets::page_js_digest())
             << "; base-uri 'none'; form-action 'none'\">\n"
             << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             << "<meta name=\"referrer\" content=\"no-referrer\">\n";
        element("title", title);
        out_ << "<style>" << assets::page_css() << "</style>\n</head>\n<body>\n"
             << "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\">"
             << definitions() << "</svg>\n<header>\n<h1>" << xml_text(account_.about.target)
             << "<small>" << xml_text(account_.about.tool) << "</small></h1>\n</header>\n<main>\n";
    }

    void summary() {
        const RunOutcome& outcome = account_.outcome;
        out_ << "<section aria-label=\"Summary\">\n<div class=\"status "
             << css_of(tone_of_status(outcome.exit_status)) << "\"><p><b>"
             << xml_text(outcome.summary) << "</b></p>\n<p>Exit status "
             << xml_text(status_of(outcome)) << ".</p></div>\n<dl class=\"facts\">\n";
        fact("Tool", account_.about.tool + " " + account_.about.version);
        fact("Target", account_.about.target);
        fact("Started", account_.about.started_at);
        for (const RunFact& one : outcome.facts) {
            fact(one.name, one.value);
        }
        out_ << "</dl>\n";
        for (const Note& note : book_.notes()) {
            const bool warning = note.kind == Note::Kind::warning;
            out_ << "<p" << (warning ? " class=\"left\">\u26a0 " : ">") << xml_text(note.text)
                 << "</p>\n";
        }
        out_ << "</section>\n";
    }

    void fact(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            out_ << "<dt>" << xml_text(name) << "</dt><dd>" << xml_text(value) << "</dd>\n";
        }
    }

    void verdicts() {
        if (shown_.verdicts().empty()) {
            return;
        }
        out_ << "<section>\n<h2>Verdicts</h2>\n<table class=\"verdicts\">\n<thead><tr>"
             << "<th scope=\"col\">verdict</th><th scope=\"col\">of</th>"
             << "<th scope=\"col\">what was seen</th><th scope=\"col\">rule</th>"
             << "<th scope=\"col\">segments</th></tr></thead>\n<tbody>\n";
        for (const ShownVerdict& one : shown_.verdicts()) {
            out_ << "<tr><td class=\"verdict " << css_of(tone_of(one.test.verdict)) << "\">"
                 << xml_text(marked(one.test)) << "</td><td>" << xml_text(one.test.name)
                 << "</td><td>" << xml_text(one.test.text);
            if (!one.test.details.empty()) {
                out_ << "<pre>" << xml_text(one.test.details) << "</pre>";
            }
            out_ << "</td><td>" << xml_text(one.test.rule) << "</td><td>";
            links(one, "wide", "");
            links(one, "narrow", narrow_prefix);
            out_ << "</td></tr>\n";
        }
        out_ << "</tbody>\n</table>\n</section>\n";
    }

    /// There are two drawings of each ladder; the links lead to the one that is seen.
    void links(const ShownVerdict& one, std::string_view which, std::string_view prefix) {
        out_ << "<span class=\"" << which << "\">";
        if (one.number != 0) {
            out_ << fmt::format("<a href=\"#{0}v{1}\">V{1}</a> ", prefix, one.number);
        }
        for (const std::size_t segment : one.test.segments) {
            const std::string anchor = shown_.anchor(segment);
            out_ << (anchor.empty()
                         ? fmt::format("#{} ", segment + 1)
                         : fmt::format("<a href=\"#{}{}\">#{}</a> ", prefix, anchor, segment + 1));
        }
        out_ << "</span>";
    }

    void advice() {
        if (account_.outcome.advice.empty()) {
            return;
        }
        out_ << "<section>\n<h2>Advice</h2>\n";
        std::string to_copy;
        for (const std::string& line : account_.outcome.advice) {
            if (line.starts_with("  ")) {
                to_copy += line.substr(2) + "\n";
            } else {
                element("p", line);
            }
        }
        if (!to_copy.empty()) {
            element("pre", to_copy);
        }
        out_ << "</section>\n";
    }

    void timelines() {
        for (const Timeline& timeline : account_.outcome.timelines) {
            out_ << "<section>\n";
            element("h2", timeline.title);
            if (!timeline.about.empty()) {
                element("p", timeline.about);
            }
            out_ << "<div class=\"pictures\">\n";
            picture(timeline, wide_timeline(), "wide");
            picture(timeline, narrow_timeline(), "narrow");
            out_ << "</div>\n";
            table(timeline);
            out_ << "</section>\n";
        }
    }

    void picture(const Timeline& timeline, const TimelineGeometry& geometry,
                 std::string_view which) {
        const TimelineLayout layout = lay_out(timeline, geometry);
        std::string drawn;
        svg::open(drawn, which, geometry.width, 0, layout.height, timeline.title);
        draw(drawn, layout);
        out_ << drawn << "</svg>\n";
    }

    void table(const Timeline& timeline) {
        out_ << "<details><summary>The same as a table</summary>\n<table><thead><tr>"
             << "<th scope=\"col\">what</th><th scope=\"col\">from</th><th scope=\"col\">to</th>"
             << "<th scope=\"col\">how it ended</th><th scope=\"col\">seen</th></tr></thead>\n"
             << "<tbody>\n";
        for (const TimelineRow& row : timeline.rows) {
            for (const TimelineBar& bar : row.bars) {
                out_ << fmt::format(
                    "<tr><td>{}</td><td>{:.3f} s</td><td>{:.3f} s</td><td>{}</td>"
                    "<td>{}</td></tr>\n",
                    xml_text(row.label), seconds(bar.from.time_since_epoch()),
                    seconds(bar.to.time_since_epoch()), text(bar.end), xml_text(bar.text));
            }
        }
        out_ << "</tbody></table></details>\n";
    }

    void connections() {
        const auto& ladders = shown_.ladders();
        if (ladders.empty()) {
            return;
        }
        out_ << "<section>\n<h2>" << (ladders.size() == 1 ? "The connection" : "Connections")
             << "</h2>\n";
        controls();
        const bool many = ladders.size() > most_listed;
        if (many) {
            out_ << "<details class=\"many\"><summary>" << ladders.size()
                 << " connections</summary>\n";
        }
        for (std::size_t i = 0; i < ladders.size(); ++i) {
            connection(*ladders[i], shown_.first_verdict(i), ladders.size() <= most_open);
        }
        if (book_.connections_left_out() > 0) {
            out_ << fmt::format(
                "<p class=\"left\">{} more connections are left out here: a page "
                "has room for so many.</p>\n",
                book_.connections_left_out());
        }
        out_ << (many ? "</details>\n" : "");
        explain_signs();
        out_ << "</section>\n";
    }

    void controls() {
        out_ << "<div id=\"tools\" class=\"tools\" hidden>"
                "<label>Show <select><option value=\"all\">all</option>"
                "<option value=\"unusual\">what is unusual</option>"
                "<option value=\"again\">retransmissions</option>"
                "<option value=\"verdicts\">what verdicts rest on</option>"
                "<option value=\"out\">ours</option><option value=\"in\">the peer's</option>"
                "</select></label>"
                "<input type=\"search\" placeholder=\"SYN, ack 1, mss \u2026\" "
                "aria-label=\"Show segments with this text\">"
                "<output aria-live=\"polite\"></output>"
                "<button type=\"button\" value=\"open\">Unfold all</button>"
                "<button type=\"button\" value=\"close\">Fold all</button></div>\n"
                "<div id=\"panel\" role=\"region\" aria-label=\"The segment's fields\" "
                "hidden></div>\n";
    }

    void connection(const Ladder& ladder, std::size_t first_verdict, bool open) {
        out_ << "<details class=\"connection\"" << (open ? " open" : "") << "><summary>";
        element("h3", title_of(ladder));
        out_ << "</summary>\n<div class=\"pictures\">\n";
        drawing(ladder, wide_ladder(), first_verdict, "wide", "");
        drawing(ladder, narrow_ladder(), first_verdict, "narrow", narrow_prefix);
        out_ << "</div>\n<details><summary>The same in characters</summary>\n<pre>"
             << xml_text(book_.text(ladder)) << "</pre></details>\n</details>\n";
    }

    /// In slices, so that no line is cut in two where a sheet of paper ends.
    void drawing(const Ladder& ladder, const LadderGeometry& geometry, std::size_t first_verdict,
                 std::string_view which, std::string_view prefix) {
        const LadderLayout layout = lay_out(ladder, geometry, first_verdict);
        out_ << "<div class=\"ladder " << which << "\">\n";
        for (std::size_t i = 0; i + 1 < layout.cuts.size(); ++i) {
            const double from = layout.cuts[i];
            const double to = layout.cuts[i + 1];
            std::string drawn;
            svg::open(drawn, "slice", geometry.width, from, to - from,
                      i == 0 ? title_of(ladder) : title_of(ladder) + ", continued");
            draw_slice(drawn, {ladder, layout, geometry, prefix}, from, to);
            out_ << drawn << "</svg>\n";
        }
        out_ << "</div>\n";
    }

    void explain_signs() {
        out_ << "<details class=\"legend\"><summary>How to read the ladders</summary>\n<ul>\n";
        for (const std::string& sentence : legend()) {
            element("li", sentence);
        }
        out_ << "</ul></details>\n";
    }

    void rules() {
        const std::vector<Rule> found = shown_.rules();
        if (found.empty()) {
            return;
        }
        out_ << "<section>\n<h2>Rules</h2>\n<dl class=\"rules\">\n";
        for (const Rule rule : found) {
            out_ << "<dt>" << xml_text(citation(rule)) << "</dt><dd>" << xml_text(sentence(rule))
                 << "</dd>\n";
        }
        out_ << "</dl>\n</section>\n";
    }

    void end() {
        out_ << "</main>\n<footer>Made by " << xml_text(account_.about.tool) << " of tcpcraft "
             << xml_text(account_.about.version)
             << ". This page is complete in itself: it asks nobody for anything.</footer>\n"
             << "<script>" << assets::page_js() << "</script>\n</body>\n</html>\n";
    }

    std::ostream& out_;
    const RunAccount& account_;
    const RunBook& book_;
    Shown shown_;
};

}  // namespace

void write_html(std::ostream& out, const RunAccount& account, const RunBook& book) {
    Page{out, account, book}.write();
}

}  // namespace tcpcraft
