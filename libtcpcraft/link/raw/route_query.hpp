#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <linux/netlink.h>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft {

/// The first step of a route, as rtnetlink tells it.
struct FirstHop {
    std::uint32_t interface_index{0};
    std::optional<Address> gateway{};
    /// To one host over a link, as it is: not to this host itself, nor broadcast, nor wrapped.
    bool unicast{true};
};

/// An RTM_GETROUTE request for the way from `source` to `peer`; interface 0 leaves it open.
[[nodiscard]] std::vector<std::byte> write_route_query(const Address& source, const Address& peer,
                                                       std::uint32_t interface_index);
/// The answer to it, or the error it carries; `peer` is for the sentence.
[[nodiscard]] Expected<FirstHop> read_route_answer(std::span<const std::byte> answer,
                                                   const Address& peer);
/// The same from one message, errors set aside; nothing where it is about something else.
[[nodiscard]] std::optional<FirstHop> read_first_hop(const nlmsghdr& header,
                                                     std::span<const std::byte> body);
/// Both, through the kernel.
[[nodiscard]] Expected<FirstHop> query_first_hop(const Address& source, const Address& peer,
                                                 std::uint32_t interface_index);
/// What no route means to somebody who has to do something about it.
[[nodiscard]] Error no_route(std::error_code code, const Address& peer);

}  // namespace tcpcraft
