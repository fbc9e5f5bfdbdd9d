#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft {

/// Records that outlive what they were written from: each is copied with the octets that it has
/// views of.
class TCPCRAFT_API KeptRecords {
public:
    KeptRecords() = default;
    KeptRecords(const KeptRecords&) = delete;
    KeptRecords& operator=(const KeptRecords&) = delete;
    KeptRecords(KeptRecords&&) noexcept = default;
    KeptRecords& operator=(KeptRecords&&) noexcept = default;
    ~KeptRecords() = default;

    /// Takes in one record, with all that it views.
    void keep(Record record);
    /// Everything, in order.
    [[nodiscard]] const std::vector<Record>& all() const noexcept { return records_; }
    /// Gives all to `sink`, oldest first, and forgets them. What is kept meanwhile stays.
    void give(TraceSink& sink);

private:
    void own(std::span<const std::byte>& view);

    std::deque<std::vector<std::byte>> octets_{};  // the views of the records point in here
    std::vector<Record> records_{};
};

}  // namespace tcpcraft
