#include <fmt/format.h>

#include <libtcpcraft/report/svg.hpp>
#include <libtcpcraft/trace/xml_text.hpp>

namespace tcpcraft::svg {

namespace {

std::string_view css(Anchor anchor) noexcept {
    switch (anchor) {
        case Anchor::start:
            return "";
        case Anchor::middle:
            return " am";
        case Anchor::end:
            return " ae";
    }
    return "";
}

std::string_view css(Face face) noexcept {
    switch (face) {
        case Face::label:
            return "lb";
        case Face::state:
            return "stn";
        case Face::small:
            return "sm";
        case Face::prose:
            return "pr";
    }
    return "";
}

std::string opening(const PlacedText& placed) {
    const std::string_view tone = svg::css(placed.tone);
    return fmt::format("<text class=\"{}{}{}{}\" x=\"{}\" y=\"{}\">", css(placed.face),
                       css(placed.anchor), tone.empty() ? "" : " ", tone, px(placed.x),
                       px(placed.y));
}

}  // namespace

std::string px(double value) {
    std::string made = fmt::format("{:.1f}", value);
    if (made.ends_with(".0")) {
        made.resize(made.size() - 2);
    }
    return made;
}

std::string_view css(Tone tone) noexcept {
    switch (tone) {
        case Tone::plain:
            return "";
        case Tone::faint:
            return "faint";
        case Tone::strong:
            return "strong";
        case Tone::aside:
            return "aside";
        case Tone::opens:
            return "opens";
        case Tone::closes:
            return "closes";
        case Tone::resets:
            return "resets";
        case Tone::unusual:
            return "unusual";
        case Tone::good:
            return "good";
    }
    return "";
}

std::string css(State state) {
    std::string made = "st-";
    for (const char c : tcpcraft::text(state)) {
        made += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return made;
}

void rect(std::string& out, std::string_view classes, double x, double y, double width,
          double height, std::string_view title) {
    out += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", classes,
                       px(x), px(y), px(width), px(height));
    out += title.empty() ? "/>" : fmt::format("><title>{}</title></rect>", xml_text(title));
}

void line(std::string& out, std::string_view classes, double x1, double y1, double x2, double y2) {
    out += fmt::format("<path class=\"{}\" d=\"M{} {}L{} {}\"/>", classes, px(x1), px(y1), px(x2),
                       px(y2));
}

void text(std::string& out, const PlacedText& placed) {
    out += opening(placed) + xml_text(placed.text) + "</text>";
}

void link(std::string& out, std::string_view href, const PlacedText& placed) {
    out += fmt::format("<a href=\"{}\">", xml_text(href));
    text(out, placed);
    out += "</a>";
}

void open(std::string& out, std::string_view classes, double width, double top, double height,
          std::string_view label) {
    out += fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{}\" viewBox=\"0 {} {} {}\" "
        "role=\"group\" aria-label=\"{}\">",
        classes, px(top), px(width), px(height), xml_text(label));
}

}  // namespace tcpcraft::svg
