#pragma once

// Private: packets on their way to one transmit().

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {

/// Collects packets without allocating, as long as they are small.
class Outbox {
public:
    static constexpr std::size_t most = 256;   ///< packets in one batch
    static constexpr std::size_t usual = 128;  ///< octets of a packet without data
    static constexpr std::size_t largest = 65600;

    Outbox() : octets_(most * usual + largest) { packets_.reserve(most); }

    /// Writes the datagram behind the others. There must be room().
    std::span<const std::byte> add(const Datagram& datagram, std::uint64_t token) {
        const auto written = serialize_into(std::span{octets_}.subspan(used_), datagram);
        used_ += written.size();
        packets_.push_back({written, datagram.ip.destination, token});
        return written;
    }
    [[nodiscard]] bool room() const noexcept {
        return packets_.size() < most && used_ <= most * usual;
    }
    [[nodiscard]] std::span<const Outgoing> packets() const noexcept { return packets_; }
    void clear() noexcept {
        packets_.clear();
        used_ = 0;
    }

private:
    std::vector<std::byte> octets_;
    std::size_t used_{0};
    std::vector<Outgoing> packets_{};
};

}  // namespace tcpcraft
