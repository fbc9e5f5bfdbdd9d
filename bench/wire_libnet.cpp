#include <cstring>

#include <bench/wire.hpp>
#include <libnet.h>

namespace tcpcraft::bench {

namespace {

constexpr std::size_t options_size = 20;
constexpr std::uint16_t tcp_size = 20 + options_size;
constexpr std::uint16_t dont_fragment = 0x4000;

/// The blocks of one packet, built once and then rewritten in place: libnet's quicker way.
struct Blocks {
    libnet_t* context{nullptr};
    libnet_ptag_t options{0};
    libnet_ptag_t tcp{0};
    libnet_ptag_t ip{0};
};

Blocks& blocks(bool v6) {
    static std::array<char, LIBNET_ERRBUF_SIZE> error{};
    static std::array<Blocks, 2> of_family{Blocks{libnet_init(LIBNET_NONE, nullptr, error.data())},
                                           Blocks{libnet_init(LIBNET_NONE, nullptr, error.data())}};
    return of_family.at(v6 ? 1 : 0);
}

std::array<std::uint8_t, options_size> options_of(const Syn& syn) {
    std::array<std::uint8_t, options_size> made;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    std::memcpy(made.data(), syn.options.octets().data(), made.size());
    const std::uint32_t val = htonl(syn.ts_val);
    std::memcpy(&made[8], &val, sizeof val);
    return made;
}

template <typename Raw>
Raw raw(const std::array<std::byte, 16>& from) {
    Raw made{};
    std::memcpy(&made, from.data(), sizeof made);
    return made;
}

/// The caller frees it with libnet_adv_free_packet.
std::span<std::uint8_t> write_octets(const Syn& syn) {
    Blocks& own = blocks(syn.v6);
    const auto options = options_of(syn);
    own.options =
        libnet_build_tcp_options(options.data(), options.size(), own.context, own.options);
    own.tcp = libnet_build_tcp(syn.source, syn.destination, syn.seq, 0, TH_SYN, syn.wnd, 0, 0,
                               tcp_size, nullptr, 0, own.context, own.tcp);
    if (syn.v6) {
        own.ip = libnet_build_ipv6(0, 0, tcp_size, IPPROTO_TCP, 64, raw<libnet_in6_addr>(syn.from),
                                   raw<libnet_in6_addr>(syn.to), nullptr, 0, own.context, own.ip);
    } else {
        own.ip = libnet_build_ipv4(20 + tcp_size, 0, syn.identification, dont_fragment, 64,
                                   IPPROTO_TCP, 0, raw<std::uint32_t>(syn.from),
                                   raw<std::uint32_t>(syn.to), nullptr, 0, own.context, own.ip);
    }
    std::uint8_t* packet = nullptr;
    std::uint32_t size = 0;
    if (libnet_pblock_coalesce(own.context, &packet, &size) != 1) {
        return {};
    }
    return {packet, size};
}

void write_once(const Syn& syn) {
    const auto written = write_octets(syn);
    benchmark::DoNotOptimize(written.data());
    libnet_adv_free_packet(blocks(syn.v6).context, written.data());
}

std::vector<std::byte> write(const Syn& syn) {
    const auto written = write_octets(syn);
    const auto view = std::as_bytes(written);
    std::vector<std::byte> made{view.begin(), view.end()};
    libnet_adv_free_packet(blocks(syn.v6).context, written.data());
    return made;
}

}  // namespace

const Contender& libnet_contender() {
    static constexpr Contender made{
        .name = "libnet", .write = write, .time_write = time_writing<write_once>};
    return made;
}

}  // namespace tcpcraft::bench
