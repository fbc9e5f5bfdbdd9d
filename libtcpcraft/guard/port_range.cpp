#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include <sys/random.h>

#include <libtcpcraft/guard/liveness.hpp>
#include <libtcpcraft/guard/port_range.hpp>
#include <libtcpcraft/guard/used_ports.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t all_ports = 65'536;
// Ranges are held by blocks of so many ports, each by a name of its own: ranges that share no
// block share no port, and two runs that reach for the same block cannot both have it.
constexpr std::size_t block_size = 256;

struct Span {
    std::size_t first{0};
    std::size_t last{0};
    [[nodiscard]] std::size_t size() const noexcept { return last + 1 - first; }
};

std::string name_of_block(std::size_t block) { return "ports-" + std::to_string(block); }

/// The ports that the kernel chooses from.
Span chosen_by_kernel() {
    Span found{32'768, 60'999};
    std::ifstream file{"/proc/sys/net/ipv4/ip_local_port_range"};
    file >> found.first >> found.last;
    return found;
}

std::size_t first_unprivileged() {
    std::size_t found = 1024;
    std::ifstream file{"/proc/sys/net/ipv4/ip_unprivileged_port_start"};
    file >> found;
    return std::max<std::size_t>(found, 1024);
}

/// Where ranges may lie.
std::array<Span, 2> outside(const Span& chosen) {
    const std::size_t lowest = first_unprivileged();
    return {Span{lowest, std::max(chosen.first, lowest) - 1},
            Span{std::max(chosen.last + 1, lowest), all_ports - 1}};
}

std::optional<std::vector<Descriptor>> hold(const Span& range) {
    std::vector<Descriptor> held;
    for (std::size_t block = range.first / block_size; block <= range.last / block_size; ++block) {
        auto taken = Liveness::take(name_of_block(block));
        if (!taken) {
            return std::nullopt;
        }
        held.push_back(std::move(*taken).detach());
    }
    return held;
}

std::optional<std::size_t> first_used(const PortSet& used, const Span& range) {
    for (std::size_t port = range.first; port <= range.last; ++port) {
        if (used.test(port)) {
            return port;
        }
    }
    return std::nullopt;
}

/// Held first and looked at afterwards: whoever binds a port looks for the range after that
/// (PortLease), so that one of the two always sees the other.
Expected<std::vector<Descriptor>> hold_unused(const Span& range) {
    auto held = hold(range);
    if (!held) {
        return failure(std::make_error_code(std::errc::address_in_use),
                       "another run of this program holds some of them");
    }
    const auto used = used_ports();
    if (!used) {
        return Unexpected<Error>{used.error()};
    }
    if (const auto port = first_used(*used, range)) {
        return failure(std::make_error_code(std::errc::address_in_use),
                       "port " + std::to_string(*port) + " is in use (ss -tan 'sport = :" +
                           std::to_string(*port) + "' shows by whom)");
    }
    return std::move(*held);
}

/// Every start of a block from which so many unused ports follow, in a random turn: runs that begin
/// together do not all reach for the same.
std::vector<Span> candidates(const PortSet& used, const Span& within, std::size_t count) {
    std::vector<Span> found;
    for (std::size_t first = (within.first + block_size - 1) / block_size * block_size;
         first + count <= within.last + 1; first += block_size) {
        if (const Span range{first, first + count - 1}; !first_used(used, range)) {
            found.push_back(range);
        }
    }
    std::uint32_t random = 0;
    if (!found.empty() && getrandom(&random, sizeof random, 0) == sizeof random) {
        std::rotate(found.begin(),
                    found.begin() + static_cast<std::ptrdiff_t>(random % found.size()),
                    found.end());
    }
    return found;
}

std::string text(const Span& range) {
    return std::to_string(range.first) + " to " + std::to_string(range.last);
}

}  // namespace

bool in_a_held_range(Port port) { return Liveness::held(name_of_block(port.value / block_size)); }

Expected<PortRange> PortRange::take(Port first, std::size_t count) {
    const Span chosen = chosen_by_kernel();
    const auto made = [](std::vector<Descriptor> held, const Span& range) {
        return PortRange{std::move(held), Port{static_cast<std::uint16_t>(range.first)},
                         Port{static_cast<std::uint16_t>(range.last)}};
    };
    if (first.value != 0) {
        const Span range{first.value, first.value + count - 1};
        if (range.last >= all_ports || (range.first <= chosen.last && chosen.first <= range.last)) {
            return failure({}, "hold ports " + text(range) + ": the kernel gives those from " +
                                   text(chosen) +
                                   " to others (sysctl net.ipv4.ip_local_port_range)");
        }
        return hold_unused(range).map(
            [&](std::vector<Descriptor> held) { return made(std::move(held), range); });
    }
    const auto used = used_ports();
    if (!used) {
        return Unexpected<Error>{used.error()};
    }
    for (const Span& within : outside(chosen)) {
        for (const Span& range : candidates(*used, within, count)) {
            if (auto held = hold_unused(range)) {
                return made(std::move(*held), range);
            }
        }
    }
    return failure(std::make_error_code(std::errc::address_not_available),
                   "hold " + std::to_string(count) +
                       " consecutive ports: there are not so many unused ones outside of " +
                       text(chosen) +
                       ", which the kernel gives to others (sysctl "
                       "net.ipv4.ip_local_port_range)");
}

}  // namespace tcpcraft
