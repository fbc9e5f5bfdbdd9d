#include <algorithm>

#include <libtcpcraft/wire/octets.hpp>
#include <libtcpcraft/wire/option_codec.hpp>
#include <libtcpcraft/wire/option_walk.hpp>

namespace tcpcraft::wire {

namespace {

constexpr std::uint16_t uto_granularity = 0x8000;  // RFC 5482 §3.3: the first bit means minutes

class Encoder {
public:
    explicit Encoder(EncodedOption& out) noexcept : out_{out} {}

    void operator()(const EndOfList&) noexcept { put8(0); }
    void operator()(const NoOperation&) noexcept { put8(1); }
    void operator()(const MaximumSegmentSize& o) noexcept {
        head(OptionKind::maximum_segment_size, 2);
        put16(o.value);
    }
    void operator()(const WindowScale& o) noexcept {
        head(OptionKind::window_scale, 1);
        put8(o.shift);
    }
    void operator()(const SackPermitted&) noexcept { head(OptionKind::sack_permitted, 0); }
    void operator()(const Sack& o) noexcept {
        const std::size_t count = std::min<std::size_t>(o.count, o.block.size());
        head(OptionKind::sack, count * 8);
        for (const SackBlock& block : std::span{o.block}.first(count)) {
            put32(block.left.raw());
            put32(block.right.raw());
        }
    }
    void operator()(const Timestamps& o) noexcept {
        head(OptionKind::timestamps, 8);
        put32(o.val);
        put32(o.ecr);
    }
    void operator()(const FastOpen& o) noexcept {
        head(OptionKind::fast_open, o.cookie.size());
        put(o.cookie);
    }
    void operator()(const UserTimeout& o) noexcept {
        head(OptionKind::user_timeout, 2);
        const unsigned value = o.value & ~unsigned{uto_granularity};
        put16(static_cast<std::uint16_t>(value | (o.minutes ? uto_granularity : 0U)));
    }
    void operator()(const Md5Signature& o) noexcept {
        head(OptionKind::md5_signature, o.digest.size());
        put(o.digest);
    }
    void operator()(const Authentication& o) noexcept {
        head(OptionKind::authentication, 2 + o.mac.size());
        put8(o.key_id);
        put8(o.rnext_key_id);
        put(o.mac);
    }
    void operator()(const Multipath& o) noexcept {
        head(OptionKind::multipath, o.body.size());
        put(o.body);
    }
    void operator()(const AccurateEcn& o) noexcept {
        const std::size_t count = std::min<std::size_t>(o.count, o.counter.size());
        head(o.order == 0 ? OptionKind::accurate_ecn_0 : OptionKind::accurate_ecn_1, count * 3);
        for (const std::uint32_t counter : std::span{o.counter}.first(count)) {
            put8(static_cast<std::uint8_t>(counter >> 16 & 0xffU));
            put16(static_cast<std::uint16_t>(counter & 0xffffU));
        }
    }
    void operator()(const UnknownOption& o) noexcept {
        head(static_cast<OptionKind>(o.kind), o.body.size());
        put(o.body);
    }
    void operator()(const BrokenOption& o) noexcept { put(o.octets); }

private:
    void put8(std::uint8_t value) noexcept {
        const std::byte octet{value};
        put({&octet, 1});
    }
    void put16(std::uint16_t value) noexcept {
        put8(static_cast<std::uint8_t>(value >> 8));
        put8(static_cast<std::uint8_t>(value & 0xffU));
    }
    void put32(std::uint32_t value) noexcept {
        put16(static_cast<std::uint16_t>(value >> 16));
        put16(static_cast<std::uint16_t>(value & 0xffffU));
    }
    void put(std::span<const std::byte> octets) noexcept {
        out_.fits = out_.fits && octets.size() <= out_.room.size() - out_.size;
        if (out_.fits) {
            std::ranges::copy(octets, out_.room.begin() + static_cast<std::ptrdiff_t>(out_.size));
            out_.size += octets.size();
        }
    }
    void head(OptionKind kind, std::size_t body) noexcept {
        put8(static_cast<std::uint8_t>(kind));
        put8(static_cast<std::uint8_t>(std::min<std::size_t>(body + 2, 255)));
    }

    EncodedOption& out_;
};

Sack read_sack(std::span<const std::byte> body) noexcept {
    Sack made;
    made.count = static_cast<std::uint8_t>(body.size() / 8);
    for (std::size_t i = 0; i < made.count; ++i) {
        made.block[i] = {Seq{load32(body, 8 * i)}, Seq{load32(body, 8 * i + 4)}};
    }
    return made;
}

AccurateEcn read_accurate_ecn(std::uint8_t order, std::span<const std::byte> body) noexcept {
    AccurateEcn made;
    made.order = order;
    made.count = static_cast<std::uint8_t>(body.size() / 3);
    for (std::size_t i = 0; i < made.count; ++i) {
        made.counter[i] = std::uint32_t{load8(body, 3 * i)} << 16 | load16(body, 3 * i + 1);
    }
    return made;
}

UserTimeout read_user_timeout(std::uint16_t value) noexcept {
    return {.minutes = (value & uto_granularity) != 0,
            .value = static_cast<std::uint16_t>(value & ~unsigned{uto_granularity})};
}

/// Is the length one that RFC or registry give to this kind? `body` is two less. Those of
/// take_option() are not asked for with a legal one.
bool legal(OptionKind kind, std::size_t body) noexcept {
    switch (kind) {
        case OptionKind::user_timeout:
            return body == 2;
        case OptionKind::sack:
            return body % 8 == 0 && body >= 8 && body <= 32;
        case OptionKind::fast_open:
            return body <= 16;
        case OptionKind::md5_signature:
            return body == 16;
        case OptionKind::authentication:
            return body >= 2;
        case OptionKind::multipath:
            return body >= 1;
        case OptionKind::accurate_ecn_0:
        case OptionKind::accurate_ecn_1:
            return body % 3 == 0 && body <= 9;
        default:
            return false;
    }
}

}  // namespace

EncodedOption encode(const Option& option) noexcept {
    EncodedOption made;
    std::visit(Encoder{made}, option);
    if (!made.fits) {
        made.size = 0;
    }
    return made;
}

Option read_rare_option(OptionKind kind, std::span<const std::byte> body) noexcept {
    if (legal(kind, body.size())) {
        switch (kind) {
            case OptionKind::sack:
                return read_sack(body);
            case OptionKind::user_timeout:
                return read_user_timeout(load16(body, 0));
            case OptionKind::fast_open:
                return FastOpen{body};
            case OptionKind::md5_signature:
                return Md5Signature{body};
            case OptionKind::authentication:
                return Authentication{load8(body, 0), load8(body, 1), body.subspan(2)};
            case OptionKind::multipath:
                return Multipath{body};
            case OptionKind::accurate_ecn_0:
                return read_accurate_ecn(0, body);
            case OptionKind::accurate_ecn_1:
                return read_accurate_ecn(1, body);
            default:
                break;
        }
    }
    return UnknownOption{static_cast<std::uint8_t>(kind), body};
}

}  // namespace tcpcraft::wire
