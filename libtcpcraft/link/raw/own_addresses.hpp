#pragma once

#include <vector>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {

/// The addresses of this host's interfaces, zones left out, sorted.
[[nodiscard]] std::vector<Address> own_addresses();

}  // namespace tcpcraft
