#include <array>
#include <utility>

#include <tests/kernel/differences/quirks.hpp>

namespace tcpcraft::test {
namespace {

constexpr bool unseen = true;
constexpr bool ends = true;
constexpr bool rare = true;

constexpr std::array list{
    KnownDifference{"The number just right of the window",
                    "A segment that begins exactly at RCV.NXT+RCV.WND passes the first check: its "
                    "ACK counts, its RST or SYN is challenged, its text is thrown away later.",
                    "It is unacceptable: an ACK, or silence for a RST.",
                    "RFC 9293 §3.10.7.4, first, Table 6: SEG.SEQ < RCV.NXT+RCV.WND.",
                    quirks::right_edge, unseen},
    KnownDifference{"A copy that ends where RCV.NXT stands",
                    "A segment whose last number is RCV.NXT-1 passes the first check: its ACK "
                    "counts, its RST is challenged, and the rest is acknowledged as a copy.",
                    "It is unacceptable: an ACK, or silence for a RST.",
                    "RFC 9293 §3.10.7.4, first, Table 6: RCV.NXT =< SEG.SEQ+SEG.LEN-1.",
                    quirks::left_edge, unseen},
    KnownDifference{"No ACK bit, out of the window",
                    "A segment without ACK, SYN and RST is dropped before its number is looked at.",
                    "The first check comes first: out of the window it earns an ACK.",
                    "RFC 9293 §3.10.7.4: the checks go in order, and the ACK bit is the fifth.",
                    quirks::no_ack_no_answer},
    KnownDifference{"Timestamps agreed on, but missing",
                    "The segment is taken as if it had a current one.", "It is dropped.",
                    "RFC 7323 §3.2: such a segment SHOULD be dropped silently.",
                    quirks::timestamp_missing, unseen},
    KnownDifference{"An old copy of a bare ACK",
                    "With an old timestamp and a number left of RCV.NXT it is dropped without a "
                    "word.",
                    "It is dropped and answered with an ACK.",
                    "RFC 7323 §5.3, R1: send an acknowledgment in reply.", quirks::old_ack_silence,
                    !unseen, !ends, rare},
    KnownDifference{"An ACK from before the first octet",
                    "It is challenged and dropped when it lies further back than all that was "
                    "ever acknowledged, however large the window has been.",
                    "Down to SND.UNA-MAX.SND.WND it is a duplicate, whose text is taken.",
                    "RFC 5961 §5.2 (RFC 9293 MAY-12): exactly that range is acceptable.",
                    quirks::ack_of_nothing_sent, unseen},
    KnownDifference{
        "Expected text with an ACK that is too old",
        "Text at RCV.NXT in a segment that looks like the last one is taken whatever old "
        "ACK it carries (a short way through the kernel); on the long way it is dropped.",
        "It is dropped and answered with an ACK.",
        "RFC 5961 §5.2 (RFC 9293 MAY-12): all segments whose ACK is too old.",
        quirks::expected_text, !unseen, !ends, rare},
    KnownDifference{
        "The window of a new ACK", "It is taken from whatever segment acknowledges something new.",
        "Only from a segment whose number is not older than the last one it was taken "
        "from.",
        "RFC 9293 §3.10.7.4, fifth: SND.WL1 < SEG.SEQ, or equal with SND.WL2 =< SEG.ACK.",
        quirks::window_of_a_new_ack, unseen},
    KnownDifference{"A smaller window with the same numbers", "It is ignored, unless it is zero.",
                    "It counts.",
                    "RFC 9293 §3.10.7.4, fifth: SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK.",
                    quirks::smaller_window_ignored, unseen},
    KnownDifference{
        "ACK and data in one segment", "Data that becomes sendable carries the ACK that is owed.",
        "The ACK of a FIN goes first, the data behind it.",
        "RFC 9293 §3.10.7.4, eighth: the FIN is acknowledged. Riding on data is allowed, "
        "not required (MUST-58 speaks of queued segments).",
        quirks::ack_rides_on_data, !unseen, !ends, rare},
    KnownDifference{"Resets without timestamps",
                    "A RST in answer to a segment carries no timestamps; that for data after "
                    "close() has SEQ=SEG.ACK.",
                    "It carries them where they were agreed on or came; that for data after CLOSE "
                    "has SEQ=SND.NXT.",
                    "RFC 7323 §5.2: a RST in answer to a segment with timestamps SHOULD have them, "
                    "too. SND.NXT is what RFC 5961 §3 asks a RST to be at.",
                    quirks::reset_without_timestamps},

    KnownDifference{"SYN and FIN at once, in LISTEN",
                    "Dropped. In TIME-WAIT, too, and TIME-WAIT is over all the same.",
                    "It is a SYN; its FIN waits or is dropped with its text.",
                    "RFC 9293 §3.10.7.2, third: the SYN is looked at, other control is kept.",
                    quirks::syn_fin_to_listen},
    KnownDifference{"Text and FIN on a SYN", "Neither is kept: the peer has to send them again.",
                    "They wait for the handshake and are delivered then.",
                    "RFC 9293 §3.10.7.2 and §3.10.7.3: they should be processed in SYN-RECEIVED or "
                    "ESTABLISHED.",
                    quirks::text_of_syn_dropped, unseen},
    KnownDifference{
        "The options of a simultaneous open",
        "SYN,ACK repeats every option of the SYN before it, whatever the peer's SYN had.",
        "It has those that the peer's SYN had, too.",
        "RFC 7323 §2.2 and §3.2, RFC 2018 §2: in answer to a SYN only what it offered.",
        quirks::syn_ack_repeats_options},
    KnownDifference{"A repeated SYN after a simultaneous open",
                    "It is challenged with a bare ACK; so is a SYN,ACK that does not acknowledge "
                    "just our SYN or carries more.",
                    "SYN,ACK once more; RST for a SYN,ACK that acknowledges something else.",
                    "Policy::repeat_syn_ack = false gives the ACK. The RST is RFC 9293 §3.10.7.4, "
                    "fifth.",
                    quirks::repeated_syn_challenged, !unseen, !ends, rare},
    KnownDifference{"The SYN,ACK that completes a simultaneous open", "It is answered with an ACK.",
                    "Nothing is sent.",
                    "RFC 9293 §3.5, Figure 7: SYN,ACK against SYN,ACK, and both are ESTABLISHED.",
                    quirks::completing_syn_ack_acknowledged},
    KnownDifference{"An ACK of nothing after a simultaneous open",
                    "SEG.ACK = ISS establishes the connection, with our SYN unacknowledged.",
                    "It is answered with RST.",
                    "RFC 9293 §3.10.7.4, fifth, SYN-RECEIVED: SND.UNA < SEG.ACK.",
                    quirks::ack_of_iss_establishes, !unseen, ends, rare},
    KnownDifference{"SYN-RECEIVED looks at the ACK first",
                    "After a passive open, an ACK of anything but our SYN draws RST wherever the "
                    "segment lies; a RST with such an ACK is ignored.",
                    "The number is judged first; a RST is judged without its ACK.",
                    "RFC 9293 §3.10.7.4: first the number, second RST, fifth the ACK.",
                    quirks::ack_before_sequence},
    KnownDifference{"SYN-RECEIVED answers another SYN",
                    "After a passive open, a SYN in the window draws RST and ends the attempt.",
                    "Back to LISTEN without a word.",
                    "RFC 9293 §3.10.7.4, fourth: return to LISTEN, and return.",
                    quirks::in_window_syn_reset},
    KnownDifference{
        "SYN,ACK in SYN-RECEIVED",
        "After a passive open, a SYN,ACK at IRS is answered with an ACK and leaves half "
        "a connection behind.",
        "An ACK, and the attempt stays what it was.",
        "RFC 9293 §3.10.7.4, first: it is out of the window.", quirks::syn_ack_not_taken, unseen,
        ends, rare},
    KnownDifference{"SYN-RECEIVED holds PAWS against RST",
                    "After a passive open, a RST with an old timestamp is ignored.",
                    "Its timestamp does not matter.",
                    "RFC 7323 §5.2 and §5.3, R1: a RST is not subject to PAWS.",
                    quirks::reset_under_paws, !unseen, !ends, rare},

    KnownDifference{
        "RST at RCV.NXT-1 after the peer's FIN",
        "In CLOSE-WAIT, CLOSING and LAST-ACK it resets, too.",
        "It is out of the window and ignored.",
        "RFC 5961 §3.2: RCV.NXT exactly. Linux allows for hosts that do not count their "
        "FIN.",
        quirks::reset_left_of_fin},
    KnownDifference{"RST behind a gap",
                    "With SACK it resets, too, where the last octet ends that has arrived behind a "
                    "gap.",
                    "It is challenged, or ignored out of the window.",
                    "RFC 5961 §3.2 (RFC 9293 §3.10.7.4, second): RCV.NXT exactly.",
                    quirks::reset_behind_the_gap, !unseen, !ends, rare},
    KnownDifference{
        "Text beyond the peer's FIN",
        "In CLOSE-WAIT, CLOSING and LAST-ACK, a segment from before RCV.NXT to behind it "
        "draws RST and ends the connection.",
        "Its text is ignored.",
        "RFC 9293 §3.10.7.4, seventh: this should not occur; ignore the text.",
        quirks::text_past_the_fin},
    KnownDifference{"CLOSE into a closed window",
                    "In CLOSE-WAIT the state is LAST-ACK at once, though the FIN cannot go yet.",
                    "LAST-ACK begins when the FIN has been sent.",
                    "RFC 9293 §3.10.4: send a FIN, enter LAST-ACK.", quirks::last_ack_at_once},
    KnownDifference{"FIN behind a gap after close()", "It resets, as text does.",
                    "It is acknowledged and kept; only text in the window resets.",
                    "RFC 9293 MAY-1, SHLD-3: for new data that cannot be delivered; a FIN is none.",
                    quirks::gap_after_close, !unseen, !ends, rare},
    KnownDifference{"Across the right edge after close()",
                    "In CLOSING and LAST-ACK nothing that ends beyond the window is taken, since "
                    "the peer's FIN lies unread.",
                    "What begins in the window is acceptable.",
                    "RFC 9293 §3.10.7.4, first, Table 6.", quirks::across_the_right_edge, !unseen,
                    !ends, rare},

    KnownDifference{"FIN-WAIT-2 after close(): RST", "Any RST in the window ends it.",
                    "In the window but not at RCV.NXT: challenged.",
                    "RFC 5961 §3.2. Linux keeps FIN-WAIT-2 as a small record that knows no "
                    "challenge; in the policy challenge_ack = false.",
                    quirks::fin_wait_2_reset, !unseen, !ends, rare},
    KnownDifference{"FIN-WAIT-2 after close(): out of the window",
                    "ACK, also for a RST and for a SYN with an old timestamp.",
                    "ACK, but silence for a RST.",
                    "RFC 9293 §3.10.7.4, first: unless the RST bit is set.", quirks::fin_wait_2_ack,
                    !unseen, !ends, rare},
    KnownDifference{"FIN-WAIT-2 after close(): in the window",
                    "The ACK field is not looked at; text or a FIN that is not the next octet "
                    "resets; what brings nothing new is dropped.",
                    "All checks as in every state.", "RFC 9293 §3.10.7.4, fifth to eighth.",
                    quirks::fin_wait_2_silence, !unseen, !ends, rare},
    KnownDifference{"FIN-WAIT-2 after close(): SYN", "A SYN in the window resets.",
                    "It is challenged.", "RFC 5961 §4.2; challenge_ack = false gives the RST.",
                    quirks::fin_wait_2_syn, !unseen, !ends, rare},

    KnownDifference{"TIME-WAIT answers",
                    "An ACK for whatever is not RST, not a SYN alone and not bare at RCV.NXT: text "
                    "in the window, a FIN, no ACK bit, timestamps or none.",
                    "An ACK for what is out of the window; text in it is ignored.",
                    "RFC 9293 §3.10.7.4: first, fifth, seventh (ignore the text).",
                    quirks::time_wait_ack},
    KnownDifference{"TIME-WAIT is silent",
                    "No challenge for a RST that is not at RCV.NXT; no look at the ACK field of a "
                    "bare segment.",
                    "A RST in the window is challenged; an ACK of what was never sent is answered.",
                    "RFC 5961 §3.2; RFC 9293 §3.10.7.4, fifth.", quirks::time_wait_silence},
    KnownDifference{"TIME-WAIT refuses a SYN",
                    "With an ACK. A SYN at RCV.NXT itself is refused, too, and one with timestamps "
                    "where the old connection had none must have a higher number.",
                    "Silently, by the rules of RFC 6191; a SYN at RCV.NXT is newer than the FIN.",
                    "RFC 6191 §2 (RFC 9293 SHLD-4): compare with the last number used; else drop "
                    "silently. Policy::rfc6191 = false answers every SYN with an ACK.",
                    quirks::time_wait_syn_refused},
};

}  // namespace

std::span<const KnownDifference> known_differences() { return list; }

Step in_the_way_of_linux(const KnownDifference& difference, Step engine) {
    return [as_linux = difference.as_linux, engine = std::move(engine)](
               Tcb tcb, const Event& event, Instant now, const Policy& policy, Actions& out) {
        return as_linux(engine, std::move(tcb), Moment{event, now, policy, out});
    };
}

}  // namespace tcpcraft::test
