#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/drive/steps.hpp>

namespace tcpcraft {

namespace {

Expected<SegmentPattern> read(std::string_view segment, SeqOrigin origin) {
    auto pattern = read_segment(segment, origin);
    if (!pattern) {
        return failure(std::make_error_code(std::errc::invalid_argument),
                       fmt::format("\"{}\", at {}: {}", segment, pattern.error().offset,
                                   pattern.error().sentence));
    }
    return std::move(*pattern);
}

}  // namespace

Expected<Step> expecting(std::string_view segment, Duration within) {
    return read(segment, {}).map([&](SegmentPattern pattern) {
        pattern.payload_size =
            pattern.payload ? static_cast<std::uint32_t>(pattern.payload->size()) : 0U;
        pattern.payload.reset();
        return Step{.name = "expect", .what = ExpectSegment{std::move(pattern), within, true}};
    });
}

Expected<Step> crafted(std::string_view segment, SeqOrigin origin, std::string note) {
    return read(segment, origin).map([&](SegmentPattern pattern) {
        return Step{.name = "craft", .what = Craft{std::move(pattern), {}, std::move(note)}};
    });
}

}  // namespace tcpcraft
