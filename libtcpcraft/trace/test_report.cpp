#include <algorithm>
#include <chrono>
#include <ostream>

#include <fmt/format.h>

#include <libtcpcraft/trace/json_event.hpp>
#include <libtcpcraft/trace/test_report.hpp>
#include <libtcpcraft/trace/xml_text.hpp>

namespace tcpcraft {

namespace {

bool passed(Verdict verdict) noexcept {
    return verdict == Verdict::conforms || verdict == Verdict::permitted_deviation;
}

/// On one line and without directives: what follows a `#` would be one (`# SKIP`).
std::string tap_line(std::string_view text) {
    std::string made;
    for (const char c : mended_utf8(text)) {
        if (c == '\n' || c == '\r') {
            made += c == '\n' ? "\\n" : "\\r";
            continue;
        }
        made += c == '#' || c == '\\' ? "\\" : "";
        made += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return made;
}

std::string word(const TestCase& test) {
    return test.word.empty() ? std::string{text(test.verdict)} : test.word;
}

std::string said(const TestCase& test) {
    const std::string rule = test.rule.empty() ? "" : " [" + test.rule + "]";
    return fmt::format("{}: {}{}", word(test), test.text, rule);
}

std::ptrdiff_t count(std::span<const TestCase> cases, bool failures) {
    return std::count_if(cases.begin(), cases.end(), [failures](const TestCase& test) {
        return !passed(test.verdict) && (test.verdict == Verdict::violates) == failures;
    });
}

/// With three decimals: Jenkins takes no more.
std::string time_of(Duration length) {
    const auto whole = std::chrono::round<std::chrono::milliseconds>(length).count();
    return fmt::format("{}.{:03}", whole / 1000, whole % 1000);
}

/// The sum of what the cases show.
Duration all_of(std::span<const TestCase> cases) {
    Duration all{};
    for (const TestCase& test : cases) {
        all += std::chrono::round<std::chrono::milliseconds>(test.took);
    }
    return all;
}

}  // namespace

void write_junit(std::ostream& out, std::string_view suite, std::span<const TestCase> cases) {
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    out << fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n",
        xml_text(suite), cases.size(), count(cases, true), count(cases, false),
        time_of(all_of(cases)));
    for (const TestCase& test : cases) {
        out << fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{}\">\n",
                           xml_text(suite), xml_text(test.name), time_of(test.took));
        if (passed(test.verdict)) {
            out << fmt::format("      <system-out>{}</system-out>\n", xml_text(said(test)));
        } else {
            const char* kind = test.verdict == Verdict::violates ? "failure" : "error";
            out << fmt::format("      <{} type=\"{}\" message=\"{}\">{}</{}>\n", kind,
                               xml_text(word(test)), xml_text(test.text),
                               xml_text(test.details.empty() ? test.rule : test.details), kind);
        }
        out << "    </testcase>\n";
    }
    out << "  </testsuite>\n</testsuites>\n";
}

void write_tap(std::ostream& out, std::string_view suite, std::span<const TestCase> cases) {
    out << "TAP version 13\n1.." << cases.size() << "\n# " << tap_line(suite) << '\n';
    std::size_t number = 0;
    for (const TestCase& test : cases) {
        out << fmt::format("{}ok {} - {}\n  ---\n  verdict: {}\n",
                           passed(test.verdict) ? "" : "not ", ++number, tap_line(test.name),
                           word(test));
        for (const auto& [key, value] : {std::pair{"rule", test.rule}, std::pair{"text", test.text},
                                         std::pair{"details", test.details}}) {
            if (!value.empty()) {
                out << fmt::format("  {}: {}\n", key, json_string(value));
            }
        }
        out << fmt::format("  duration_ms: {:.3f}\n  ...\n", seconds(test.took) * 1000);
    }
}

}  // namespace tcpcraft
