#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/native_sum.hpp>

namespace tcpcraft {

/// One packet, to be written many times with other numbers in it: what a fleet sends to thousands
/// of peers. Only what differs is written and counted in the checksums anew (RFC 1624); the result
/// is that of serialize_into(), octet for octet, lies included.
class TCPCRAFT_API SegmentTemplate {
public:
    /// What can differ. Both addresses are of the datagram's family.
    struct Fields {
        Address source{};                 ///< where it comes from
        Address destination{};            ///< where it goes
        std::uint16_t identification{0};  ///< IPv4 only
        Port source_port{};               ///< ours
        Port destination_port{};          ///< the peer's
        Seq seq{};                        ///< SEG.SEQ
        Seq ack{};                        ///< SEG.ACK
        Timestamps timestamps{};  ///< of the first timestamps option; unused where there is none
    };

    /// Keeps copies of the options, the extension headers and the payload.
    explicit SegmentTemplate(const Datagram& datagram);

    /// Those of the datagram.
    [[nodiscard]] const Fields& fields() const noexcept { return fields_; }
    /// Octets that every packet takes.
    [[nodiscard]] std::size_t size() const noexcept { return octets_.size(); }
    /// Writes the packet; returns the part of `out` that was used, empty when it is too small.
    /// Allocates nothing.
    [[nodiscard]] std::span<std::byte> write_into(std::span<std::byte> out,
                                                  const Fields& fields) const noexcept;
    /// The same where a packet of this template stands already: only what differs is written.
    void patch(std::span<std::byte> packet, const Fields& fields) const noexcept;

private:
    void leave_blank(const Datagram& datagram);
    void patch_ipv4(std::span<std::byte> packet, const Fields& fields) const noexcept;
    void patch_tcp(std::span<std::byte> packet, const Fields& fields) const noexcept;

    Fields fields_{};
    std::vector<std::byte> octets_{};
    std::size_t tcp_at_{0};
    std::size_t stamps_at_{0};  ///< TSval, from the start of the packet; 0 where there is none
    bool routed_{false};        ///< a routing header's last hop counts, not the destination
    // Sums of what does not differ; a checksum that was lied about stays as it was written.
    wire::NativeSum ip_sum_{};
    wire::NativeSum tcp_sum_{};
    bool ip_checksum_fixed_{false};
    bool checksum_fixed_{false};
    std::uint16_t spoiled_by_{0};  ///< a checksum that is surely wrong: the right one with this
};

}  // namespace tcpcraft
