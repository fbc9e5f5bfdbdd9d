#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include <libtcpcraft/link/raw/icmp_text.hpp>

namespace tcpcraft {

namespace {

struct Meaning {
    std::uint8_t type{0};
    std::uint8_t code{0};
    std::string_view text{};
};

constexpr std::array<Meaning, 20> meanings_v4{{
    {3, 0, "network unreachable"},
    {3, 1, "host unreachable"},
    {3, 2, "protocol unreachable"},
    {3, 3, "port unreachable"},
    {3, 4, "fragmentation needed but DF set"},
    {3, 5, "source route failed"},
    {3, 6, "network unknown"},
    {3, 7, "host unknown"},
    {3, 9, "network administratively prohibited"},
    {3, 10, "host administratively prohibited"},
    {3, 11, "network unreachable for this type of service"},
    {3, 12, "host unreachable for this type of service"},
    {3, 13, "communication administratively prohibited"},
    {4, 0, "source quench"},
    {11, 0, "TTL exceeded in transit"},
    {11, 1, "fragment reassembly time exceeded"},
    {12, 0, "parameter problem in the header"},
    {12, 1, "a required option is missing"},
    {12, 2, "bad length in the header"},
    {3, 8, "source host isolated"},
}};

constexpr std::array<Meaning, 13> meanings_v6{{
    {1, 0, "no route to the destination"},
    {1, 1, "communication administratively prohibited"},
    {1, 2, "beyond the scope of the source address"},
    {1, 3, "address unreachable"},
    {1, 4, "port unreachable"},
    {1, 5, "source address failed the policy"},
    {1, 6, "a route rejects the destination"},
    {2, 0, "packet too big"},
    {3, 0, "hop limit exceeded in transit"},
    {3, 1, "fragment reassembly time exceeded"},
    {4, 0, "erroneous header field"},
    {4, 1, "unrecognised next header"},
    {4, 2, "unrecognised IPv6 option"},
}};

std::span<const Meaning> meanings(Family family) noexcept {
    return family == Family::v4 ? std::span<const Meaning>{meanings_v4}
                                : std::span<const Meaning>{meanings_v6};
}

}  // namespace

std::string icmp_text(const IcmpKind& kind) {
    const auto known = std::ranges::find_if(meanings(kind.family), [&](const Meaning& meaning) {
        return meaning.type == kind.type && meaning.code == kind.code;
    });
    std::string text =
        known == meanings(kind.family).end()
            ? "ICMP type " + std::to_string(kind.type) + " code " + std::to_string(kind.code)
            : std::string{known->text};
    if (kind.mtu != 0) {
        text += " (MTU " + std::to_string(kind.mtu) + ")";
    }
    return text;
}

std::string unanswered_text(const IcmpKind& kind, const Address& peer) {
    return icmp_text(kind) + ", says this host's own kernel: nobody answers for " + peer.text() +
           " or the router towards it on the link (see: ip neigh)";
}

bool is_hard(const IcmpKind& kind) noexcept {
    if (kind.family == Family::v4) {
        return kind.type == 3 && (kind.code == 2 || kind.code == 3);
    }
    return kind.type == 1 && (kind.code == 1 || kind.code == 4);
}

}  // namespace tcpcraft
