#include <libtcpcraft/trace/tee_sink.hpp>

namespace tcpcraft {

void TeeSink::write(const Record& record) {
    for (TraceSink* sink : sinks_) {
        sink->write(record);
    }
}

}  // namespace tcpcraft
