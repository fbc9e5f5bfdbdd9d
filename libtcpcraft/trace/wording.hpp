#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/trace/record.hpp>
#include <libtcpcraft/trace/style.hpp>
#include <libtcpcraft/trace/symbols.hpp>
#include <libtcpcraft/trace/text_options.hpp>

// Private: what the ladder and the lines say, without where it stands.

namespace tcpcraft {

/// Seconds in eight columns: six decimals, fewer when the number is large.
[[nodiscard]] std::string time_text(Instant at);
/// `240 s`, `1.023 s`, `200 ms`, `85 µs`
[[nodiscard]] std::string duration_text(Duration duration);
/// `SYN,ACK`; `no flags`
[[nodiscard]] std::string flag_names(Flags flags);
[[nodiscard]] Tone tone_of(Flags flags) noexcept;

/// Numbers as the options want them: relative, absolute or in letters.
struct Numbers {
    std::string seq{};
    std::string ack{};  ///< empty without the ACK flag
};
[[nodiscard]] Numbers numbers(const SegmentSeen& seen, const TextOptions& options,
                              const Symbols* symbols);

/// The segment did not reach the other side, or was kept from ours.
[[nodiscard]] bool lost(const SegmentSeen& seen);
/// Everything unusual about a segment, a phrase each.
struct Remark {
    Tone tone{};
    std::string text{};
};
[[nodiscard]] std::vector<Remark> remarks(const SegmentSeen& seen, bool unicode);
/// Options that are worth a line without -v: those of a SYN, and the rare ones.
[[nodiscard]] bool options_matter(const Segment& segment);
/// TTL, traffic class, identification, checksum, clock (-v).
[[nodiscard]] std::string fields_text(const SegmentSeen& seen);
/// The octets in lines of hexadecimal and characters, as many a line as fit (-vv).
[[nodiscard]] std::vector<std::string> hex_lines(std::span<const std::byte> octets,
                                                 std::size_t width);
/// Payload as a quoted string, cut to the width.
[[nodiscard]] std::string excerpt(std::span<const std::byte> payload, std::size_t width);

/// `time-wait 240 s`, `retransmission fired`
[[nodiscard]] std::string timer_text(const TimerChanged& timer, Instant now);
[[nodiscard]] Tone tone_of(Verdict verdict) noexcept;
/// `conforms  H-10  sentence (rule)`
[[nodiscard]] std::string verdict_text(const Judged& judged, bool unicode);
[[nodiscard]] std::string progress_text(const Progressed& progress);
/// `SND.UNA 1`, … one entry each, so that they can be laid out; `–` for what means nothing yet.
[[nodiscard]] std::vector<std::string> tcb_entries(const Tcb& tcb, bool absolute);
/// `sentence [citation]`, empty for no rule.
[[nodiscard]] std::string rule_text(Rule rule);

}  // namespace tcpcraft
