#include <variant>

#include <tools/cli/event_index.hpp>

namespace tcpcraft::cli {

void EventIndex::write(const Record& record) {
    if (std::holds_alternative<Note>(record.what) ||
        std::holds_alternative<TcbShown>(record.what)) {
        return;  // no events
    }
    if (const auto* seen = std::get_if<SegmentSeen>(&record.what)) {
        index_[seen->number] = next_;
    }
    ++next_;
}

std::vector<std::size_t> EventIndex::of(const std::vector<std::size_t>& segments) const {
    std::vector<std::size_t> found;
    for (const std::size_t number : segments) {
        if (const auto at = index_.find(number); at != index_.end()) {
            found.push_back(at->second);
        }
    }
    return found;
}

}  // namespace tcpcraft::cli
