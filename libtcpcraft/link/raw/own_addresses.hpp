#pragma once

#include <string>
#include <vector>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {

/// The addresses of this host's interfaces, zones left out, sorted.
[[nodiscard]] std::vector<Address> own_addresses();

/// The names of this host's interfaces.
[[nodiscard]] std::vector<std::string> names_of_interfaces();

}  // namespace tcpcraft
