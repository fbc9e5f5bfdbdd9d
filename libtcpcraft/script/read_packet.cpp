#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <libtcpcraft/script/script_cursor.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::script {

namespace {

constexpr std::int64_t longest_packet = 65'495;  // what one IPv4 packet holds behind its headers
constexpr std::int64_t longest_expected = 1 << 30;
constexpr std::uint8_t experimental_kind = 254;
constexpr std::string_view fast_open_magic = "f989";  // RFC 7413 §4.1.1

struct Codepoint {
    std::string_view word{};
    std::uint8_t bits{};
};
constexpr std::array<Codepoint, 4> codepoints{{{"noecn", 0}, {"ect1", 1}, {"ect0", 2}, {"ce", 3}}};

constexpr std::array<std::string_view, 7> refused_words{"udp",   "ipv4", "ipv6", "gre",
                                                        "GREv0", "mpls", "encap"};

/// What stands behind the direction sign.
class PacketReader {
public:
    explicit PacketReader(ScriptCursor& cursor) noexcept : cursor_{cursor} {}

    void read(ScriptEvent& event) {
        start_ = cursor_.position();
        made_.unwanted = cursor_.take("~");
        made_.maybe = !made_.unwanted && cursor_.take("?");
        if (cursor_.take("<")) {
            made_.direction = ScriptDirection::inbound;
        } else {
            cursor_.want(">");
            made_.direction = ScriptDirection::outbound;
        }
        if ((made_.unwanted || made_.maybe) && inbound()) {
            cursor_.fail(start_, "~ and ? are for what the tested TCP sends: ~> or ?> is wanted");
        }
        read_ip();
        refuse_wrappings();
        if (cursor_.take_word("icmp")) {
            event.what = read_icmp();
            return;
        }
        read_segment();
        event.what = std::move(made_);
    }

private:
    [[nodiscard]] bool inbound() const noexcept {
        return made_.direction == ScriptDirection::inbound;
    }

    void refuse_wrappings() {
        const auto word = cursor_.next_word();
        if (std::ranges::find(refused_words, word) != refused_words.end()) {
            cursor_.fail(cursor_.position(),
                         fmt::format("'{}' is not supported: only TCP and ICMP, without "
                                     "encapsulation",
                                     word));
        }
    }

    /// `(ttl 64)`, `[ect0]`, `[tos 0x2, flowlabel 0x12345]`
    void read_ip() {
        const bool round = cursor_.peek() == '(';
        if (!cursor_.take("(") && !cursor_.take("[")) {
            return;
        }
        do {
            read_ip_item();
        } while (cursor_.take(","));
        cursor_.want(round ? ")" : "]");
    }
    void read_ip_item() {
        const std::size_t start = cursor_.position();
        const auto word = cursor_.next_word();
        const auto codepoint = std::ranges::find(codepoints, word, &Codepoint::word);
        if (codepoint != codepoints.end()) {
            cursor_.word();
            made_.ip.ecn = codepoint->bits;
        } else if (cursor_.take_word("ect01")) {
            made_.ip.either_ect = true;
            if (inbound()) {
                cursor_.fail(start, "ect01 says what may come; to be sent is ect0 or ect1");
            }
        } else if (cursor_.take_word("tos")) {
            made_.ip.tos = static_cast<std::uint8_t>(cursor_.hexadecimal(0xff));
        } else if (cursor_.take_word("ttl")) {
            made_.ip.ttl = static_cast<std::uint8_t>(cursor_.number(0, 255));
        } else if (cursor_.take_word("flowlabel")) {
            made_.ip.flow_label = cursor_.hexadecimal(0xfffff);
        } else {
            cursor_.fail_wanting("noecn, ect0, ect1, ce, ect01, tos 0xN, ttl N or flowlabel 0xN");
        }
    }

    void read_segment() {
        read_ports();
        read_flags_word();
        const bool numbers = cursor_.number_follows() || cursor_.peek() == '*';
        if (made_.unwanted && !(numbers && cursor_.same_line())) {
            return;  // `~> R`, `~> *`: whatever its numbers are
        }
        read_sequence();
        read_numbers();
        read_list();
        read_literal();
    }
    void read_ports() {
        if (!cursor_.number_follows()) {
            return;
        }
        ScriptCursor ahead = cursor_;
        ahead.word();
        if (ahead.failed() || !ahead.take(">")) {
            return;  // flags that begin with an ACE digit
        }
        ScriptPorts ports;
        ports.source.value = static_cast<std::uint16_t>(cursor_.number(1, 65535));
        cursor_.want(">");
        ports.destination.value = static_cast<std::uint16_t>(cursor_.number(1, 65535));
        made_.ports = ports;
    }
    void read_flags_word() {
        if (made_.unwanted && cursor_.take("*")) {
            return;
        }
        if (!cursor_.same_line()) {
            cursor_.fail_wanting("control bits (letters of FSRP.UEWA, or - for none)");
        }
        const std::size_t start = cursor_.position();
        const auto word = cursor_.token("<(");
        made_.flags =
            word.find(',') == std::string_view::npos ? tcpcraft::read_flags(word) : std::nullopt;
        if (!made_.flags) {
            cursor_.fail(start, fmt::format("'{}' are no control bits: wanted letters of "
                                            "FSRP.UEWA, a digit 0 to 7 for AE, CWR and ECE, or - "
                                            "for none",
                                            printable(word)));
        }
    }
    static std::string printable(std::string_view word) {
        std::string made{word.substr(0, 20)};
        std::ranges::replace_if(
            made, [](char c) { return c < 0x20 || c >= 0x7f; }, '?');
        return made;
    }

    /// START:END(LENGTH), with `*` for what is not to be compared; `!`: on the wire's own count.
    void read_sequence() {
        const std::size_t start = cursor_.position();
        if (cursor_.take("*")) {
            cursor_.want(":");
            cursor_.want("*");
            cursor_.want("(");
            read_length();
            cursor_.want(")");
            return;
        }
        ScriptNumber first{.value = cursor_.number32()};
        cursor_.want(":");
        const bool open = cursor_.take("*");
        const std::uint32_t end = open ? 0 : cursor_.number32();
        cursor_.want("(");
        read_length();
        cursor_.want(")");
        first.absolute = cursor_.take("!");
        made_.seq = first;
        check_sum(start, first.value, end, open);
    }
    void read_length() {
        const std::size_t start = cursor_.position();
        if (cursor_.take("*")) {
            if (inbound()) {
                cursor_.fail(start, "what is to be sent needs a length");
            }
            return;
        }
        made_.length = static_cast<std::uint32_t>(
            cursor_.number(0, inbound() ? longest_packet : longest_expected));
    }
    void check_sum(std::size_t start, std::uint32_t first, std::uint32_t end, bool open) {
        if (open == made_.length.has_value() && !cursor_.failed()) {
            cursor_.fail(start, "END and LENGTH are either both numbers or both *");
        } else if (!open && made_.length && first + *made_.length != end) {
            cursor_.fail(start,
                         fmt::format("{}:{}({}) does not add up: {} + {} is {}", first, end,
                                     *made_.length, first, *made_.length, first + *made_.length));
        }
    }
    void read_numbers() {
        if (cursor_.take_word("ack")) {
            made_.ack_all = cursor_.take("*");
            if (!made_.ack_all) {
                made_.ack = ScriptNumber{.value = cursor_.number32()};
                made_.ack->absolute = cursor_.take("!");
            }
        }
        if (cursor_.take_word("win")) {
            made_.wnd = static_cast<std::uint16_t>(cursor_.number(0, 0xffff));
        } else if (inbound()) {
            cursor_.fail_wanting("win and a number (what is sent needs a window)");
        }
        if (cursor_.take_word("urg")) {
            made_.up = static_cast<std::uint16_t>(cursor_.number(0, 0xffff));
        }
    }

    void read_list() {
        const std::size_t start = cursor_.position();
        if (!cursor_.take("<")) {
            made_.options = Options{};
            return;
        }
        if (cursor_.take("...")) {
            cursor_.want(">");
            if (inbound()) {
                cursor_.fail(start,
                             "<...> says that options do not matter; to be sent are <>-"
                             "lists or none");
            }
            return;
        }
        made_.options = Options{};
        do {
            read_option();
        } while (cursor_.take(","));
        if (!cursor_.take(">")) {
            cursor_.fail_wanting("',' or '>' behind an option");
        }
    }
    void read_option() {
        const std::size_t start = cursor_.position();
        if (cursor_.next_word().empty() && cursor_.peek() != '!') {
            cursor_.fail_wanting("an option");
            return;
        }
        const std::string text = option_words();
        const auto read = option_of(text);
        if (!read) {
            cursor_.fail(start + std::min(read.error().offset, text.size()), read.error().sentence);
        } else if (!made_.options->append_octets(read->octets())) {
            cursor_.fail(start, fmt::format("with this option there are more than the {} octets "
                                            "that a header holds",
                                            Options::capacity));
        }
    }
    /// One option stands on one line; defined symbols are replaced.
    std::string option_words() {
        std::string text;
        do {
            const auto word = cursor_.token(",>");
            const auto defined = cursor_.defines().find(std::string{word});
            text += (text.empty() ? "" : " ") +
                    (defined == cursor_.defines().end() ? std::string{word} : defined->second);
        } while (cursor_.same_line() && cursor_.peek() != ',' && cursor_.peek() != '>');
        return text;
    }
    /// FOEXP stands for the experimental kind, and a cookie that is too long for no named option.
    static Expected<Options, NotationError> option_of(const std::string& text) {
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

    /// An extension: the octets themselves.
    void read_literal() {
        const std::size_t start = cursor_.position();
        if (cursor_.peek() != '"') {
            return;
        }
        made_.payload = cursor_.quoted();
        if (cursor_.failed()) {
            return;
        }
        if (made_.length != made_.payload->size()) {
            cursor_.fail(start, fmt::format("the payload has {} octets, the segment's length is {}",
                                            made_.payload->size(),
                                            made_.length ? std::to_string(*made_.length) : "*"));
        }
    }

    ScriptIcmp read_icmp() {
        ScriptIcmp made{.direction = made_.direction, .ip = made_.ip};
        if (made_.unwanted || made_.maybe) {
            cursor_.fail(start_, "~> and ?> are for TCP segments");
        }
        made.type = cursor_.word();
        if (made.type.empty()) {
            cursor_.fail_wanting("a type of ICMP message");
        }
        const auto next = cursor_.next_word();
        if (!next.empty() && next != "mtu" && next != "id" && !cursor_.number_follows() &&
            cursor_.place(cursor_.position()).line == cursor_.place(start_).line) {
            made.code = cursor_.word();
        }
        if (cursor_.take_word("mtu")) {
            made.mtu = cursor_.number32();
        }
        if (cursor_.take_word("id")) {
            made.id = static_cast<std::uint32_t>(cursor_.number(0, 0xffff));
        }
        read_echoed(made);
        return made;
    }
    void read_echoed(ScriptIcmp& made) {
        if (!cursor_.take("[")) {
            return;
        }
        if (cursor_.next_word() == "udp" || cursor_.next_word() == "raw") {
            cursor_.fail_wanting(
                "START:END(LENGTH) of a TCP segment (udp and raw are not "
                "supported)");
            return;
        }
        const std::size_t start = cursor_.position();
        ScriptNumber first{.value = cursor_.number32()};
        cursor_.want(":");
        const std::uint32_t end = cursor_.number32();
        cursor_.want("(");
        made.echoed_length = static_cast<std::uint32_t>(cursor_.number(0, longest_expected));
        cursor_.want(")");
        if (!cursor_.failed() && first.value + made.echoed_length != end) {
            cursor_.fail(start, fmt::format("{}:{}({}) does not add up", first.value, end,
                                            made.echoed_length));
        }
        cursor_.want("]");
        made.echoed_seq = first;
    }

    ScriptCursor& cursor_;
    std::size_t start_{0};
    ScriptSegment made_{};
};

}  // namespace

void read_packet(ScriptCursor& cursor, ScriptEvent& event) { PacketReader{cursor}.read(event); }

}  // namespace tcpcraft::script
