#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tools/cli/whole_file.hpp>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/report/account.hpp>
#include <libtcpcraft/report/book.hpp>
#include <libtcpcraft/trace/text_options.hpp>

namespace tcpcraft::cli {

enum class ReportFormat : std::uint8_t { html, svg, markdown, junit, tap };
/// By the name's ending.
[[nodiscard]] std::optional<ReportFormat> report_format(std::string_view name) noexcept;
/// Why a name is none for -o; empty: it is one.
[[nodiscard]] std::string wrong_with_report(std::string_view name);

/// The files of -o: what a run was like, and what came of it.
class ReportFiles {
public:
    /// Before the run, so that it does not fail behind it.
    [[nodiscard]] static Expected<ReportFiles> open(const std::vector<std::string>& names,
                                                    RunAbout about, const TextOptions& options);

    [[nodiscard]] bool any() const noexcept { return !files_.empty(); }
    /// Pages with ladders are among them.
    [[nodiscard]] bool pages() const noexcept { return book_ != nullptr; }
    /// For a ladder.
    void write(const Record& record);
    /// Without it nothing is written.
    void conclude(RunOutcome outcome);
    /// Writes all of them. The sentences tell of those that could not be written.
    [[nodiscard]] std::vector<std::string> finish();

private:
    struct Planned {
        ReportFormat format{};
        WholeFile file{};
    };
    [[nodiscard]] std::string content(ReportFormat format) const;

    std::vector<Planned> files_{};
    RunAccount account_{};
    std::unique_ptr<RunBook> book_{};
    bool concluded_{false};
};

}  // namespace tcpcraft::cli
