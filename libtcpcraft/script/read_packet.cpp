#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <libtcpcraft/script/packet_parts.hpp>
#include <libtcpcraft/script/script_cursor.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::script {

namespace {

constexpr std::int64_t longest_packet = 65'495;  // what one IPv4 packet holds behind its headers
constexpr std::int64_t longest_expected = 1 << 30;
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
        made_.ip = read_ip(cursor_, inbound());
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

    void read_segment() {
        read_ports();
        read_flags_word();
        const bool numbers = cursor_.number_follows() || cursor_.peek() == '*';
        if (made_.unwanted && !(numbers && cursor_.same_line())) {
            return;  // `~> R`, `~> *`: whatever its numbers are
        }
        read_sequence();
        read_numbers();
        made_.options = read_option_list(cursor_, inbound());
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
