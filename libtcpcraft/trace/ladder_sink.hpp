#pragma once

#include <array>
#include <cstddef>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/sink.hpp>
#include <libtcpcraft/trace/symbols.hpp>
#include <libtcpcraft/trace/text_options.hpp>

namespace tcpcraft {

class LadderDrawing;

/// The ladder of product.md 2.3: two lifelines, our state on the left, the peer's (inferred, with a
/// `~`) on the right, an arrow for each segment. Each rung is flushed as it comes. A state change
/// that a segment brought about stands on the segment's own line when the segment is written first.
/// Does not own the stream.
class TCPCRAFT_API LadderSink final : public TraceSink {
public:
    /// Below this width make_text_sink() gives lines.
    static constexpr std::size_t least_width = 72;

    /// Made of these.
    LadderSink(std::ostream& out, const TextOptions& options);
    ~LadderSink() override;

    /// Takes one record.
    void write(const Record& record) override;
    /// What is said once about the whole: how many checksums were offloaded.
    void finish();

private:
    /// What the paper shows of one connection.
    struct Shown {
        bool begun{false};
        ConnectionId id{};
        State us{};
        State peer{};
        Symbols symbols{};
        std::optional<Lifelines> ends{};                ///< both are known
        std::array<std::string, timer_count> timers{};  ///< the last words about each
        std::array<Rule, 2> explained{};                ///< the last of ours, of the peer's
    };

    void draw(const Record& record, const SegmentSeen& seen);
    void draw(const Record& record, const StateChanged& change);
    void draw(const Record& record, const TimerChanged& timer);
    void draw(const Record& record, const FaultDone& fault);
    void draw(const Record& record, const Judged& judged);
    void draw(const Record& record, const Progressed& progress);
    void draw(const Record& record, const Note& note);
    void draw(const Record& record, const TcbShown& shown);
    void draw(const Record& record, const Lifelines& ends);

    /// The connection's paper; draws its header and where both began when it is new.
    Shown& paper(const Record& record, State us, State peer);
    void draw_rung(const Record& record, const SegmentSeen& seen, Shown& shown);
    void draw_details(const SegmentSeen& seen, Shown& shown);
    void explain(Rule rule, Who who, Shown& shown);
    [[nodiscard]] bool worth_showing(const TimerChanged& timer, const std::string& words,
                                     const Shown& shown) const;
    void put(const std::string& text);

    std::ostream& out_;
    TextOptions options_;
    std::unique_ptr<LadderDrawing> drawing_;
    std::map<std::size_t, Shown> shown_{};
    std::optional<std::size_t> current_{};
    bool show_states_{false};  ///< the next rung repeats both
    std::size_t offloaded_{0};
};

/// The ladder, or lines where the terminal is too narrow for it.
[[nodiscard]] TCPCRAFT_API std::unique_ptr<TraceSink> make_text_sink(std::ostream& out,
                                                                     const TextOptions& options);

}  // namespace tcpcraft
