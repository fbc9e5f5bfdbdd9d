#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tools/cli/options.hpp>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/report/account.hpp>
#include <libtcpcraft/trace/sink.hpp>
#include <libtcpcraft/trace/text_options.hpp>

namespace tcpcraft::cli {

/// All that a run prints and writes: ladder, lines or JSON on stdout, pcapng and reports beside it.
/// Chosen from the options; files are opened at once, so that a bad name is told before anything is
/// sent. When nobody reads what is written any more (`| head`), the run is interrupted as by
/// SIGTERM: it ends quietly, and its rules are removed.
class Report : public TraceSink {
public:
    struct About {
        std::string tool{};
        std::string target{};
        Endpoint local{};
        Endpoint remote{};
        /// The wall clock at Instant zero (World::started_at()); unset: now.
        std::optional<std::chrono::system_clock::time_point> started_at{};
        /// Names of the capture's interfaces. With them it holds what capture() is given, and not
        /// what write() is: both ends tell of the same segment.
        std::vector<std::string> interfaces{};
    };
    [[nodiscard]] static Expected<std::unique_ptr<Report>> open(const OutputOptions& options,
                                                                const About& about);

    /// From now on records are written when the run has a moment to spare, a little later than they
    /// come, so that no segment waits for a drawing. Whatever else is told comes after them.
    /// The alarm must outlive the report.
    virtual void give_way(Alarm& /*alarm*/) {}
    /// For -w alone, where About::interfaces are named.
    virtual void capture(const Record& /*record*/) {}
    /// For the pages of -o alone.
    virtual void keep(const Record& /*record*/) {}
    /// Pages of -o are wanted: what goes to write() and keep() is shown there.
    [[nodiscard]] virtual bool wants_pages() const { return false; }
    /// What came of the run, for the files of -o, which finish() writes. Without it none is
    /// written.
    virtual void conclude(RunOutcome /*outcome*/) {}
    /// A line for people on stdout (not with JSON; stderr when stdout is a pcapng file). What -q
    /// leaves out is the caller's choice.
    virtual void say(std::string_view line) = 0;
    /// A row of a table: on a terminal `text` is wrapped under its own column; elsewhere a row is a
    /// line, so that others can search it.
    virtual void say_row(std::string_view head, std::string_view text) = 0;
    /// With --json=events a line that is of the tool alone: the members of `object_json`.
    virtual void event(std::string_view /*name*/, std::string_view /*object_json*/) {}
    /// The same with its time, and in the document, too.
    virtual void event(Instant /*at*/, std::string_view /*name*/,
                       std::string_view /*object_json*/) {}
    /// From now on lines are gathered: they are written when there are many, and with flush().
    virtual void gather() {}
    virtual void flush() {}
    /// A diagnosis on stderr, whatever the options.
    virtual void warn(std::string_view line) = 0;
    /// The result, an object in JSON text; with JSON it is printed, else left out.
    virtual void finish(std::string_view result_json) = 0;
    [[nodiscard]] virtual bool json() const = 0;
    /// Something could not be written (a full disk): told on stderr, and a matter for the status.
    [[nodiscard]] virtual bool output_failed() const = 0;
};

/// As JSON writes the wall clock: RFC 3339, with microseconds.
[[nodiscard]] std::string rfc3339(std::chrono::system_clock::time_point at);

/// How text looks at a descriptor of ours.
[[nodiscard]] TextOptions text_options(const OutputOptions& options, int descriptor);

/// JSON, and the files of -o, for a run that ended before there was a report (environment errors):
/// when asked for, so that they appear for every status but 2.
void print_failed_result(const OutputOptions& options, std::string_view tool,
                         std::string_view target, int exit_status, std::string_view summary,
                         std::string_view result_json);

}  // namespace tcpcraft::cli
