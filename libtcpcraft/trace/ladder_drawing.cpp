#include <algorithm>

#include <libtcpcraft/trace/ladder_drawing.hpp>
#include <libtcpcraft/trace/wrapped.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t time_columns = 8;
constexpr std::size_t state_columns = 12;  // SYN-RECEIVED
constexpr std::size_t indent = time_columns + 1;
constexpr std::size_t most_columns = 140;  // beyond it arrows only get longer
constexpr std::size_t text_indent = 2;     // from our lifeline

std::string peer_text(const Endpoint& peer) {
    return peer.port.value == 0 ? std::string{"any peer"} : peer.text();
}

}  // namespace

LadderDrawing::LadderDrawing(const TextOptions& options) noexcept
    : width_{std::clamp(options.width, least_width, most_columns)},
      us_line_{indent + state_columns + 1},
      peer_line_{width_ - 1 - state_columns - 2},
      colour_{options.colour},
      unicode_{options.unicode} {}

std::string LadderDrawing::header(const ConnectionId& id, std::string_view title,
                                  std::string_view us, std::string_view peer) const {
    const auto ours = id.local.text();
    const auto theirs = peer_text(id.remote);
    // Ours ends at our lifeline, the peer's starts at its own; long addresses move outwards.
    const auto ours_at = us_line_ + 1 - std::min(us_line_ + 1, ours.size());
    const auto theirs_at = std::min(peer_line_, width_ - std::min(width_, theirs.size()));
    StyledLine names{colour_};
    names.pad_to(us_line_ + 1 - us.size()).add(Tone::strong, us);
    names.pad_to((us_line_ + peer_line_ - title.size()) / 2 + 1).add(Tone::strong, title);
    names.pad_to(peer_line_).add(Tone::strong, peer);
    StyledLine addresses{colour_};
    addresses.pad_to(ours_at).add(Tone::plain, ours);
    if (addresses.column() + 2 > theirs_at) {
        StyledLine second{colour_};
        second.pad_to(theirs_at).add(Tone::plain, theirs);
        return names.finished() + addresses.finished() + second.finished();
    }
    addresses.pad_to(theirs_at).add(Tone::plain, theirs);
    return names.finished() + addresses.finished();
}

void LadderDrawing::left(StyledLine& line, const Margins& margins) const {
    const std::size_t size = std::min(columns(margins.us), state_columns);
    line.add(Tone::faint, margins.time).pad_to(indent + state_columns - size);
    line.add(Tone::strong, margins.us).pad_to(us_line_);
}

void LadderDrawing::right(StyledLine& line, const Margins& margins) const {
    line.pad_to(peer_line_ + 2).add(Tone::plain, margins.peer);
}

std::string LadderDrawing::between(const Margins& margins, Tone tone, std::string_view text) const {
    const Glyphs& glyph = glyphs(unicode_);
    std::string made;
    Margins rest = margins;
    for (const std::string& piece :
         wrapped(presentable(text, unicode_), inner() - text_indent - 1)) {
        StyledLine line{colour_};
        left(line, rest);
        line.add(Tone::faint, glyph.lifeline).pad_to(us_line_ + 1 + text_indent);
        line.add(tone, piece).pad_to(peer_line_).add(Tone::faint, glyph.lifeline);
        right(line, rest);
        made += line.finished();
        rest = Margins{};
    }
    return made;
}

std::size_t LadderDrawing::shaft_length(const Arrow& arrow) const noexcept {
    return arrow.lost ? inner() * 3 / 4 : inner();
}

std::string LadderDrawing::arrow(const Margins& margins, Arrow& arrow) const {
    const Glyphs& glyph = glyphs(unicode_);
    const bool out = arrow.direction == Direction::out;
    constexpr std::size_t beside_label = 6;  // blanks, dashes and the head
    const std::size_t room = shaft_length(arrow) - beside_label;
    std::vector<std::string> label;
    std::size_t taken = 0;
    while (!arrow.label.empty() &&
           (label.empty() || taken + 1 + columns(arrow.label.front()) <= room)) {
        taken += columns(arrow.label.front()) + (label.empty() ? 0 : 1);
        label.push_back(std::move(arrow.label.front()));
        arrow.label.erase(arrow.label.begin());
    }
    StyledLine line{colour_};
    left(line, margins);
    line.add(Tone::faint, out ? glyph.from_us : glyph.lifeline);
    shaft(line, arrow, label);
    line.pad_to(peer_line_).add(Tone::faint, out ? glyph.lifeline : glyph.from_peer);
    right(line, margins);
    return line.finished();
}

void LadderDrawing::shaft(StyledLine& line, const Arrow& arrow,
                          const std::vector<std::string>& label) const {
    const Glyphs& glyph = glyphs(unicode_);
    const bool out = arrow.direction == Direction::out;
    const std::size_t length = shaft_length(arrow);
    std::size_t text = label.size() - 1;
    for (const std::string& piece : label) {
        text += columns(piece);
    }
    const std::size_t dashes = length - 1 - std::min(length - 1, text + 2);
    const std::size_t before = dashes / 2;
    if (!out) {
        line.pad_to(peer_line_ - length);
        line.add(arrow.lost ? Tone::resets : Tone::plain, arrow.lost ? glyph.lost : glyph.to_us);
    }
    line.repeat(Tone::plain, glyph.dash, before).add(Tone::plain, " ");
    for (std::size_t i = 0; i < label.size(); ++i) {
        line.add(i == 0 ? arrow.tone : Tone::plain, label[i]).add(Tone::plain, " ");
    }
    line.repeat(Tone::plain, glyph.dash, dashes - before);
    if (out) {
        line.add(arrow.lost ? Tone::resets : Tone::plain, arrow.lost ? glyph.lost : glyph.to_peer);
    }
}

std::string LadderDrawing::across(Tone tone, std::string_view title) const {
    const Glyphs& glyph = glyphs(unicode_);
    std::string made;
    for (const std::string& piece : wrapped(presentable(title, unicode_), width_ - indent - 4)) {
        StyledLine line{colour_};
        line.repeat(Tone::faint, glyph.rule, made.empty() ? indent - 1 : 0);
        line.pad_to(indent).add(tone, piece);
        if (made.empty()) {
            line.add(Tone::plain, " ");
            line.repeat(Tone::faint, glyph.rule, width_ - std::min(width_, line.column()));
        }
        made += line.finished();
    }
    return made;
}

std::string LadderDrawing::under(std::string_view time, Tone tone, std::string_view text) const {
    std::string made;
    for (const std::string& piece : wrapped(presentable(text, unicode_), width_ - indent)) {
        StyledLine line{colour_};
        line.add(Tone::faint, made.empty() ? time : std::string_view{});
        made += line.pad_to(indent).add(tone, piece).finished();
    }
    return made;
}

}  // namespace tcpcraft
