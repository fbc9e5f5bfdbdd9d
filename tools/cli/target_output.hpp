#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/report.hpp>
#include <tools/cli/standing_line.hpp>
#include <tools/cli/target_places.hpp>

#include <libtcpcraft/base/time.hpp>

namespace tcpcraft::cli {

/// What has come of one target.
struct TargetResult {
    int exit_status{0};
    std::string summary{};
    std::string json{};       ///< the tool's own members, an object, with the two above
    std::string_view word{};  ///< what it is counted as; empty: what its exit status says
};

/// How far a run through a list has come.
struct TargetProgress {
    std::size_t done{0};
    std::size_t total{0};
    std::size_t in_flight{0};
    double rate{0};                  ///< connections begun in a second, so far
    std::optional<Duration> left{};  ///< unknown until the first has ended
};

/// What the end of a run says beside its results.
struct TargetConclusion {
    Duration elapsed{};
    bool interrupted{false};
    std::optional<Shard> shard{};
    std::size_t whole{0};                    ///< targets of all shards
    std::function<std::string(int)> word{};  ///< for an exit status: `answered`
    std::vector<std::string> more{};         ///< sentences behind the counts
    std::string more_json{};                 ///< members of the result with --json=events
};

/// All that a run through a list prints. A line for each target, as results come: of text, or with
/// --json an object; with --json=events the segments between them, and `progress`. On a terminal
/// the progress stands below, on stderr.
class TargetOutput {
public:
    /// What the report is to be opened with: of many connections no ladder is drawn, and --json is
    /// lines that need no end.
    [[nodiscard]] static OutputOptions for_report(OutputOptions output);

    /// `live`: a person may be waiting (not with --simulate).
    TargetOutput(Report& report, const OutputOptions& output, bool live);

    /// `connection`: its number in the events, 0 when there was none.
    void tell(Instant at, const PlacedTarget& target, std::size_t connection, bool tried,
              const TargetResult& result);
    void tell(Instant at, const TargetProgress& progress);
    /// So many that are not told of one by one were not begun.
    void tell_untried(std::size_t more) noexcept { untried_ += more, told_ += more; }
    /// Lines are gathered, and written at the latest when this is called: once for each turn of the
    /// loop.
    void flush() { report_.flush(); }
    [[nodiscard]] bool shows_progress() const noexcept { return live() || events_; }
    [[nodiscard]] bool live() const noexcept { return line_.visible(); }
    /// Whether segments are wanted, by a reader or a file.
    [[nodiscard]] bool shows_segments() const noexcept { return segments_ || events_ || captured_; }
    /// What the connections are to be recorded through: warnings about one of them are left out
    /// where segments are; its result says what matters.
    [[nodiscard]] TraceSink& sink() noexcept { return sink_; }
    /// The last word: how many targets came to what. The exit status: of several results the first
    /// of 4, 1, 3, 0 counts.
    int conclude(const TargetConclusion& conclusion);

private:
    class Sink final : public TraceSink {
    public:
        explicit Sink(TargetOutput& output) noexcept : output_{output} {}
        void write(const Record& record) override;

    private:
        TargetOutput& output_;
    };

    [[nodiscard]] std::string summary(const TargetConclusion& conclusion) const;
    [[nodiscard]] std::string counts(const TargetConclusion& conclusion) const;

    Report& report_;
    bool json_;
    bool events_;
    bool quiet_;
    bool segments_;
    bool captured_;
    StandingLine line_;
    Sink sink_{*this};
    std::map<int, std::size_t> statuses_{};                    ///< of those that were tried
    std::map<int, std::size_t> unworded_{};                    ///< those without a word
    std::map<std::string, std::size_t, std::less<>> words_{};  ///< the others, by it
    std::size_t untried_{0};
    std::size_t told_{0};
    std::vector<std::string> results_{};  ///< --json=events: for the end
};

}  // namespace tcpcraft::cli
