#include <libtcpcraft/link/alarm.hpp>

namespace tcpcraft {

Alarm::~Alarm() = default;

}  // namespace tcpcraft
