// Any octets are refused with a place in them, or read and written as they were.
#include <algorithm>

#include <tests/fuzz/require.hpp>
#include <tests/fuzz/target.hpp>

#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace {

using tcpcraft::fuzz::require;

void check_text(const tcpcraft::Segment& segment) {
    const auto text = tcpcraft::segment_text(segment);
    const auto read = tcpcraft::read_segment(text);
    require(read.has_value(), "what is printed can be read");
    const auto again = read->laid_over(segment);
    require(again.payload.size() == segment.payload.size(), "the text holds the length");
    require(again.flags == segment.flags && again.seq == segment.seq && again.ack == segment.ack &&
                again.wnd == segment.wnd && again.options == segment.options,
            "the text holds every field");
}

void check(std::span<const std::byte> octets, bool checksum_ready) {
    const auto read = tcpcraft::parse(octets, checksum_ready);
    if (!read) {
        require(read.error().offset <= octets.size(), "the offset lies in the octets");
        require(!read.error().sentence().empty(), "there is a sentence");
        return;
    }
    const auto written = tcpcraft::serialize(*read);
    require(written.size() <= octets.size() &&
                std::ranges::equal(written, octets.first(written.size())),
            "parse, then serialize, is the identity");
    require((read->checksum == tcpcraft::Checksum::offloaded) == !checksum_ready,
            "offloaded is what the kernel says");
    check_text(read->segment);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto octets = std::as_bytes(std::span{data, size});
    check(octets, true);
    check(octets, false);
    return 0;
}
