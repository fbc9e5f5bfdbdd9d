#include <libtcpcraft/host/host.hpp>

namespace tcpcraft {

Host::~Host() = default;

}  // namespace tcpcraft
