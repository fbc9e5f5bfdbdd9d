#pragma once

#include <cstdint>
#include <vector>

#include <tests/kernel/differences/chance.hpp>

#include <libtcpcraft/engine/tcb.hpp>
#include <libtcpcraft/wire/segment.hpp>

namespace tcpcraft::test {

/// What a dialogue is about; drawn before it begins.
struct Setup {
    Family family{Family::v4};
    bool active{false};       ///< the kernel and our engine connect; else they listen
    bool keeps_listening{};   ///< passive: the listener stays behind the connection
    bool half_duplex{false};  ///< CLOSE is close(), else shutdown(SHUT_WR)
    bool stamps{false};
    bool scale{false};
    bool sack{false};
    unsigned segments{0};
};
[[nodiscard]] Setup draw_setup(Chance& chance);

/// The other host: knows from our TCB what would be valid, and says that or something else.
class Peer {
public:
    Peer(const Setup& setup, const ConnectionId& kernels, Chance& chance);

    /// The next segment for a connection that stands at `tcb`. Its views hold until the next call.
    [[nodiscard]] Segment next(const Tcb& tcb);
    /// The kernel's newest TSval, to be echoed.
    void hear_stamp(std::uint32_t val) noexcept { echo_ = val; }
    [[nodiscard]] Seq isn() const noexcept { return isn_; }

private:
    void look(const Tcb& tcb) noexcept;
    [[nodiscard]] Segment progress(const Tcb& tcb);
    [[nodiscard]] Segment wild(const Tcb& tcb);
    [[nodiscard]] Segment syn(Seq seq, Flags flags);
    [[nodiscard]] Segment plain(Flags flags, std::uint32_t size);
    [[nodiscard]] Segment data_or_fin();
    [[nodiscard]] Seq some_seq(std::uint32_t size);
    [[nodiscard]] Seq some_ack();
    [[nodiscard]] Flags some_flags();
    void stamp(Segment& segment);
    void fill(Segment& segment, std::uint32_t size);

    Setup setup_{};
    ConnectionId id_{};
    Chance& chance_;
    Seq isn_{};
    Seq una_{};
    Seq nxt_{};      ///< the kernel's SND.NXT
    Seq rcv_nxt_{};  ///< what the kernel waits for
    std::uint32_t rcv_wnd_{65535};
    std::uint32_t max_wnd_{65535};
    std::uint32_t clock_{0};
    std::uint32_t echo_{0};
    std::vector<std::byte> octets_{};
};

}  // namespace tcpcraft::test
