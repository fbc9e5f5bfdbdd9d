#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/seq/seq.hpp>
#include <libtcpcraft/trace/record.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft {

/// A place in the sequence space of a connection that is known only while it runs.
enum class Mark : std::uint8_t {
    snd_nxt,        ///< what we send next
    rcv_nxt,        ///< what we expect next
    window_end,     ///< one past what the peer allows
    first_snd_nxt,  ///< SND.NXT and RCV.NXT of the connection before this one, on the same
                    ///< addresses
    first_rcv_nxt,
    probe_ack,  ///< the ACK of our last probe: the SEQ of a RST that answers it
};

/// A number counted from a mark.
struct Number {
    Mark mark{};             ///< where it is counted from
    std::int32_t offset{0};  ///< from there, in octets
    friend bool operator==(const Number&, const Number&) = default;
};

/// Where the marks are now.
struct Marks {
    Seq snd_una{};        ///< SND.UNA
    Seq snd_nxt{};        ///< SND.NXT
    Seq rcv_nxt{};        ///< RCV.NXT
    Seq window_end{};     ///< one past what the peer allows
    Seq first_snd_nxt{};  ///< of the connection before on the same addresses
    Seq first_rcv_nxt{};  ///< of the connection before on the same addresses
    Seq probe_ack{};      ///< the ACK of our last probe
    State state{};        ///< ours
    /// The sequence number there.
    [[nodiscard]] TCPCRAFT_API Seq at(Number number) const noexcept;
};

/// One of the things that may come, and what is to be thought of it.
struct Answer {
    Flags with{};                 ///< has all of these
    Flags without{};              ///< and none of these
    std::optional<Number> seq{};  ///< where SEG.SEQ has to be; unset: anywhere
    std::optional<Number> ack{};  ///< where SEG.ACK has to be; unset: anywhere
    Verdict verdict{};            ///< what is thought of it
    std::string rule{};           ///< what it rests on: document, section, label
    std::string text{};           ///< one sentence
    bool empty{false};            ///< and no octets
    bool shut{false};             ///< and announces a window of zero
    bool wait_on{false};          ///< noted, and waited on: something that decides more may follow,
    Duration then{};    ///< within so long from when it came first (zero: within the question's)
    bool ends{false};   ///< nothing more can be asked: on to the step Told
    unsigned times{1};  ///< counts only when it has come so often
    /// The peer's SEG.SEQ has to lie beyond this mark.
    std::optional<Number> seq_beyond{};
    std::optional<Number> ack_beyond{};  ///< and its SEG.ACK beyond this one
    std::vector<State> only_in{};        ///< ours before it came; empty: any
    /// A RST with a number that nothing of what was sent explains; other answers have one.
    bool unexplained{false};

    /// Whether it is what was meant.
    [[nodiscard]] TCPCRAFT_API bool matches(const Segment& segment,
                                            const Marks& marks) const noexcept;
};

/// What one question of a scenario has brought to light.
struct Finding {
    Judged judged{};                  ///< the verdict
    std::optional<Duration> delay{};  ///< from the question's last segment to its answer
    Flags flags{};                    ///< of the answer; none: silence
};

/// A segment as it was seen, for measurements.
struct Sighting {
    std::size_t number{0};       ///< as SegmentSeen::number
    Direction direction{};       ///< seen from us
    Flags flags{};               ///< the control bits
    Seq seq{};                   ///< SEG.SEQ
    Seq ack{};                   ///< SEG.ACK
    std::uint32_t len{0};        ///< SEG.LEN
    Instant at{};                ///< when, on the run's clock
    State state{};               ///< ours, after it
    State peer_state{};          ///< the peer's, inferred, after it
    bool lost{false};            ///< on purpose, or by a fault rule
    bool retransmission{false};  ///< was sent before
    bool altered{false};         ///< not what the state machine would send
    Rule rule{};                 ///< why we sent it; of an arrival, what it met
    bool timestamps{false};      ///< agreed on, or carried
    std::uint32_t ts_val{0};     ///< of its timestamps
    bool stray{false};           ///< of nobody who knows the connection's numbers
    // By which an arrival of somebody else's can be told from the peer's.
    std::uint16_t wnd{0};             ///< as it stands in the segment
    std::uint8_t hop_limit{0};        ///< TTL or hop limit
    std::uint16_t identification{0};  ///< IPv4 only
};

}  // namespace tcpcraft
