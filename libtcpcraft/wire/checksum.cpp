#include <array>
#include <bit>
#include <cstring>

#include <libtcpcraft/wire/checksum.hpp>
#include <libtcpcraft/wire/octets.hpp>

namespace tcpcraft {

namespace {

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::size_t checksum_field = 16;

std::uint64_t load_native(const std::byte* from) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// Both halves of eight octets: cannot overflow an accumulator before 2^31 of them.
std::uint64_t halves(std::uint64_t word) noexcept { return (word & 0xffffffffU) + (word >> 32); }

std::uint16_t fold(std::uint64_t sum) noexcept {
    sum = (sum & 0xffffffffU) + (sum >> 32);
    sum = (sum & 0xffffffffU) + (sum >> 32);
    sum = (sum & 0xffffU) + (sum >> 16);
    sum = (sum & 0xffffU) + (sum >> 16);
    return static_cast<std::uint16_t>((sum & 0xffffU) + (sum >> 16));
}

/// The sum does not depend on the octet order (RFC 1071 §2 (B)): native words, swapped once.
std::uint16_t to_host(std::uint16_t native) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        return static_cast<std::uint16_t>(native << 8 | native >> 8);
    }
    return native;
}

/// Four accumulators, so that an addition does not wait for the one before it.
std::uint64_t native_sum(std::span<const std::byte> octets) noexcept {
    std::array<std::uint64_t, 4> part{};
    const std::byte* at = octets.data();
    std::size_t left = octets.size();
    for (; left >= 32; left -= 32, at += 32) {
        part[0] += halves(load_native(at));
        part[1] += halves(load_native(at + 8));
        part[2] += halves(load_native(at + 16));
        part[3] += halves(load_native(at + 24));
    }
    for (; left >= 8; left -= 8, at += 8) {
        part[0] += halves(load_native(at));
    }
    if (left > 0) {
        std::uint64_t last = 0;  // padded with zeros on the right
        std::memcpy(&last, at, left);
        part[1] += halves(last);
    }
    return part[0] + part[1] + part[2] + part[3];
}

}  // namespace

void ChecksumSum::add(std::span<const std::byte> octets) noexcept {
    sum_ += to_host(fold(native_sum(octets)));
}

void ChecksumSum::add_word(std::uint16_t host_order) noexcept { sum_ += host_order; }

std::uint16_t ChecksumSum::folded() const noexcept { return fold(sum_); }

std::uint16_t pseudo_header_sum(const Address& source, const Address& destination,
                                std::uint32_t tcp_length) noexcept {
    ChecksumSum sum;
    sum.add(source.octets());
    sum.add(destination.octets());
    sum.add_word(static_cast<std::uint16_t>(tcp_length >> 16));
    sum.add_word(static_cast<std::uint16_t>(tcp_length & 0xffffU));
    sum.add_word(protocol_tcp);
    return sum.folded();
}

std::uint16_t tcp_checksum(const Address& source, const Address& destination,
                           std::span<const std::byte> tcp) noexcept {
    ChecksumSum sum;
    sum.add_word(pseudo_header_sum(source, destination, static_cast<std::uint32_t>(tcp.size())));
    sum.add(tcp);
    if (tcp.size() >= checksum_field + 2) {
        // Adding the complement takes the field out again. The sum holds the protocol number and
        // so is never zero: no doubt between the two zeros of one's complement arises.
        sum.add_word(static_cast<std::uint16_t>(~wire::load16(tcp, checksum_field)));
    }
    return static_cast<std::uint16_t>(~sum.folded());
}

}  // namespace tcpcraft
