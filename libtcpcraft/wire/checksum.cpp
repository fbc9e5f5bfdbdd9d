#include <cstring>

#include <libtcpcraft/wire/checksum.hpp>
#include <libtcpcraft/wire/native_sum.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t checksum_field = 16;

}  // namespace

/// Two words at a time, as g++ and clang have it for every processor. A lane of `all` wraps; the
/// sum of the upper halves, which cannot, tells how often. That takes one instruction less than
/// adding both halves or watching for carries.
void wire::NativeSum::add_strides(const std::byte* at, std::size_t count) noexcept {
    using Words = std::uint64_t __attribute__((vector_size(16)));
    constexpr std::size_t width = sizeof(Words);
    struct Lanes {
        Words all{};
        Words upper{};
        void add(const std::byte* from) noexcept {
            Words words{};
            std::memcpy(&words, from, width);
            all += words;
            upper += words >> 32U;
        }
    };
    Lanes even;  // two of each, so that an addition does not wait for the one before it
    Lanes odd;
    for (; count > 0; --count, at += stride) {
        even.add(at);
        odd.add(at + width);
        even.add(at + 2 * width);
        odd.add(at + 3 * width);
    }
    const Words upper = even.upper + odd.upper;
    const Words lower = even.all + odd.all - (upper << 32U);
    for (const std::uint64_t sum : {upper[0], upper[1], lower[0], lower[1]}) {
        add(sum);
    }
}

void ChecksumSum::add(std::span<const std::byte> octets) noexcept {
    wire::NativeSum piece;
    piece.add(octets);
    sum_ += piece.folded();
}

void ChecksumSum::add_word(std::uint16_t host_order) noexcept { sum_ += host_order; }

std::uint16_t ChecksumSum::folded() const noexcept {
    wire::NativeSum sum;
    sum.add(wire::swapped(sum_));
    return sum.folded();
}

std::uint16_t pseudo_header_sum(const Address& source, const Address& destination,
                                std::uint32_t tcp_length) noexcept {
    wire::NativeSum sum;
    sum.add(wire::sum_of_words(source));
    sum.add(wire::sum_of_words(destination));
    wire::add_protocol(sum, tcp_length);
    return sum.folded();
}

std::uint16_t tcp_checksum(const Address& source, const Address& destination,
                           std::span<const std::byte> tcp) noexcept {
    wire::NativeSum sum;
    sum.add(wire::sum_of_words(source));
    sum.add(wire::sum_of_words(destination));
    wire::add_protocol(sum, tcp.size());
    sum.add(tcp);
    if (tcp.size() >= checksum_field + 2) {
        // Adding the complement takes the field out again. The sum holds the protocol number and
        // so is never zero: no doubt between the two zeros of one's complement arises.
        sum.add(wire::swapped(static_cast<std::uint16_t>(~wire::load16(tcp, checksum_field))));
    }
    return static_cast<std::uint16_t>(~sum.folded());
}

}  // namespace tcpcraft
