#include <utility>
#include <variant>

#include <libtcpcraft/trace/kept_records.hpp>

namespace tcpcraft {

void KeptRecords::own(std::span<const std::byte>& view) {
    if (!view.empty()) {
        view = octets_.emplace_back(view.begin(), view.end());
    }
}

void KeptRecords::keep(Record record) {
    if (auto* seen = std::get_if<SegmentSeen>(&record.what)) {
        own(seen->octets);
        own(seen->datagram.segment.payload);
        own(seen->datagram.ip.extension);
    }
    records_.push_back(std::move(record));
}

void KeptRecords::give(TraceSink& sink) {
    const auto octets = std::exchange(octets_, {});  // for as long as they are read
    for (const Record& record : std::exchange(records_, {})) {
        sink.write(record);
    }
}

}  // namespace tcpcraft
