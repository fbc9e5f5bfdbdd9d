// Any text is refused with a place in it, or read; what was read is printed and read alike.
#include <tests/fuzz/require.hpp>
#include <tests/fuzz/target.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace {

using tcpcraft::Flag;
using tcpcraft::Seq;
using tcpcraft::fuzz::require;

void check_error(const tcpcraft::NotationError& error, std::string_view text) {
    require(error.offset <= text.size(), "the offset lies in the text");
    require(!error.sentence.empty(), "there is a sentence");
}

void check_options(std::string_view text) {
    const auto read = tcpcraft::read_options(text);
    if (!read) {
        check_error(read.error(), text);
        return;
    }
    const auto again = tcpcraft::read_options(tcpcraft::options_text(*read));
    require(again.has_value() && *again == *read, "options: printed, then read, are the same");
}

void check_segment(std::string_view text, tcpcraft::SeqOrigin origin) {
    const auto read = tcpcraft::read_segment(text, origin);
    if (!read) {
        check_error(read.error(), text);
        return;
    }
    require(read->flags && read->seq && read->payload, "control bits, seq and length are there");
    const auto segment = read->laid_over({});
    const auto again = tcpcraft::read_segment(tcpcraft::segment_text(segment, origin), origin);
    require(again.has_value(), "what is printed can be read");
    require(again->matches(segment), "a segment: printed, then read, is the same");
    require(again->ack.has_value() == segment.has(Flag::ack), "ack is printed with its bit");
}

void check_flags(std::string_view text) {
    if (const auto flags = tcpcraft::read_flags(text)) {
        require(tcpcraft::read_flags(tcpcraft::flags_text(*flags)) == flags,
                "control bits: printed, then read, are the same");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto octets = std::as_bytes(std::span{data, size});
    std::string text;
    for (const std::byte octet : octets) {
        text += static_cast<char>(octet);
    }
    check_options(text);
    check_segment(text, {});
    check_segment(text, {.seq = Seq{0xfffffff0U}, .ack = Seq{7}});
    check_flags(text);
    return 0;
}
