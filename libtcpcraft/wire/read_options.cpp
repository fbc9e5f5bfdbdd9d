#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/wire/notation.hpp>
#include <libtcpcraft/wire/notation_cursor.hpp>
#include <libtcpcraft/wire/option_codec.hpp>

namespace tcpcraft {

namespace wire {

namespace {

/// Reads one option after another into a list.
class OptionListReader {
public:
    OptionListReader(NotationCursor& cursor, Seq sack_origin) noexcept
        : cursor_{cursor}, sack_origin_{sack_origin} {}

    Options read() {
        if (cursor_.at_end() || cursor_.peek() == '>') {
            return options_;
        }
        do {
            cursor_.skip_space();
            start_ = cursor_.position();
            read_one();
        } while (cursor_.take(','));
        return options_;
    }

private:
    using Reader = void (OptionListReader::*)();
    struct Word {
        std::string_view word{};
        Reader read{};
    };

    void read_one() {
        static constexpr std::array<Word, 13> words{
            {{"eol", &OptionListReader::put_plain<EndOfList>},
             {"nop", &OptionListReader::put_plain<NoOperation>},
             {"mss", &OptionListReader::maximum_segment_size},
             {"wscale", &OptionListReader::window_scale},
             {"sackOK", &OptionListReader::put_plain<SackPermitted>},
             {"sack", &OptionListReader::sack},
             {"TS", &OptionListReader::timestamps},
             {"FO", &OptionListReader::fast_open},
             {"md5", &OptionListReader::md5},
             {"uto", &OptionListReader::user_timeout},
             {"ao", &OptionListReader::authentication},
             {"mptcp", &OptionListReader::multipath},
             {"ECN", &OptionListReader::accurate_ecn}}};
        for (const Word& known : words) {
            if (cursor_.take_word(known.word)) {
                (this->*known.read)();
                return;
            }
        }
        raw();
    }

    template <typename Plain>
    void put_plain() {
        put(Plain{});
    }
    void maximum_segment_size() {
        put(MaximumSegmentSize{static_cast<std::uint16_t>(cursor_.number(0xffff))});
    }
    void window_scale() { put(WindowScale{static_cast<std::uint8_t>(cursor_.number(0xff))}); }
    void sack() {
        Sack made;
        while (made.count < made.block.size() && is_digit(cursor_.peek())) {
            const Seq left = sack_origin_ + cursor_.number();
            cursor_.want(':');
            made.block[made.count++] = {left, sack_origin_ + cursor_.number()};
        }
        if (made.count == 0) {
            cursor_.fail(start_, "sack needs one to four blocks as START:END");
        }
        put(made);
    }
    void timestamps() {
        Timestamps made;
        cursor_.want_word("val");
        made.val = cursor_.number();
        cursor_.want_word("ecr");
        made.ecr = cursor_.number();
        put(made);
    }
    void fast_open() {
        const HexOctets cookie = cursor_.hex();
        if (cookie.size > 16) {
            cursor_.fail(start_, fmt::format("a Fast Open cookie has at most 16 octets, not {}",
                                             cookie.size));
        }
        put(FastOpen{cookie.octets()});
    }
    void md5() {
        const HexOctets digest = cursor_.hex();
        if (digest.size != 16) {
            cursor_.fail(start_, fmt::format("an md5 digest has 16 octets, not {}", digest.size));
        }
        put(Md5Signature{digest.octets()});
    }
    void user_timeout() {
        UserTimeout made;
        made.value = static_cast<std::uint16_t>(cursor_.number(0x7fff));
        made.minutes = cursor_.take_word("min");
        if (!made.minutes) {
            cursor_.want_word("s");
        }
        put(made);
    }
    void authentication() {
        cursor_.want_word("keyid");
        const auto key = static_cast<std::uint8_t>(cursor_.number(0xff));
        cursor_.want_word("rnextkeyid");
        const auto next = static_cast<std::uint8_t>(cursor_.number(0xff));
        const HexOctets mac = cursor_.take_word("mac") ? cursor_.hex() : HexOctets{};
        put(Authentication{key, next, mac.octets()});
    }
    void multipath() {
        std::optional<std::size_t> named;
        for (std::size_t i = 0; i < multipath_names.size() && !named; ++i) {
            named = cursor_.take_word(multipath_names[i]) ? std::optional{i} : std::nullopt;
        }
        const HexOctets body = cursor_.hex();
        const Multipath made{body.octets()};
        if (body.size == 0 || (named && *named != made.subtype())) {
            cursor_.fail(start_, "mptcp needs its octets, the first of which holds the subtype");
        }
        put(made);
    }
    void accurate_ecn() {
        AccurateEcn made;
        made.order = cursor_.take_word("e0b") ? 0 : 1;
        if (made.order == 1) {
            cursor_.want_word("e1b");
        }
        const auto& names = accurate_ecn_names[made.order];
        while (
            made.count < names.size() && !cursor_.failed() &&
            (made.count == 0 ? is_digit(cursor_.peek()) : cursor_.take_word(names[made.count]))) {
            made.counter[made.count++] = cursor_.number(0xffffff);
        }
        put(made);
    }
    /// `!<hex>` or `<kind>:<hex>`
    void raw() {
        if (cursor_.take('!')) {
            const HexOctets octets = cursor_.hex();
            put(BrokenOption{octets.octets()});
            return;
        }
        if (!is_digit(cursor_.peek())) {
            cursor_.fail(start_, fmt::format("'{}' is no option: known are eol nop mss wscale "
                                             "sackOK sack TS FO md5 uto ao mptcp ECN, KIND:HEX "
                                             "and !HEX",
                                             cursor_.token().substr(0, 20)));
            return;
        }
        const auto kind = static_cast<std::uint8_t>(cursor_.number(0xff));
        cursor_.want(':');
        const HexOctets body = cursor_.hex();
        put(UnknownOption{kind, body.octets()});
    }

    static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

    void put(const Option& option) {
        if (!cursor_.failed() && !options_.append(option)) {
            cursor_.fail(start_, fmt::format("this option goes beyond the {} octets of a header",
                                             Options::capacity));
        }
    }

    NotationCursor& cursor_;
    Seq sack_origin_;
    Options options_{};
    std::size_t start_{0};
};

}  // namespace

Options read_option_list(NotationCursor& cursor, Seq sack_origin) {
    return OptionListReader{cursor, sack_origin}.read();
}

}  // namespace wire

Expected<Options, NotationError> read_options(std::string_view text) {
    wire::NotationCursor cursor{text};
    const Options options = wire::read_option_list(cursor, Seq{0});
    if (!cursor.failed() && !cursor.at_end()) {
        cursor.fail(cursor.position(), "wanted ',' between options");
    }
    if (cursor.error()) {
        return Unexpected<NotationError>{*cursor.error()};
    }
    return options;
}

}  // namespace tcpcraft
