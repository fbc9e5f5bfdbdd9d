#include <charconv>

#include <fmt/core.h>
#include <tests/engine/cells/words.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cells {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

/// Numbers just left of the origin are negative.
std::string relative(Seq value, Seq origin) { return fmt::format("{}", distance(origin, value)); }

std::string numbers(const Segment& segment, const Origins& origins) {
    if (segment.has(Flag::syn) && segment.seq != origins.iss) {
        return "?:?";
    }
    const bool from_nowhere = segment.has(Flag::rst) && segment.has(Flag::ack);
    const Seq origin = from_nowhere ? Seq{} : origins.iss;  // SEQ=0 of §3.5.2, group 1
    const auto size = static_cast<std::uint32_t>(segment.payload.size());
    return relative(segment.seq, origin) + ":" + relative(segment.seq + size, origin);
}

struct Words {
    const Origins& origins;

    std::string operator()(const Transmit& a) const {
        const Segment& segment = a.segment;
        std::string words = fmt::format("> {} {}({})", flags_text(segment.flags),
                                        numbers(segment, origins), segment.payload.size());
        if (segment.has(Flag::ack)) {
            words += " ack " + relative(segment.ack, origins.irs);
        }
        return words;
    }
    std::string operator()(const Deliver& a) const {
        return fmt::format("delivers {}", a.data.size());
    }
    std::string operator()(const Entered& a) const { return fmt::format("enters {}", text(a.to)); }
    std::string operator()(const Discarded& a) const {
        return fmt::format("drops {}", text(a.why));
    }
    std::string operator()(const Notified& a) const {
        return fmt::format("tells {}", text(a.notice));
    }
};

}  // namespace

std::string with_negative_numbers(std::string_view notation) {
    std::string out;
    for (std::size_t i = 0; i < notation.size(); ++i) {
        if (notation[i] != '-' || i + 1 == notation.size() || !digit(notation[i + 1])) {
            out += notation[i];
            continue;
        }
        std::uint32_t value = 0;
        const char* const first = notation.data() + i + 1;
        const auto read = std::from_chars(first, notation.data() + notation.size(), value);
        out += fmt::format("{}", 0U - value);
        i = static_cast<std::size_t>(read.ptr - notation.data()) - 1;
    }
    return out;
}

std::string in_words(const Action& action, const Origins& origins) {
    return std::visit(Words{origins}, action);
}

Rule rule_of(const Action& action) {
    return std::visit(
        [](const auto& a) {
            if constexpr (requires { a.rule; }) {
                return a.rule;
            } else {
                return Rule::none;
            }
        },
        action);
}

}  // namespace tcpcraft::cells
