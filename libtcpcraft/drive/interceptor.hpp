#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/rule.hpp>
#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/pattern.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

/// A segment that is about to leave, as the state machine wants it.
struct Proposal {
    std::size_t connection{0};   ///< from 1; 0: none
    const Datagram& datagram;    ///< with its IP header
    SeqOrigin origin{};          ///< what relative numbers count from
    Rule rule{};                 ///< what it rests on: document, section, label
    bool retransmission{false};  ///< was sent before
    const Tcb& before;           ///< the TCB before the step that made this segment
    const Tcb& after;            ///< the TCB after that step
    /// Nothing of this step has left yet: an honest edit may still run the machine again.
    bool may_redo{false};
};

/// Other choices that an honest TCP could have made: the step is run again with them.
struct HonestEdit {
    std::optional<Seq> iss{};                      ///< our initial sequence number
    std::optional<std::uint16_t> wnd{};            ///< as it is to stand on the wire
    std::optional<Options> syn_options{};          ///< of our SYN
    std::optional<std::vector<std::byte>> data{};  ///< in place of what was to be sent
    /// Whether anything is asked for.
    [[nodiscard]] bool any() const noexcept { return iss || wnd || syn_options || data; }
};

/// What becomes of it.
struct Decision {
    /// What becomes of it.
    enum class Fate : std::uint8_t { send, drop, twice, delay, redo };
    Fate fate{Fate::send};                    ///< what becomes of it
    Duration delay{};                         ///< so long
    SegmentPattern altered{};                 ///< laid over the segment; empty: as proposed
    WireOverrides lies{};                     ///< what is wrong in the encoding only
    std::optional<std::uint8_t> hop_limit{};  ///< TTL or hop limit; unset: as it is
    HonestEdit edit{};                        ///< for Fate::redo
    std::string note{};                       ///< said beside the segment in the trace
};

/// Stands between the state machine and the link: crafting options, the third segment of a
/// handshake, the prompt of --step. The machine is never told what happens here; the trace is.
class TCPCRAFT_API Interceptor {
public:
    Interceptor() = default;
    Interceptor(const Interceptor&) = delete;
    Interceptor& operator=(const Interceptor&) = delete;
    virtual ~Interceptor();

    /// What becomes of a segment that is about to leave.
    [[nodiscard]] virtual Decision leaving(const Proposal& proposal) = 0;
    /// Before the machine sees an arrival. False: it is lost.
    [[nodiscard]] virtual bool arriving(std::size_t connection, const Datagram& datagram,
                                        SeqOrigin origin, const Tcb& tcb) = 0;
};

}  // namespace tcpcraft
