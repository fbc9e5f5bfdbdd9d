#include <algorithm>
#include <cstring>
#include <utility>

#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

#include <libtcpcraft/link/raw/next_hops.hpp>
#include <libtcpcraft/link/raw/route_query.hpp>

namespace tcpcraft {

namespace {

using Octets = std::span<const std::byte>;
using Prefix = std::array<std::byte, 16>;

constexpr std::uint32_t group(unsigned number) { return std::uint32_t{1} << (number - 1); }

constexpr std::uint32_t groups_followed = group(RTNLGRP_LINK) | group(RTNLGRP_NEIGH) |
                                          group(RTNLGRP_IPV4_ROUTE) | group(RTNLGRP_IPV6_ROUTE) |
                                          group(RTNLGRP_IPV4_RULE) | group(RTNLGRP_IPV6_RULE);

unsigned char family_number(Family family) { return family == Family::v6 ? AF_INET6 : AF_INET; }

Prefix padded(Octets address) {
    Prefix made{};
    std::ranges::copy(address.first(std::min(address.size(), made.size())), made.begin());
    return made;
}

/// The first address after the prefix; none after the last.
std::optional<Prefix> after(Prefix prefix, unsigned length, unsigned size) {
    for (unsigned bit = length; bit < size * 8; ++bit) {
        prefix[bit / 8] |= std::byte{0x80} >> (bit % 8);
    }
    for (unsigned octet = size; octet-- > 0;) {
        prefix[octet] = static_cast<std::byte>(std::to_integer<unsigned>(prefix[octet]) + 1);
        if (prefix[octet] != std::byte{0}) {
            return prefix;
        }
    }
    return std::nullopt;
}

void add_boundaries(std::vector<Prefix>& to, Octets prefix, unsigned length) {
    const auto size = static_cast<unsigned>(prefix.size());
    if (length == 0 || length > size * 8) {
        return;
    }
    to.push_back(padded(prefix));
    if (const auto end = after(to.back(), length, size)) {
        to.push_back(*end);
    }
}

/// Of a message about a route (rtmsg) or a rule (fib_rule_hdr), which begin alike.
void add_boundaries_of(std::vector<Prefix>& to, Octets body, std::size_t header_size) {
    if (body.size() < header_size) {
        return;
    }
    const auto length = std::to_integer<unsigned>(body[1]);  // rtm_dst_len, dst_len
    each_attribute(body.subspan(NLMSG_ALIGN(header_size)), [&](std::uint16_t type, Octets value) {
        if (type == RTA_DST) {  // FRA_DST is the same
            add_boundaries(to, value, length);
        }
    });
}

NetlinkRequest request_about(const Neighbour& neighbour, std::uint16_t type, std::uint16_t flags,
                             std::uint8_t neighbour_flags) {
    ndmsg about{};
    about.ndm_family = family_number(neighbour.address.family());
    about.ndm_ifindex = static_cast<int>(neighbour.interface_index);
    about.ndm_flags = neighbour_flags;
    NetlinkRequest request{type, flags};
    request.append(about).attribute(NDA_DST, neighbour.address.octets());
    return request;
}

bool is_known(std::uint16_t state) noexcept {
    constexpr unsigned valid =
        NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
    return (state & valid) != 0;
}

}  // namespace

std::size_t NextHops::KeyHash::operator()(const Key& key) const noexcept {
    constexpr std::uint64_t prime = 0x9e3779b97f4a7c15U;
    std::array<std::uint64_t, 2> words{};
    const auto octets = key.address.octets();
    std::memcpy(words.data(), octets.data(), octets.size());
    std::uint64_t sum = (words[0] ^ (words[1] * prime) ^ key.interface_index) * prime;
    return static_cast<std::size_t>(sum ^ (sum >> 32U));
}

NextHops::NextHops(Netlink questions, Netlink changes, std::uint32_t interface_index)
    : questions_{std::move(questions)},
      changes_{std::move(changes)},
      interface_index_{interface_index} {
    changed_.reserve(64);
}

Expected<NextHops> NextHops::open(std::uint32_t interface_index) {
    auto questions = Netlink::open();
    if (!questions) {
        return Unexpected<Error>{questions.error()};
    }
    return Netlink::open(groups_followed).map([&](Netlink changes) {
        return NextHops{std::move(*questions), std::move(changes), interface_index};
    });
}

void NextHops::forget_routes() {
    blocks_ = {};
    last_known_ = false;
}

void NextHops::read_boundaries(Blocks& blocks, Family family) {
    blocks.read = true;
    auto& found = blocks.boundaries;
    rtmsg route{};
    route.rtm_family = family_number(family);
    fib_rule_hdr rule{};
    rule.family = family_number(family);
    // What cannot be read is one block, and the kernel's answer for one address holds for all:
    // worse than asking for each, but there is no way to do that at speed.
    NetlinkRequest routes{RTM_GETROUTE, NLM_F_DUMP};
    routes.append(route);
    (void)questions_.ask(
        std::move(routes).finish(),
        [&found](const nlmsghdr&, Octets body) { add_boundaries_of(found, body, sizeof(rtmsg)); },
        "its routes");
    NetlinkRequest rules{RTM_GETRULE, NLM_F_DUMP};
    rules.append(rule);
    (void)questions_.ask(
        std::move(rules).finish(),
        [&found](const nlmsghdr&, Octets body) {
            add_boundaries_of(found, body, sizeof(fib_rule_hdr));
        },
        "its routing rules");
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
}

NextHops::Way& NextHops::way(const Address& source, const Address& destination) {
    Blocks& blocks = blocks_[destination.is_v6() ? 1 : 0];
    if (!blocks.read) {
        read_boundaries(blocks, destination.family());
    }
    auto known = std::ranges::find(blocks.sources, source, &Source::address);
    if (known == blocks.sources.end()) {
        blocks.sources.push_back({source, std::vector<Way>(blocks.boundaries.size() + 1)});
        known = blocks.sources.end() - 1;
    }
    const auto block = std::ranges::upper_bound(blocks.boundaries, padded(destination.octets()));
    return known->ways[static_cast<std::size_t>(block - blocks.boundaries.begin())];
}

void NextHops::ask(Way& way, const Address& source, const Address& destination) {
    way.known = true;
    const auto query = write_route_query(source, destination, interface_index_);
    (void)questions_.ask(
        query,
        [&](const nlmsghdr& header, Octets body) {
            const auto hop = read_first_hop(header, body);
            if (!hop || !hop->unicast || hop->interface_index == 0) {
                return;
            }
            way.by_frame = true;
            way.interface_index = hop->interface_index;
            way.gateway =
                hop->gateway ? &neighbour_at(way.interface_index, *hop->gateway) : nullptr;
        },
        "a route");
}

Neighbour& NextHops::neighbour_at(std::uint32_t interface_index, const Address& address) {
    const Key key{interface_index, address.with_zone(0)};
    const auto [entry, added] = neighbours_.try_emplace(key);
    if (added) {
        entry->second.interface_index = interface_index;
        entry->second.address = key.address;
    }
    return entry->second;
}

Neighbour* NextHops::search(const Address& source, const Address& destination) {
    if (destination.is_multicast_or_broadcast()) {
        return nullptr;
    }
    if (destination.zone() != 0) {
        return &neighbour_at(destination.zone(), destination);
    }
    Way& found = way(source, destination);
    if (!found.known) {
        ask(found, source, destination);
    }
    if (!found.by_frame) {
        return nullptr;
    }
    return found.gateway != nullptr ? found.gateway
                                    : &neighbour_at(found.interface_index, destination);
}

Neighbour* NextHops::find(const Address& source, const Address& destination) {
    if (!last_known_ || destination != last_destination_ || source != last_source_) {
        last_ = search(source, destination);
        last_source_ = source;
        last_destination_ = destination;
        last_known_ = true;
    }
    return last_;
}

void NextHops::look_up(Neighbour& neighbour) {
    auto request = request_about(neighbour, RTM_GETNEIGH, 0, 0);
    const auto known = questions_.ask(
        std::move(request).finish(),
        [this](const nlmsghdr&, Octets body) { (void)take_in(body, false); }, "a neighbour");
    if (!known) {
        neighbour.hardware.reset();
        neighbour.failed = false;
    }
}

bool NextHops::nudge(const Neighbour& neighbour) {
    auto request =
        request_about(neighbour, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, NTF_USE);
    return questions_
        .ask(
            std::move(request).finish(), [](const nlmsghdr&, Octets) {}, "a neighbour")
        .has_value();
}

/// What a message says of a neighbour that somebody asked for; null for all others.
Neighbour* NextHops::take_in(Octets body, bool gone) {
    const auto about = take_as<ndmsg>(body);
    std::optional<Address> address;
    std::optional<HardwareAddress> hardware;
    if (!about) {
        return nullptr;
    }
    each_attribute(body.subspan(NLMSG_ALIGN(sizeof(ndmsg))), [&](std::uint16_t type, Octets value) {
        if (type == NDA_DST) {
            address = address_in(value);
        } else if (type == NDA_LLADDR && value.size() == HardwareAddress{}.size()) {
            std::memcpy(hardware.emplace().data(), value.data(), value.size());
        }
    });
    const auto known =
        address ? neighbours_.find({static_cast<std::uint32_t>(about->ndm_ifindex), *address})
                : neighbours_.end();
    if (known == neighbours_.end()) {
        return nullptr;
    }
    Neighbour& neighbour = known->second;
    const bool usable = !gone && is_known(about->ndm_state);
    neighbour.hardware = usable ? hardware : std::nullopt;
    neighbour.fixed = usable && (about->ndm_state & (NUD_PERMANENT | NUD_NOARP)) != 0;
    neighbour.failed = gone || (about->ndm_state & NUD_FAILED) != 0;
    return &neighbour;
}

void NextHops::follow(const Handlers& handlers) {
    bool routes_changed = false;
    bool links_changed = false;
    changed_.clear();
    const bool whole = changes_.drain([&](const nlmsghdr& header, Octets body) {
        switch (header.nlmsg_type) {
            case RTM_NEWNEIGH:
            case RTM_DELNEIGH:
                if (Neighbour* one = take_in(body, header.nlmsg_type == RTM_DELNEIGH)) {
                    changed_.push_back(one);
                }
                break;
            case RTM_NEWLINK:
            case RTM_DELLINK:
                links_changed = true;
                break;
            default:
                routes_changed = true;
        }
    });
    if (!whole) {
        routes_changed = links_changed = true;
        each([this](Neighbour& one) {
            look_up(one);
            changed_.push_back(&one);
        });
    }
    if (routes_changed || links_changed) {
        forget_routes();
    }
    if (links_changed) {
        handlers.links_changed();
    }
    std::ranges::for_each(changed_, [&](Neighbour* one) { handlers.neighbour_changed(*one); });
}

void NextHops::each(const std::function<void(Neighbour&)>& call) {
    // What is called may send, and so meet new neighbours.
    std::vector<Neighbour*> all;
    for (auto& [key, neighbour] : neighbours_) {
        all.push_back(&neighbour);
    }
    std::ranges::for_each(all, [&call](Neighbour* one) { call(*one); });
}

}  // namespace tcpcraft
