#pragma once

#include <cstddef>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/sink.hpp>
#include <libtcpcraft/trace/symbols.hpp>
#include <libtcpcraft/trace/text_options.hpp>

namespace tcpcraft {

/// One line per segment, as tcpdump writes it, with the states behind; the rest as short lines.
/// Lines are never broken. Does not own the stream.
class TCPCRAFT_API LinesSink final : public TraceSink {
public:
    /// Made of these.
    LinesSink(std::ostream& out, const TextOptions& options);

    /// Takes one record.
    void write(const Record& record) override;

private:
    struct Shown {
        bool begun{false};
        State us{};
        State peer{};
        Symbols symbols{};
        std::string_view inferred{"~"};  ///< before the peer's state
    };

    void print(const Record& record, const SegmentSeen& seen);
    void print(const Record& record, const StateChanged& change);
    void print(const Record& record, const TimerChanged& timer);
    void print(const Record& record, const FaultDone& fault);
    void print(const Record& record, const Judged& judged);
    void print(const Record& record, const Progressed& progress);
    void print(const Record& record, const Note& note);
    void print(const Record& record, const TcbShown& shown);
    void print(const Record& record, const Lifelines& ends);

    [[nodiscard]] std::string states(const SegmentSeen& seen, Shown& shown) const;
    void print_more(const SegmentSeen& seen, Shown& shown);
    void put(const std::string& line);

    std::ostream& out_;
    TextOptions options_;
    std::map<std::size_t, Shown> shown_{};
};

}  // namespace tcpcraft
