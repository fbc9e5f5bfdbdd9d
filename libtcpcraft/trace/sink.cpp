#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft {

TraceSink::~TraceSink() = default;

}  // namespace tcpcraft
