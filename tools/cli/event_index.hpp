#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft::cli {

/// Where segments stand among the events of the JSON output.
class EventIndex : public TraceSink {
public:
    void write(const Record& record) override;
    [[nodiscard]] std::vector<std::size_t> of(const std::vector<std::size_t>& segments) const;

private:
    std::size_t next_{0};
    std::map<std::size_t, std::size_t> index_{};
};

}  // namespace tcpcraft::cli
