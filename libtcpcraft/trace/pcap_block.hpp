#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

// Private: blocks of the PCAP Next Generation format (draft-ietf-opsawg-pcapng), in this machine's
// order of octets, which the section header tells.

namespace tcpcraft {

/// Builds one block: its type and length in front, options, and the length again behind.
class PcapBlock {
public:
    explicit PcapBlock(std::uint32_t type) {
        number(type);
        number(std::uint32_t{0});  // the length, filled in by finished()
    }

    template <typename Number>
    PcapBlock& number(Number value) {
        const auto* first = reinterpret_cast<const std::byte*>(&value);
        octets_.insert(octets_.end(), first, first + sizeof value);
        return *this;
    }
    /// Padded to a multiple of four.
    PcapBlock& data(std::span<const std::byte> octets) {
        octets_.insert(octets_.end(), octets.begin(), octets.end());
        octets_.resize((octets_.size() + 3U) & ~std::size_t{3});
        return *this;
    }
    PcapBlock& option(std::uint16_t code, std::span<const std::byte> value) {
        return number(code).number(static_cast<std::uint16_t>(value.size())).data(value);
    }
    PcapBlock& option(std::uint16_t code, std::string_view text) {
        // The length has 16 bits.
        return option(code, std::as_bytes(std::span{text.substr(0, 0xffffU)}));
    }
    /// After the last option; call once.
    [[nodiscard]] std::span<const std::byte> finished() {
        number(std::uint32_t{0});  // opt_endofopt
        const auto length = static_cast<std::uint32_t>(octets_.size() + sizeof(std::uint32_t));
        number(length);
        std::memcpy(octets_.data() + sizeof(std::uint32_t), &length, sizeof length);
        return octets_;
    }

private:
    std::vector<std::byte> octets_{};
};

}  // namespace tcpcraft
