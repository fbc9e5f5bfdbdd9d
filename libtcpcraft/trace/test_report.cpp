#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include <libtcpcraft/trace/json_event.hpp>
#include <libtcpcraft/trace/test_report.hpp>

namespace tcpcraft {

namespace {

bool passed(Verdict verdict) noexcept {
    return verdict == Verdict::conforms || verdict == Verdict::permitted_deviation;
}

struct Rune {
    std::size_t length{0};  ///< in octets; 0: this is no UTF-8
    char32_t value{};
};

Rune rune_at(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : 3;
    Rune made{lead < 0xf0 ? length : lead < 0xf5 ? 4 : 0, lead};
    if (made.length < 2 || made.length > text.size()) {
        return {made.length == 1 ? 1U : 0U, lead};
    }
    made.value = lead & (0x7fU >> made.length);
    for (const char c : text.substr(1, made.length - 1)) {
        const auto octet = static_cast<unsigned char>(c);
        if ((octet & 0xc0U) != 0x80U) {
            return {};
        }
        made.value = (made.value << 6U) | (octet & 0x3fU);
    }
    const bool overlong = made.value < (made.length == 3 ? 0x800U : 0x10000U) && made.length > 2;
    const bool surrogate = made.value >= 0xd800 && made.value < 0xe000;
    return overlong || surrogate || made.value > 0x10ffff ? Rune{} : made;
}

/// What a file's name or a peer's octets may bring along, but XML 1.0 cannot hold, becomes U+FFFD.
std::string mended(std::string_view text) {
    std::string made;
    while (!text.empty()) {
        const Rune rune = rune_at(text);
        const bool bad = rune.length == 0 || rune.value == 0xfffe || rune.value == 0xffff;
        const std::size_t length = std::max<std::size_t>(1, rune.length);
        made += bad ? std::string_view{"\xef\xbf\xbd"} : text.substr(0, length);
        text.remove_prefix(length);
    }
    return made;
}

std::string escaped(std::string_view text) {
    std::string made;
    for (const char c : mended(text)) {
        switch (c) {
            case '&':
                made += "&amp;";
                break;
            case '<':
                made += "&lt;";
                break;
            case '>':
                made += "&gt;";
                break;
            case '"':
                made += "&quot;";
                break;
            default:
                made += static_cast<unsigned char>(c) < 0x20 && c != '\n' ? ' ' : c;
        }
    }
    return made;
}

/// On one line and without directives: what follows a `#` would be one (`# SKIP`).
std::string tap_line(std::string_view text) {
    std::string made;
    for (const char c : mended(text)) {
        if (c == '\n' || c == '\r') {
            made += c == '\n' ? "\\n" : "\\r";
            continue;
        }
        made += c == '#' || c == '\\' ? "\\" : "";
        made += c;
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

double seconds_of(std::span<const TestCase> cases) {
    double all = 0;
    for (const TestCase& test : cases) {
        all += seconds(test.took);
    }
    return all;
}

}  // namespace

void write_junit(std::ostream& out, std::string_view suite, std::span<const TestCase> cases) {
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    out << fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.6f}\">\n",
        escaped(suite), cases.size(), count(cases, true), count(cases, false), seconds_of(cases));
    for (const TestCase& test : cases) {
        out << fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\">\n",
                           escaped(suite), escaped(test.name), seconds(test.took));
        if (passed(test.verdict)) {
            out << fmt::format("      <system-out>{}</system-out>\n", escaped(said(test)));
        } else {
            const char* kind = test.verdict == Verdict::violates ? "failure" : "error";
            out << fmt::format("      <{} type=\"{}\" message=\"{}\">{}</{}>\n", kind,
                               escaped(word(test)), escaped(test.text),
                               escaped(test.details.empty() ? test.rule : test.details), kind);
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
