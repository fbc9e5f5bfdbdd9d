#pragma once

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/record.hpp>

namespace tcpcraft {

/// Where records go: the ladder, lines, JSON, pcapng, several of them. Called in the order in which
/// things happened, from one thread. A sink never fails the run: it keeps its first error for
/// error() to tell.
class TCPCRAFT_API TraceSink {
public:
    TraceSink() = default;
    TraceSink(const TraceSink&) = delete;
    TraceSink& operator=(const TraceSink&) = delete;
    virtual ~TraceSink();

    /// Takes one record.
    virtual void write(const Record& record) = 0;
};

}  // namespace tcpcraft
