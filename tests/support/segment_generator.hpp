#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::test {

/// A datagram and the octets that it views.
struct GeneratedDatagram {
    std::vector<std::byte> payload{};
    std::vector<std::byte> extension{};
    Datagram datagram{};

    GeneratedDatagram() = default;
    GeneratedDatagram(GeneratedDatagram&&) noexcept = default;  // moved vectors keep their octets
    GeneratedDatagram& operator=(GeneratedDatagram&&) noexcept = default;
    GeneratedDatagram(const GeneratedDatagram&) = delete;
    GeneratedDatagram& operator=(const GeneratedDatagram&) = delete;
    ~GeneratedDatagram() = default;
};

/// Segments by the dice. The same seed gives the same segments on every machine.
class SegmentGenerator {
public:
    explicit SegmentGenerator(std::uint64_t seed) : dice_{seed} {}

    /// What an honest stack could send: sensible control bits, options where they are legal,
    /// padded by NOP in front, no lies.
    [[nodiscard]] GeneratedDatagram well_formed(Family family);
    /// Anything that can be built: every control bit, option lists legal or not, IPv4 options, IPv6
    /// extension headers, lies about checksums and reserved bits.
    [[nodiscard]] GeneratedDatagram any(Family family);

    [[nodiscard]] Option any_option();  // views octets that live as long as the generator
    [[nodiscard]] Options any_options();

    /// 0 to `count` - 1.
    [[nodiscard]] std::uint32_t below(std::uint32_t count) {
        return static_cast<std::uint32_t>(dice_() % count);
    }
    [[nodiscard]] bool one_in(std::uint32_t count) { return below(count) == 0; }
    [[nodiscard]] std::vector<std::byte> octets(std::size_t size);

private:
    [[nodiscard]] std::uint8_t number8() { return static_cast<std::uint8_t>(dice_()); }
    [[nodiscard]] std::uint16_t number16() { return static_cast<std::uint16_t>(dice_()); }
    [[nodiscard]] std::uint32_t number32() { return static_cast<std::uint32_t>(dice_()); }
    [[nodiscard]] Address address(Family family);
    [[nodiscard]] IpHeader ip_header(Family family);
    [[nodiscard]] Options legal_options(Flags flags);
    [[nodiscard]] Sack any_sack();
    [[nodiscard]] AccurateEcn any_accurate_ecn();
    [[nodiscard]] WireOverrides any_lies(Family family);
    void fill_numbers(Segment& segment);
    void put_payload(GeneratedDatagram& made, std::uint32_t most);
    void put_extension(GeneratedDatagram& made);

    std::mt19937_64 dice_;
    std::vector<std::byte> scratch_{};
};

}  // namespace tcpcraft::test
