// Test reports as CI servers read them.
#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <libtcpcraft/trace/test_report.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

const std::vector<TestCase> cases{
    {.name = "close", .verdict = Verdict::conforms, .rule = "R-1", .text = "fine", .took = 1500ms},
    {.name = "a<b", .verdict = Verdict::violates, .rule = "R-2", .text = "not \"fine\" & so"},
    {.name = "c.pkt",
     .verdict = Verdict::no_answer,
     .text = "nothing came",
     .word = "silence",
     .details = "expected > F.\ngot nothing\x01"},
};

std::string junit() {
    std::ostringstream out;
    write_junit(out, "suite", cases);
    return out.str();
}

std::string tap() {
    std::ostringstream out;
    write_tap(out, "suite", cases);
    return out.str();
}

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
}

TEST(TestReport, JunitCountsFailuresAndErrorsApart) {
    expect_in(junit(), R"(<testsuite name="suite" tests="3" failures="1" errors="1" time="1.5)");
}

TEST(TestReport, JunitTellsWhatCameOfEach) {
    expect_in(junit(), "<system-out>conforms: fine [R-1]</system-out>");
    expect_in(junit(),
              R"(<failure type="violates" message="not &quot;fine&quot; &amp; so">R-2</failure>)");
    expect_in(junit(),
              "<error type=\"silence\" message=\"nothing came\">expected &gt; F.\n"
              "got nothing </error>");
    expect_in(junit(), R"(name="a&lt;b")");
}

TEST(TestReport, TapTellsWhatCameOfEach) {
    expect_in(tap(), "TAP version 13\n1..3\n# suite\nok 1 - close\n");
    expect_in(tap(), "not ok 2 - a<b\n  ---\n  verdict: violates\n  rule: \"R-2\"\n");
    expect_in(tap(),
              "not ok 3 - c.pkt\n  ---\n  verdict: silence\n  text: \"nothing came\"\n"
              "  details: \"expected > F.\\ngot nothing");
}

// Whoever only looks at the numbers: a deviation that is permitted has passed, and no more.
TEST(TestReport, EveryVerdictHasItsPlace) {
    for (const auto& [verdict, inside] :
         {std::pair{Verdict::conforms, "<system-out>conforms"},
          std::pair{Verdict::permitted_deviation, "<system-out>permitted-deviation"},
          std::pair{Verdict::violates, "<failure type=\"violates\""},
          std::pair{Verdict::no_answer, "<error type=\"no-answer\""},
          std::pair{Verdict::inconclusive, "<error type=\"inconclusive\""}}) {
        const TestCase one{.name = "one", .verdict = verdict, .rule = "R", .text = "T"};
        std::ostringstream xml;
        write_junit(xml, "suite", {&one, 1});
        expect_in(xml.str(), inside);
        std::ostringstream lines;
        write_tap(lines, "suite", {&one, 1});
        const bool ok = verdict == Verdict::conforms || verdict == Verdict::permitted_deviation;
        EXPECT_EQ(lines.str().find("\nok 1 - one\n") != std::string::npos, ok) << lines.str();
        EXPECT_EQ(lines.str().find("\nnot ok 1 - one\n") != std::string::npos, !ok);
    }
}

TEST(TestReport, WhatIsNoUtf8IsReplaced) {
    const std::string rubbish =
        "a\xff.pkt \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xc0\xaf \xed\xa0\x80 "
        "\xef\xbf\xbf \xf4\x90\x80\x80 \xe2\x82";
    const std::string fffd = "\xef\xbf\xbd";
    const std::string mended = "a" + fffd + ".pkt \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 " + fffd +
                               fffd + " " + fffd + fffd + fffd + " " + fffd + " " + fffd + fffd +
                               fffd + fffd + " " + fffd + fffd;
    const TestCase one{.name = rubbish, .rule = "R", .text = "T"};
    std::ostringstream xml;
    write_junit(xml, "suite", {&one, 1});
    expect_in(xml.str(), " name=\"" + mended + "\" ");
    std::ostringstream lines;
    write_tap(lines, "suite", {&one, 1});
    expect_in(lines.str(), "ok 1 - " + mended + "\n");
}

TEST(TestReport, ANameIsNoTapDirective) {
    const TestCase one{.name = "a # SKIP\\ b\r\nnot ok 2", .rule = "R", .text = "T"};
    std::ostringstream lines;
    write_tap(lines, "su\nite", {&one, 1});
    expect_in(lines.str(), "\n# su\\nite\nok 1 - a \\# SKIP\\\\ b\\r\\nnot ok 2\n  ---\n");
}

TEST(TestReport, ARunWithoutCasesIsAReportToo) {
    std::ostringstream xml;
    write_junit(xml, "suite", {});
    expect_in(xml.str(), R"(tests="0" failures="0" errors="0" time="0.0)");
    expect_in(xml.str(), "</testsuite>\n</testsuites>\n");
    std::ostringstream lines;
    write_tap(lines, "suite", {});
    EXPECT_EQ(lines.str(), "TAP version 13\n1..0\n# suite\n");
}

}  // namespace

}  // namespace tcpcraft
