#include <cassert>
#include <cstring>
#include <type_traits>

#include <libtcpcraft/sim/world_code.hpp>

namespace tcpcraft {
namespace {

constexpr Instant later_in_world{std::chrono::hours{1000}};

class Writer {
public:
    explicit Writer(std::vector<std::byte>& to) noexcept : to_{to} {}
    template <typename T>
    void put(T value) {
        static_assert(std::is_trivially_copyable_v<T> &&
                      std::has_unique_object_representations_v<T>);
        const std::size_t at = to_.size();
        to_.resize(at + sizeof value);
        std::memcpy(to_.data() + at, &value, sizeof value);
    }
    void octets(std::span<const std::byte> all) {
        put(static_cast<std::uint8_t>(all.size()));
        to_.insert(to_.end(), all.begin(), all.end());
    }

private:
    std::vector<std::byte>& to_;
};

class Reader {
public:
    explicit Reader(std::span<const std::byte> from) noexcept : from_{from} {}
    template <typename T>
    void take(T& value) noexcept {
        assert(from_.size() >= sizeof value);
        std::memcpy(&value, from_.data(), sizeof value);
        from_ = from_.subspan(sizeof value);
    }
    [[nodiscard]] std::uint8_t octet() noexcept {
        std::uint8_t value{};
        take(value);
        return value;
    }
    [[nodiscard]] std::span<const std::byte> octets() noexcept {
        const std::size_t size = octet();
        const auto all = from_.first(size);
        from_ = from_.subspan(size);
        return all;
    }

private:
    std::span<const std::byte> from_;
};

/// Numbers of a TCB that stand in the code as they are; nothing of them in CLOSED.
template <typename Tcb_, typename Visit>
void each_number(Tcb_& tcb, Visit visit) {
    visit(tcb.snd.una), visit(tcb.snd.nxt), visit(tcb.snd.wnd), visit(tcb.snd.wl1);
    visit(tcb.snd.wl2), visit(tcb.snd.iss), visit(tcb.snd.max_wnd);
    visit(tcb.rcv.nxt), visit(tcb.rcv.wnd), visit(tcb.rcv.irs);
    visit(tcb.snd_mss), visit(tcb.backoffs), visit(tcb.probes);
}

std::uint8_t timers_that_run(const Tcb& tcb) noexcept {
    unsigned bits = 0;
    for (unsigned i = 0; i < timer_count; ++i) {
        bits |= tcb.timers.at(static_cast<Timer>(i)) ? 1U << i : 0U;
    }
    return static_cast<std::uint8_t>(bits);
}

std::uint8_t flags_of(const WorldSide& side) noexcept {
    const Tcb& tcb = side.tcb;
    return static_cast<std::uint8_t>(
        (tcb.opened_passively ? 1U : 0U) | (tcb.close_called ? 2U : 0U) | (tcb.fin_sent ? 4U : 0U) |
        (tcb.challenged_at != 0 ? 8U : 0U) | (side.last_word ? 16U : 0U) |
        (tcb.buffers.peek() != nullptr ? 32U : 0U));
}

void write_buffers(const Buffers& buffers, Writer& out) {
    out.octets(buffers.send);
    out.put(static_cast<std::uint8_t>(buffers.out_of_order.size()));
    for (const auto& piece : buffers.out_of_order) {
        out.put(piece.seq);
        out.octets(piece.data);
    }
    out.put(static_cast<std::uint8_t>(buffers.fin ? 1 : 0));
    out.put(buffers.fin.value_or(Seq{}));
}

void read_buffers(Reader& in, Buffers& buffers) {
    const auto send = in.octets();
    buffers.send.assign(send.begin(), send.end());
    buffers.out_of_order.resize(in.octet());
    for (auto& piece : buffers.out_of_order) {
        in.take(piece.seq);
        const auto data = in.octets();
        piece.data.assign(data.begin(), data.end());
    }
    const bool has_fin = in.octet() != 0;
    Seq fin;
    in.take(fin);
    buffers.fin = has_fin ? std::optional{fin} : std::nullopt;
}

void write_side(const WorldSide& side, Writer& out) {
    out.put(side.tcb.state);
    out.put(flags_of(side));
    out.put(side.calls);
    out.put(static_cast<std::uint8_t>(side.arriving.size()));
    if (side.tcb.state != State::closed) {
        out.put(timers_that_run(side.tcb));
        out.put(side.submitted);
        out.put(side.delivered);
        each_number(side.tcb, [&](const auto& number) { out.put(number); });
        if (side.tcb.buffers.peek() != nullptr) {
            write_buffers(*side.tcb.buffers.peek(), out);
        }
    }
    for (const InFlight& flight : side.arriving) {
        out.put(flight.seq);
        out.put(flight.ack);
        out.put(flight.flags);
        out.put(flight.wnd);
        out.put(flight.copies);
        out.octets(flight.payload());
    }
}

void read_tcb(Reader& in, WorldSide& side, bool buffers) {
    Tcb& tcb = side.tcb;
    const std::uint8_t timers = in.octet();
    for (unsigned i = 0; i < timer_count; ++i) {
        if ((timers & (1U << i)) != 0) {
            tcb.timers.set(static_cast<Timer>(i), later_in_world);
        }
    }
    in.take(side.submitted);
    in.take(side.delivered);
    each_number(tcb, [&](auto& number) { in.take(number); });
    if (buffers) {
        read_buffers(in, tcb.buffers.use());
    }
}

void read_flights(Reader& in, std::vector<InFlight>& flights) {
    for (InFlight& flight : flights) {
        flight = {};
        in.take(flight.seq);
        in.take(flight.ack);
        in.take(flight.flags);
        in.take(flight.wnd);
        in.take(flight.copies);
        const auto payload = in.octets();
        flight.size = static_cast<std::uint8_t>(payload.size());
        std::memcpy(flight.octets.data(), payload.data(), payload.size());
    }
}

void read_side(Reader& in, Side which, const Setting& setting, WorldSide& side) {
    side.tcb = {};
    side.submitted = 0;
    side.delivered = 0;
    in.take(side.tcb.state);
    const std::uint8_t flags = in.octet();
    in.take(side.calls);
    side.arriving.resize(in.octet());
    side.tcb.opened_passively = (flags & 1U) != 0;
    side.tcb.close_called = (flags & 2U) != 0;
    side.tcb.fin_sent = (flags & 4U) != 0;
    side.tcb.challenged_at = (flags & 8U) != 0 ? 1 : 0;
    side.last_word = (flags & 16U) != 0;
    if (side.tcb.state != State::closed) {
        read_tcb(in, side, (flags & 32U) != 0);
    }
    read_flights(in, side.arriving);
    normalise(side, which, setting);
}

/// Two words at a time, each step one to one in what was there before.
struct Mixer {
    std::uint64_t high{0x9e3779b97f4a7c15U};
    std::uint64_t low{0xc2b2ae3d27d4eb4fU};

    void take(std::uint64_t word) noexcept {
        high = (high ^ word) * 0xff51afd7ed558ccdU;
        high ^= high >> 32;
        low = (low + word) * 0x9fb21c651e98df25U;
        low ^= low >> 29;
    }
    [[nodiscard]] Fingerprint finished() noexcept {
        const std::uint64_t first = high;
        take(low);
        take(first);
        return {high, low};
    }
};

std::uint64_t word_at(std::span<const std::byte> code, std::size_t at) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, code.data() + at, sizeof word);
    return word;
}

}  // namespace

std::size_t append_code(const World& world, std::vector<std::byte>& code) {
    const std::size_t before = code.size();
    Writer out{code};
    out.put(world.left.losses);
    out.put(world.left.duplicates);
    out.put(world.left.timeouts);
    out.put(world.left.aborts);
    for (const WorldSide& side : world.side) {
        write_side(side, out);
    }
    const std::size_t size = (code.size() - before + 7) / 8 * 8;
    code.resize(before + size);
    return size;
}

void read_code(std::span<const std::byte> code, const Setting& setting, World& world) {
    Reader in{code};
    in.take(world.left.losses);
    in.take(world.left.duplicates);
    in.take(world.left.timeouts);
    in.take(world.left.aborts);
    for (const Side side : both_sides) {
        read_side(in, side, setting, world.at(side));
    }
}

Fingerprint fingerprint(std::span<const std::byte> code) noexcept {
    Mixer mixer;
    for (std::size_t at = 0; at < code.size(); at += 8) {
        mixer.take(word_at(code, at));
    }
    return mixer.finished();
}

Fingerprint fingerprint_without_budget(std::span<const std::byte> code) noexcept {
    static_assert(budget_octets == 4);
    std::array<std::byte, 8> front{};
    std::memcpy(front.data() + budget_octets, code.data() + budget_octets, 8 - budget_octets);
    Mixer mixer;
    mixer.take(word_at(front, 0));
    for (std::size_t at = 8; at < code.size(); at += 8) {
        mixer.take(word_at(code, at));
    }
    return mixer.finished();
}

}  // namespace tcpcraft
