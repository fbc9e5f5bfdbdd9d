#pragma once

#include <memory>

#include <libtcpcraft/guard/rst_guard.hpp>

namespace tcpcraft {

[[nodiscard]] Expected<std::unique_ptr<RstGuard>> raise_iptables_guard(RstRule rule);
[[nodiscard]] Expected<std::unique_ptr<RstGuard>> raise_nft_guard(RstRule rule);
[[nodiscard]] Expected<std::unique_ptr<RstGuard>> raise_socket_guard(const RstRule& rule,
                                                                     PortLease* lease);

}  // namespace tcpcraft
