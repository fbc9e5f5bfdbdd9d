#pragma once

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

/// What an errno of a send means to somebody who has to do something about it.
[[nodiscard]] Error send_failure(int error, const Outgoing& packet);

}  // namespace tcpcraft
