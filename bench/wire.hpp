#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <bench/bench.hpp>

#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft::bench {

/// What a reader has to bring out of a packet. Options that are not there are zero.
struct Reading {
    std::uint16_t source{0};
    std::uint16_t destination{0};
    std::uint32_t seq{0};
    std::uint32_t ack{0};
    std::uint16_t wnd{0};
    std::uint16_t mss{0};
    std::uint32_t ts_val{0};
    std::uint32_t ts_ecr{0};
    std::uint32_t payload{0};  ///< octets of data
    std::uint8_t flags{0};
    std::uint8_t shift{0};
    bool sack_permitted{false};
    bool checksums_right{false};  ///< TCP's and, in IPv4, the header's
    friend bool operator==(const Reading&, const Reading&) = default;
};

/// What a writer gets. Its packet has TTL or hop limit 64, don't fragment, and the options MSS,
/// SACK permitted, timestamps, NOP, window scale: as values, and for those that take octets as
/// octets in which only the timestamp has to be set.
struct Syn {
    bool v6{false};
    std::array<std::byte, 16> from{};  ///< IPv4: the first four octets
    std::array<std::byte, 16> to{};
    std::uint16_t source{0};
    std::uint16_t destination{0};
    std::uint32_t seq{0};
    std::uint16_t identification{0};
    std::uint16_t wnd{0};
    std::uint16_t mss{0};
    std::uint32_t ts_val{0};
    std::uint8_t shift{0};
    Options options{};
};

using Packet = std::span<const std::byte>;

/// One library's way of doing it, as a check calls it and as it is timed. What it cannot do is
/// null.
struct Contender {
    std::string_view name{};
    Reading (*read)(Packet){nullptr};       ///< SYN,ACK with all options
    Reading (*read_data)(Packet){nullptr};  ///< no option is asked for
    std::vector<std::byte> (*write)(const Syn&){nullptr};
    void (*time_read)(benchmark::State&, Packet){nullptr};
    void (*time_read_data)(benchmark::State&, Packet){nullptr};
    void (*time_write)(benchmark::State&, Syn){nullptr};
};

/// The loop around what is timed; the compiler inlines `read` and knows nothing of the packet.
template <auto read>
void time_reading(benchmark::State& state, Packet packet) {
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(packet);
        Reading seen = read(packet);
        benchmark::DoNotOptimize(seen);
    }
}

/// `write` gives the octets' address. Every packet has another sequence number.
template <auto write>
void time_writing(benchmark::State& state, Syn syn) {
    for ([[maybe_unused]] auto _ : state) {
        ++syn.seq;
        benchmark::DoNotOptimize(syn);
        write(syn);
        benchmark::ClobberMemory();
    }
}

/// A library that can do all of it: `read` with and without options, and two ways to write.
template <auto read, auto read_data, auto write, auto write_once>
constexpr Contender all_round(std::string_view name) {
    return {.name = name,
            .read = read,
            .read_data = read_data,
            .write = write,
            .time_read = time_reading<read>,
            .time_read_data = time_reading<read_data>,
            .time_write = time_writing<write_once>};
}

[[nodiscard]] const Contender& tcpcraft_contender();
/// Writing from a template.
[[nodiscard]] const Contender& template_contender();
#ifdef BENCH_LIBTINS
[[nodiscard]] const Contender& libtins_contender();
#endif
#ifdef BENCH_PCAPPLUSPLUS
[[nodiscard]] const Contender& pcapplusplus_contender();
#endif
[[nodiscard]] const Contender& libnet_contender();

}  // namespace tcpcraft::bench
