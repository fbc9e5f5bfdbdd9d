#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <libtcpcraft/wire/notation.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

namespace {

std::string hex(std::span<const std::byte> octets) {
    std::string text;
    for (const std::byte octet : octets) {
        fmt::format_to(std::back_inserter(text), "{:02x}", std::to_integer<unsigned>(octet));
    }
    return text;
}

/// `word`, and behind a space the octets where there are any.
std::string with_hex(std::string_view word, std::span<const std::byte> octets) {
    std::string text{word};
    if (!octets.empty()) {
        text += " " + hex(octets);
    }
    return text;
}

/// The text of one option.
class OptionPrinter {
public:
    explicit OptionPrinter(Seq sack_origin) noexcept : sack_origin_{sack_origin} {}

    std::string operator()(const EndOfList&) const { return "eol"; }
    std::string operator()(const NoOperation&) const { return "nop"; }
    std::string operator()(const MaximumSegmentSize& o) const {
        return fmt::format("mss {}", o.value);
    }
    std::string operator()(const WindowScale& o) const { return fmt::format("wscale {}", o.shift); }
    std::string operator()(const SackPermitted&) const { return "sackOK"; }
    std::string operator()(const Sack& o) const {
        std::string text = "sack";
        for (const SackBlock& block : o.blocks()) {
            fmt::format_to(std::back_inserter(text), " {}:{}",
                           wire::relative(block.left, sack_origin_),
                           wire::relative(block.right, sack_origin_));
        }
        return text;
    }
    std::string operator()(const Timestamps& o) const {
        return fmt::format("TS val {} ecr {}", o.val, o.ecr);
    }
    std::string operator()(const FastOpen& o) const { return with_hex("FO", o.cookie); }
    std::string operator()(const UserTimeout& o) const {
        return fmt::format("uto {}{}", o.value, o.minutes ? "min" : "s");
    }
    std::string operator()(const Md5Signature& o) const { return with_hex("md5", o.digest); }
    std::string operator()(const Authentication& o) const {
        const auto keys = fmt::format("ao keyid {} rnextkeyid {}", o.key_id, o.rnext_key_id);
        return o.mac.empty() ? keys : with_hex(keys + " mac", o.mac);
    }
    std::string operator()(const Multipath& o) const {
        if (o.subtype() < wire::multipath_names.size()) {
            return fmt::format("mptcp {} {}", wire::multipath_names[o.subtype()], hex(o.body));
        }
        return fmt::format("mptcp {}", hex(o.body));
    }
    std::string operator()(const AccurateEcn& o) const {
        const auto& names = wire::accurate_ecn_names[o.order == 0 ? 0 : 1];
        if (o.count == 0) {  // the name of the first counter tells the kind
            return fmt::format("ECN {}", names[0]);
        }
        std::string text = "ECN";
        for (std::size_t i = 0; i < o.count; ++i) {
            fmt::format_to(std::back_inserter(text), " {} {}", names[i], o.counter[i]);
        }
        return text;
    }
    std::string operator()(const UnknownOption& o) const {
        return fmt::format("{}:{}", o.kind, hex(o.body));
    }
    std::string operator()(const BrokenOption& o) const { return "!" + hex(o.octets); }

private:
    Seq sack_origin_;
};

/// What stands behind EOL. The receiver never reads it; a crafter may want to see it.
std::string padding_text(std::span<const std::byte> padding) {
    if (std::ranges::any_of(padding, [](std::byte octet) { return octet != std::byte{0}; })) {
        return ",!" + hex(padding);
    }
    std::string text;
    for (std::size_t i = 0; i < padding.size(); ++i) {
        text += ",eol";
    }
    return text;
}

std::string print_options(const Options& options, Seq sack_origin) {
    const OptionPrinter print{sack_origin};
    std::string text;
    std::size_t used = 0;
    for (auto at = options.begin(); at != options.end(); ++at) {
        text += (text.empty() ? "" : ",") + std::visit(print, *at);
        used += at.octets().size();
    }
    return text + padding_text(options.octets().subspan(used));
}

}  // namespace

std::string flags_text(Flags flags) {
    std::string text;
    for (const wire::FlagName& name : wire::flag_names) {
        if (flags.has(name.flag)) {
            text += name.letter;
        }
    }
    if (text.empty()) {
        text = "-";
    }
    return text;
}

std::string options_text(const Options& options) { return print_options(options, Seq{0}); }

std::string segment_text(const Segment& segment, SeqOrigin origin) {
    const auto size = static_cast<std::uint32_t>(segment.payload.size());
    const std::uint32_t first = wire::relative(segment.seq, origin.seq.value_or(Seq{0}));
    const Seq ack_origin = origin.ack.value_or(Seq{0});
    auto text = fmt::format("{} {}:{}({})", flags_text(segment.flags), first, first + size, size);
    const auto out = std::back_inserter(text);
    if (segment.has(Flag::ack)) {
        fmt::format_to(out, " ack {}", wire::relative(segment.ack, ack_origin));
    }
    fmt::format_to(out, " win {}", segment.wnd);
    if (segment.has(Flag::urg)) {
        fmt::format_to(out, " urg {}", segment.up);
    }
    if (!segment.options.empty()) {
        fmt::format_to(out, " <{}>", print_options(segment.options, ack_origin));
    }
    return text;
}

}  // namespace tcpcraft
