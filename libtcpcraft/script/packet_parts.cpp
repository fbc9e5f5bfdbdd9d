#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <libtcpcraft/script/packet_parts.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::script {

namespace {

constexpr std::uint8_t experimental_kind = 254;
constexpr std::string_view fast_open_magic = "f989";  // RFC 7413 §4.1.1

struct Codepoint {
    std::string_view word{};
    std::uint8_t bits{};
};
constexpr std::array<Codepoint, 4> codepoints{{{"noecn", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}}};

void read_ip_item(ScriptCursor& cursor, bool inbound, ScriptIp& made) {
    const std::size_t start = cursor.position();
    const auto word = cursor.next_word();
    const auto codepoint = std::ranges::find(codepoints, word, &Codepoint::word);
    if (codepoint != codepoints.end()) {
        cursor.word();
        made.ecn = codepoint->bits;
    } else if (cursor.take_word("ect01")) {
        made.either_ect = true;
        if (inbound) {
            cursor.fail(start, "ect01 says what may come; to be sent is ect0 or ect1");
        }
    } else if (cursor.take_word("tos")) {
        made.tos = static_cast<std::uint8_t>(cursor.hexadecimal(0xff));
    } else if (cursor.take_word("ttl")) {
        made.ttl = static_cast<std::uint8_t>(cursor.number(0, 255));
    } else if (cursor.take_word("flowlabel")) {
        made.flow_label = cursor.hexadecimal(0xfffff);
    } else {
        cursor.fail_wanting("noecn, ect0, ect1, ce, ect01, tos 0xN, ttl N or flowlabel 0xN");
    }
}

/// One option stands on one line; defined symbols are replaced.
std::string option_words(ScriptCursor& cursor) {
    std::string text;
    do {
        const auto word = cursor.token(",>");
        const auto defined = cursor.defines().find(std::string{word});
        text += (text.empty() ? "" : " ") +
                (defined == cursor.defines().end() ? std::string{word} : defined->second);
    } while (cursor.same_line() && cursor.peek() != ',' && cursor.peek() != '>');
    return text;
}

/// FOEXP stands for the experimental kind, and a cookie that is too long for no named option.
Expected<Options, NotationError> option_of(const std::string& text) {
    const std::size_t blank = text.find(' ');
    if (text.starts_with("FO") && blank != std::string::npos &&
        text.find_first_not_of("0123456789abcdefABCDEF", blank + 1) != std::string::npos) {
        return Unexpected<NotationError>{
            NotationError{blank + 1,
                          "wanted a cookie in hexadecimal digits, or a symbol that "
                          "--define gives one"}};
    }
    if (text == "FOEXP" || text.starts_with("FOEXP ")) {
        const auto cookie = text.size() > 6 ? text.substr(6) : std::string{};
        return tcpcraft::read_options(
            fmt::format("{}:{}{}", experimental_kind, fast_open_magic, cookie));
    }
    if (text.starts_with("FO ") && text.size() > 3 + 32) {
        return tcpcraft::read_options("34:" + text.substr(3));
    }
    return tcpcraft::read_options(text);
}

void read_option(ScriptCursor& cursor, Options& made) {
    const std::size_t start = cursor.position();
    if (cursor.next_word().empty() && cursor.peek() != '!') {
        cursor.fail_wanting("an option");
        return;
    }
    const std::string text = option_words(cursor);
    const auto read = option_of(text);
    if (!read) {
        cursor.fail(start + std::min(read.error().offset, text.size()), read.error().sentence);
    } else if (!made.append_octets(read->octets())) {
        cursor.fail(start, fmt::format("with this option there are more than the {} octets "
                                       "that a header holds",
                                       Options::capacity));
    }
}

}  // namespace

ScriptIp read_ip(ScriptCursor& cursor, bool inbound) {
    ScriptIp made;
    const bool round = cursor.peek() == '(';
    if (!cursor.take("(") && !cursor.take("[")) {
        return made;
    }
    do {
        read_ip_item(cursor, inbound, made);
    } while (cursor.take(","));
    cursor.want(round ? ")" : "]");
    return made;
}

std::optional<Options> read_option_list(ScriptCursor& cursor, bool inbound) {
    Options made;
    const std::size_t start = cursor.position();
    if (!cursor.take("<")) {
        return made;
    }
    if (cursor.take("...")) {
        cursor.want(">");
        if (inbound) {
            cursor.fail(start,
                        "<...> says that options do not matter; to be sent are <>-"
                        "lists or none");
        }
        return std::nullopt;
    }
    do {
        read_option(cursor, made);
    } while (cursor.take(","));
    if (!cursor.take(">")) {
        cursor.fail_wanting("',' or '>' behind an option");
    }
    return made;
}

}  // namespace tcpcraft::script
