#pragma once

#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft {

/// Gives every record to several sinks, in the order in which they were added. Does not own them.
class TCPCRAFT_API TeeSink final : public TraceSink {
public:
    TeeSink() = default;

    /// Takes in one more.
    void add(TraceSink& sink) { sinks_.push_back(&sink); }
    /// Takes one record.
    void write(const Record& record) override;

private:
    std::vector<TraceSink*> sinks_{};
};

}  // namespace tcpcraft
