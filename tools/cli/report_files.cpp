#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <tools/cli/report_files.hpp>

#include <libtcpcraft/report/pages.hpp>

namespace tcpcraft::cli {

namespace {

constexpr std::array<std::pair<std::string_view, ReportFormat>, 5> formats{
    {{".html", ReportFormat::html},
     {".svg", ReportFormat::svg},
     {".md", ReportFormat::markdown},
     {".xml", ReportFormat::junit},
     {".tap", ReportFormat::tap}}};

bool is_page(ReportFormat format) noexcept {
    return format == ReportFormat::html || format == ReportFormat::svg ||
           format == ReportFormat::markdown;
}

}  // namespace

std::optional<ReportFormat> report_format(std::string_view name) noexcept {
    for (const auto& [ending, format] : formats) {
        if (name.ends_with(ending)) {
            return format;
        }
    }
    return std::nullopt;
}

std::string wrong_with_report(std::string_view name) {
    if (report_format(name)) {
        return {};
    }
    const std::string wanted =
        "the name's ending says what is written: FILE.html, .svg, .md, .xml (JUnit) or .tap";
    if (name == "-") {
        return wanted + ". On stdout there is --json, or the ladder itself";
    }
    return fmt::format("{}; '{}' ends otherwise", wanted, name);
}

Expected<ReportFiles> ReportFiles::open(const std::vector<std::string>& names, RunAbout about,
                                        const TextOptions& options) {
    ReportFiles made;
    made.account_.about = std::move(about);
    for (const std::string& name : names) {
        auto file = WholeFile::plan(name);
        if (!file) {
            return Unexpected<Error>{file.error()};
        }
        made.files_.push_back({report_format(name).value_or(ReportFormat::html), std::move(*file)});
        if (is_page(made.files_.back().format) && made.book_ == nullptr) {
            made.book_ = std::make_unique<RunBook>(options);
        }
    }
    return made;
}

void ReportFiles::write(const Record& record) {
    if (book_) {
        book_->write(record);
    }
}

void ReportFiles::conclude(RunOutcome outcome) {
    account_.outcome = std::move(outcome);
    concluded_ = true;
}

std::string ReportFiles::content(ReportFormat format) const {
    std::ostringstream out;
    const std::string suite = fmt::format("{} {}", account_.about.tool, account_.about.target);
    switch (format) {
        case ReportFormat::html:
            write_html(out, account_, *book_);
            break;
        case ReportFormat::svg:
            write_svg(out, account_, *book_);
            break;
        case ReportFormat::markdown:
            write_markdown(out, account_, *book_);
            break;
        case ReportFormat::junit:
            write_junit(out, suite, account_.outcome.cases);
            break;
        case ReportFormat::tap:
            write_tap(out, suite, account_.outcome.cases);
            break;
    }
    return out.str();
}

std::vector<std::string> ReportFiles::finish() {
    std::vector<std::string> failed;
    if (!std::exchange(concluded_, false)) {
        return failed;
    }
    for (const Planned& one : files_) {
        if (const auto written = one.file.write(content(one.format)); !written) {
            failed.push_back(fmt::format("{}; without that the exit status were {}",
                                         written.error().message(), account_.outcome.exit_status));
        }
    }
    return failed;
}

}  // namespace tcpcraft::cli
