#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/wire/pattern.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

namespace {

std::string number_difference(const char* field, std::uint32_t wanted, std::uint32_t got) {
    return wanted == got ? std::string{} : fmt::format("{}: wanted {}, got {}", field, wanted, got);
}

std::string flags_difference(Flags wanted, Flags got) {
    if (wanted == got) {
        return {};
    }
    return fmt::format("flags: wanted {}, got {}", flags_text(wanted), flags_text(got));
}

std::string options_difference(const Options& wanted, const Options& got) {
    if (wanted == got) {
        return {};
    }
    return fmt::format("options: wanted <{}>, got <{}>", options_text(wanted), options_text(got));
}

std::string payload_difference(std::span<const std::byte> wanted, std::span<const std::byte> got) {
    const auto [here, there] = std::ranges::mismatch(wanted, got);
    if (here == wanted.end() && there == got.end()) {
        return {};
    }
    if (wanted.size() != got.size()) {
        return fmt::format("payload: wanted {} octets, got {}", wanted.size(), got.size());
    }
    return fmt::format("payload: octet {}: wanted {:#04x}, got {:#04x}", here - wanted.begin(),
                       std::to_integer<unsigned>(*here), std::to_integer<unsigned>(*there));
}

}  // namespace

bool SegmentPattern::matches(const Segment& seen) const {
    return (!flags || *flags == seen.flags) && (!seq || *seq == seen.seq) &&
           (!ack || *ack == seen.ack) && (!wnd || *wnd == seen.wnd) && (!up || *up == seen.up) &&
           (!options || *options == seen.options) &&
           (!payload || std::ranges::equal(*payload, seen.payload)) &&
           (!payload_size || *payload_size == seen.payload.size());
}

std::string SegmentPattern::difference(const Segment& seen) const {
    const auto got_size = static_cast<std::uint32_t>(seen.payload.size());
    std::string found;
    const auto compare = [&found](const auto& field, auto&& difference) {
        if (found.empty() && field) {
            found = difference(*field);
        }
    };
    const auto number = [](const char* name, std::uint32_t got) {
        return [name, got](std::uint32_t wanted) { return number_difference(name, wanted, got); };
    };
    compare(flags, [&](Flags wanted) { return flags_difference(wanted, seen.flags); });
    compare(seq, [&](Seq wanted) { return number("seq", seen.seq.raw())(wanted.raw()); });
    compare(ack, [&](Seq wanted) { return number("ack", seen.ack.raw())(wanted.raw()); });
    compare(wnd, number("win", seen.wnd));
    compare(up, number("urg", seen.up));
    compare(options, [&](const auto& wanted) { return options_difference(wanted, seen.options); });
    compare(payload, [&](const auto& wanted) { return payload_difference(wanted, seen.payload); });
    compare(payload_size, number("octets of payload", got_size));
    return found;
}

Segment SegmentPattern::laid_over(const Segment& honest) const {
    Segment made = honest;
    made.flags = flags.value_or(honest.flags);
    made.seq = seq.value_or(honest.seq);
    made.ack = ack.value_or(honest.ack);
    made.wnd = wnd.value_or(honest.wnd);
    made.up = up.value_or(honest.up);
    made.options = options.value_or(honest.options);
    if (payload) {
        made.payload = *payload;
    }
    return made;
}

bool SegmentPattern::empty() const noexcept {
    return !flags && !seq && !ack && !wnd && !up && !options && !payload && !payload_size;
}

}  // namespace tcpcraft
