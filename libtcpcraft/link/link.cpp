#include <libtcpcraft/link/link.hpp>

namespace tcpcraft {

Link::~Link() = default;

void Link::on_fault(std::function<void(const FaultReport&)> /*handler*/) {}

}  // namespace tcpcraft
