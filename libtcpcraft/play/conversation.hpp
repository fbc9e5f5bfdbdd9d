#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/play/player.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

// Private: the numbers of a conversation, the script's on one side and the wire's on the other.

namespace tcpcraft::play {

/// A segment that has come, with the octets that it is a view of.
struct Arrived {
    std::vector<std::byte> octets{};
    Datagram datagram{};
    Instant at{};
};

class Conversation {
public:
    explicit Conversation(Seq iss) noexcept : iss_{iss}, snd_nxt_{iss} {}

    [[nodiscard]] Segment segment_of(const ScriptSegment& line, const ConnectionId& id,
                                     std::vector<std::byte>& payload) const;
    void sent(const Segment& segment) noexcept;
    /// Of any segment that comes.
    void arrived(const Segment& segment) noexcept;
    /// A SYN that stands for this line gives the peer's ISN.
    void learn(const ScriptSegment& line, const Segment& segment) noexcept;
    /// A line that has come true gives the timestamps that its own stand for.
    void matched(const ScriptSegment& line, const Segment& segment);

    [[nodiscard]] SeqOrigin outgoing() const noexcept { return {iss_, peer_isn_}; }
    [[nodiscard]] SeqOrigin incoming() const noexcept { return {peer_isn_, iss_}; }
    [[nodiscard]] Seq peer_origin() const noexcept { return peer_isn_.value_or(Seq{0}); }
    [[nodiscard]] Seq iss() const noexcept { return iss_; }
    [[nodiscard]] Seq snd_nxt() const noexcept { return snd_nxt_; }
    /// What the peer said it expects next, else what was sent last.
    [[nodiscard]] Seq wanted_by_peer() const noexcept { return acknowledged_.value_or(snd_nxt_); }
    [[nodiscard]] Seq rcv_nxt() const noexcept { return rcv_nxt_.value_or(Seq{0}); }
    /// The script's number for a timestamp of the wire.
    [[nodiscard]] std::uint32_t script_timestamp(std::uint32_t live) const noexcept;
    [[nodiscard]] bool knows_timestamps() const noexcept { return first_timestamp_.has_value(); }

private:
    struct TimestampPair {
        std::uint32_t script{0};
        std::uint32_t live{0};
    };
    [[nodiscard]] Options live_options(const Options& options) const;
    [[nodiscard]] std::uint32_t live_echo(std::uint32_t script) const;

    Seq iss_;
    Seq snd_nxt_;
    std::optional<Seq> peer_isn_{};
    std::optional<Seq> rcv_nxt_{};
    std::optional<Seq> acknowledged_{};
    bool new_isn_expected_{true};
    std::map<std::uint32_t, std::uint32_t> timestamps_{};  ///< script's to live
    std::optional<TimestampPair> first_timestamp_{};
    std::optional<std::uint32_t> last_live_timestamp_{};
};

struct Strictness {
    bool values{false};
    std::optional<Duration> timestamp_tick{};
    Duration tolerance{};
};

/// Field by field; empty: it is what the line says.
[[nodiscard]] std::vector<FieldDifference> compare(const ScriptSegment& line,
                                                   const Datagram& datagram,
                                                   const Conversation& numbers,
                                                   const Strictness& strictness);

/// What came in the script's notation: `> F. 1:1(0) ack 1 win 502`.
[[nodiscard]] std::string notation(const Datagram& datagram, const Conversation& numbers);

/// The octets of an ICMP error about a segment of `remote`, from `local`; nothing when its type and
/// code are not known.
struct IcmpQuote {
    ConnectionId id{};
    Seq seq{};
    std::uint32_t length{0};
    std::uint8_t hop_limit{64};
};
[[nodiscard]] bool knows_icmp(const ScriptIcmp& line, Family family);
[[nodiscard]] std::vector<std::byte> icmp_packet(const ScriptIcmp& line, const IcmpQuote& quote);

}  // namespace tcpcraft::play
