// One SYN to each address of an IPv4 prefix, every SYN,ACK checked and answered by a RST: what
// bench/sweep.py compares with masscan, zmap and hping3. Goes through the link, the guard and the
// codec that the tools use.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <libtcpcraft/guard/port_range.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>
#include <libtcpcraft/link/raw/ring_link.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t batch_size = 64;

struct Wanted {
    Address source{};
    std::uint32_t first{0};  ///< address of the first target
    std::size_t count{0};
    Port port{};
};

std::uint32_t number_of(const Address& address) {
    std::uint32_t number = 0;
    for (const std::byte octet : address.octets()) {
        number = number << 8U | std::to_integer<std::uint32_t>(octet);
    }
    return number;
}

Address address_of(std::uint32_t number) {
    std::array<std::byte, 4> octets{};
    for (std::size_t i = 0; i < 4; ++i) {
        octets[i] = static_cast<std::byte>(number >> (24 - 8 * i));
    }
    return Address::v4(octets);
}

/// Packets until they are sent together.
class Batch {
public:
    explicit Batch(Link& link) : link_{link}, memory_(batch_size * 64) {}

    void add(const Datagram& datagram) {
        const auto octets = serialize_into(std::span{memory_}.subspan(used_ * 64, 64), datagram);
        packets_[used_++] = {octets, datagram.ip.destination, 0};
        if (used_ == batch_size) {
            flush();
        }
    }
    void flush() {
        if (!link_.transmit(std::span{packets_}.first(std::exchange(used_, 0)))) {
            ++failed;
        }
    }
    std::size_t failed{0};

private:
    Link& link_;
    std::vector<std::byte> memory_;
    std::array<Outgoing, batch_size> packets_{};
    std::size_t used_{0};
};

class Sweep {
public:
    Sweep(Runtime& runtime, Link& link, const Wanted& wanted, Port local)
        : runtime_{runtime}, wanted_{wanted}, batch_{link}, answered_(wanted.count) {
        syn_.ip.source = wanted.source;
        syn_.segment.source = local;
        syn_.segment.destination = wanted.port;
        syn_.segment.flags = Flags{Flag::syn};
        syn_.segment.wnd = 65535;
        syn_.segment.options = {MaximumSegmentSize{1460}};
        rst_.ip = syn_.ip;
        rst_.segment.source = local;
        rst_.segment.destination = wanted.port;
        rst_.segment.flags = Flags{Flag::rst};
        link.on_arrivals([this](std::span<const Arrival> arrivals) {
            for (const Arrival& arrival : arrivals) {
                take(arrival);
            }
            batch_.flush();
        });
        link.on_icmp([this](const IcmpError&) { ++errors_; });
    }

    /// Until every target has answered, or nobody has for a second.
    void run() {
        send();
        std::size_t before = 0;
        do {
            before = found_;
            runtime_.run_for(found_ == wanted_.count ? 1ms : 1s);
        } while (found_ < wanted_.count && (next_ < wanted_.count || found_ > before));
    }
    [[nodiscard]] std::size_t found() const noexcept { return found_; }
    [[nodiscard]] std::size_t errors() const noexcept { return errors_ + batch_.failed; }

private:
    static Seq iss(std::uint32_t target) { return Seq{target * 0x9e3779b9U}; }

    // A batch at a time, so that the loop gets to look at what arrives in between.
    void send() {
        for (std::size_t i = 0; i < batch_size && next_ < wanted_.count; ++i, ++next_) {
            const auto target = static_cast<std::uint32_t>(wanted_.first + next_);
            syn_.ip.destination = address_of(target);
            syn_.segment.seq = iss(target);
            batch_.add(syn_);
        }
        batch_.flush();
        if (next_ < wanted_.count) {
            runtime_.post([this] { send(); });
        }
    }

    void take(const Arrival& arrival) {
        const auto parsed = parse(arrival.octets, arrival.checksum_ready);
        if (!parsed || parsed->segment.flags.without(Flag::ece) != Flags{Flag::syn, Flag::ack}) {
            return;
        }
        const std::uint32_t target = number_of(parsed->ip.source);
        const std::size_t index = target - wanted_.first;
        if (index >= wanted_.count || answered_[index] || parsed->segment.ack != iss(target) + 1) {
            return;
        }
        answered_[index] = true;
        if (++found_ == wanted_.count) {
            runtime_.post([this] { runtime_.stop(); });
        }
        rst_.ip.destination = parsed->ip.source;
        rst_.segment.seq = parsed->segment.ack;
        batch_.add(rst_);
    }

    Runtime& runtime_;
    Wanted wanted_;
    Batch batch_;
    std::vector<bool> answered_;
    Datagram syn_{};
    Datagram rst_{};
    std::size_t next_{0};
    std::size_t found_{0};
    std::size_t errors_{0};
};

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "sweep: %s\n", error.message().c_str());
    std::exit(4);
}

template <typename T>
T must(Expected<T> made) {
    if (!made) {
        give_up(made.error());
    }
    return std::move(*made);
}

int sweep(const Wanted& wanted) {
    const PortRange ports = must(PortRange::take({}, 256));
    GuardRequest request;
    request.local = wanted.source;
    request.first = ports.first();
    request.last = ports.last();
    request.side = RuleSide::arrivals;  // as the tools do it where packets leave as frames
    const auto guard = must(RstGuard::raise(request));
    Runtime runtime = must(Runtime::create());
    RawLinkOptions where;
    where.scopes = {CaptureScope{{wanted.source, ports.first()}, ports.last(), {}}};
    where.escaped_resets = false;
    const auto link = must(RingLink::open(runtime, where));
    Sweep one{runtime, *link, wanted, ports.first()};
    one.run();
    std::printf("%zu found, %zu errors, %llu lost\n", one.found(), one.errors(),
                static_cast<unsigned long long>(link->counters().lost));
    return one.found() == wanted.count ? 0 : 1;
}

}  // namespace
}  // namespace tcpcraft

// sweep SOURCE FIRST_TARGET COUNT PORT
int main(int argc, char** argv) {
    using namespace tcpcraft;
    if (argc != 5) {
        std::fprintf(stderr, "usage: sweep SOURCE FIRST_TARGET COUNT PORT\n");
        return 2;
    }
    const Wanted wanted{must(Address::read(argv[1])), number_of(must(Address::read(argv[2]))),
                        std::stoul(argv[3]), Port{static_cast<std::uint16_t>(std::stoul(argv[4]))}};
    return sweep(wanted);
}
