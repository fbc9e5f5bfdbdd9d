#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include <libtcpcraft/wire/notation.hpp>
#include <libtcpcraft/wire/notation_cursor.hpp>

namespace tcpcraft {

namespace {

constexpr std::uint32_t longest_payload = 1U << 20;

/// AE, CWR and ECE as one number (RFC 9768 §3.2.2).
Flags ace_flags(char digit) noexcept {
    return Flags::from_bits(static_cast<std::uint16_t>((digit - '0') << 6));
}

std::optional<Flags> read_letters(std::string_view text) {
    unsigned bits = 0;
    for (const char letter : text) {
        const auto name = std::ranges::find(wire::flag_names, letter, &wire::FlagName::letter);
        if (name != wire::flag_names.end()) {
            bits |= static_cast<unsigned>(name->flag);
        } else if (letter >= '0' && letter <= '7') {
            bits |= ace_flags(letter).bits();
        } else {
            return std::nullopt;
        }
    }
    return Flags::from_bits(static_cast<std::uint16_t>(bits));
}

std::string lower_case(std::string_view text) {
    std::string made{text};
    std::ranges::transform(made, made.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return made;
}

/// nping's spelling: names with commas between them.
std::optional<Flags> read_names(std::string_view text) {
    Flags made;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        const auto word = lower_case(text.substr(at, comma - at));
        const auto name = std::ranges::find(wire::flag_names, word, &wire::FlagName::word);
        if (name == wire::flag_names.end()) {
            return std::nullopt;
        }
        made = made.with(name->flag);
        at = comma + 1;
    }
    return made;
}

/// Reads the parts of a segment in their order into a pattern.
class SegmentReader {
public:
    SegmentReader(std::string_view text, SeqOrigin origin) noexcept
        : cursor_{text},
          seq_origin_{origin.seq.value_or(Seq{0})},
          ack_origin_{origin.ack.value_or(Seq{0})} {}

    Expected<SegmentPattern, NotationError> read() {
        read_control_bits();
        read_sequence();
        read_numbers();
        read_list();
        if (!cursor_.failed() && !cursor_.at_end()) {
            cursor_.fail(cursor_.position(),
                         "wanted ack, win or urg with a number, then options in < >, and no more");
        }
        if (cursor_.error()) {
            return Unexpected<NotationError>{*cursor_.error()};
        }
        return made_;
    }

private:
    void read_control_bits() {
        cursor_.skip_space();
        const std::size_t start = cursor_.position();
        const auto word = cursor_.token();
        made_.flags = word.empty() ? std::nullopt : word == "-" ? Flags{} : read_letters(word);
        if (!made_.flags) {
            cursor_.fail(start, fmt::format("'{}' are no control bits: wanted letters of "
                                            "FSRP.UEWA, or - for none",
                                            word.substr(0, 20)));
        }
    }
    /// START:END(LENGTH)
    void read_sequence() {
        cursor_.skip_space();
        const std::size_t start = cursor_.position();
        const std::uint32_t first = cursor_.number();
        cursor_.want(':');
        const std::uint32_t end = cursor_.number();
        cursor_.want('(');
        const std::uint32_t length = cursor_.number(longest_payload);
        cursor_.want(')');
        if (cursor_.failed()) {
            return;
        }
        if (first + length != end) {
            cursor_.fail(start, fmt::format("{}:{}({}) does not add up: {} + {} is {}", first, end,
                                            length, first, length, first + length));
            return;
        }
        made_.seq = seq_origin_ + first;
        made_.payload = std::vector<std::byte>(length);
    }
    void read_numbers() {
        if (cursor_.take_word("ack")) {
            made_.ack = ack_origin_ + cursor_.number();
        }
        if (cursor_.take_word("win")) {
            made_.wnd = static_cast<std::uint16_t>(cursor_.number(0xffff));
        }
        if (cursor_.take_word("urg")) {
            made_.up = static_cast<std::uint16_t>(cursor_.number(0xffff));
        }
    }
    void read_list() {
        if (!cursor_.take('<')) {
            made_.options = Options{};
            return;
        }
        if (cursor_.take_word("...")) {
            cursor_.want('>');
            return;
        }
        made_.options = wire::read_option_list(cursor_, ack_origin_);
        cursor_.want('>');
    }

    wire::NotationCursor cursor_;
    Seq seq_origin_;
    Seq ack_origin_;
    SegmentPattern made_{};
};

}  // namespace

std::optional<Flags> read_flags(std::string_view text) {
    if (text == "-") {
        return Flags{};
    }
    if (text.empty()) {
        return std::nullopt;
    }
    const auto letters = read_letters(text);
    return letters ? letters : read_names(text);
}

Expected<SegmentPattern, NotationError> read_segment(std::string_view text, SeqOrigin origin) {
    return SegmentReader{text, origin}.read();
}

}  // namespace tcpcraft
