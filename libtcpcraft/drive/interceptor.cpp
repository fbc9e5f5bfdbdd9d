#include <libtcpcraft/drive/interceptor.hpp>

namespace tcpcraft {

Interceptor::~Interceptor() = default;

}  // namespace tcpcraft
