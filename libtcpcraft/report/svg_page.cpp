#include <ostream>

#include <fmt/format.h>

#include <libtcpcraft/report/assets.hpp>
#include <libtcpcraft/report/ladder.hpp>
#include <libtcpcraft/report/ladder_svg.hpp>
#include <libtcpcraft/report/pages.hpp>
#include <libtcpcraft/report/pictures.hpp>
#include <libtcpcraft/report/svg.hpp>
#include <libtcpcraft/report/timeline_svg.hpp>
#include <libtcpcraft/trace/wrapped.hpp>
#include <libtcpcraft/trace/xml_text.hpp>

namespace tcpcraft {

namespace {

constexpr double between = 26;
constexpr double left = 14;
constexpr std::size_t columns_of_text = 112;

/// Pictures below each other, each with its title.
class Sheet {
public:
    void say(Face face, Tone tone, std::string_view words, double line) {
        for (const std::string& piece : wrapped(words, columns_of_text)) {
            y_ += line;
            svg::text(out_, {left, y_, Anchor::start, face, tone, piece});
        }
    }

    void picture(std::string_view title, const std::string& drawn, double height) {
        y_ += between;
        svg::text(out_, {left, y_, Anchor::start, Face::state, Tone::strong, std::string{title}});
        y_ += 8;
        out_ += fmt::format("<g transform=\"translate(0 {})\">\n{}</g>\n", svg::px(y_), drawn);
        y_ += height;
    }

    void write(std::ostream& out, const RunAccount& account) const {
        const double height = y_ + between;
        out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            << fmt::format(
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
                   "viewBox=\"0 0 {0} {1}\">\n",
                   svg::px(wide_ladder().width), svg::px(height))
            << "<title>" << xml_text(account.about.tool + " " + account.about.target)
            << "</title>\n<desc>" << xml_text(account.outcome.summary) << "</desc>\n<style>"
            << assets::picture_css() << "</style>\n"
            << definitions() << "\n<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n"
            << out_ << "</svg>\n";
    }

private:
    std::string out_{};
    double y_{4};
};

void add(Sheet& sheet, const Timeline& timeline) {
    const TimelineLayout layout = lay_out(timeline, wide_timeline());
    std::string drawn;
    draw(drawn, layout);
    sheet.picture(timeline.title, drawn, layout.height);
}

void add(Sheet& sheet, const Ladder& ladder, std::size_t first_verdict) {
    const LadderLayout layout = lay_out(ladder, wide_ladder(), first_verdict);
    std::string drawn;
    draw_slice(drawn, {ladder, layout, wide_ladder()}, 0, layout.height);
    sheet.picture(title_of(ladder), drawn, layout.height);
}

}  // namespace

void write_svg(std::ostream& out, const RunAccount& account, const RunBook& book) {
    const Shown shown{account, book};
    Sheet sheet;
    sheet.say(Face::state, Tone::strong, account.about.tool + "  " + account.about.target, 18);
    sheet.say(Face::prose, Tone::plain, account.outcome.summary, 18);
    for (const Timeline& timeline : account.outcome.timelines) {
        add(sheet, timeline);
    }
    for (std::size_t i = 0; i < shown.ladders().size(); ++i) {
        add(sheet, *shown.ladders()[i], shown.first_verdict(i));
    }
    if (book.connections_left_out() > 0) {
        sheet.say(Face::small, Tone::unusual,
                  fmt::format("{} more connections left out", book.connections_left_out()), 24);
    }
    sheet.say(Face::small, Tone::faint,
              "~ and hatching: inferred from the segments. Bars: timers (R retransmission, "
              "Z zero-window, K keep-alive, T TIME-WAIT, F FIN-WAIT-2, U user, D delayed ACK); a "
              "diamond: it fired.",
              16);
    sheet.write(out, account);
}

}  // namespace tcpcraft
