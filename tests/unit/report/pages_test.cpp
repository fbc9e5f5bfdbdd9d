// Pages for people: complete, and nothing in them speaks but we.
#include <regex>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <tests/unit/trace/story.hpp>

#include <libtcpcraft/report/pages.hpp>

namespace tcpcraft {

namespace {

const std::string hostile =
    "</title><script>alert(1)</script>\"><img src=x onerror=alert(1)> ]]> -->\n"
    "```\n# heading | cell | @everyone [link](javascript:alert(1)) `code` \xff\xe2\x80\xae end";

RunAccount account(const std::string& words) {
    RunAccount made{.about = {"tcp-handshake", "1.0", words, "2026-01-01T00:00:00Z"}};
    made.outcome.exit_status = 1;
    made.outcome.summary = words;
    made.outcome.facts = {{words, words}};
    made.outcome.advice = {words};
    made.outcome.cases.push_back({.name = words,
                                  .verdict = Verdict::violates,
                                  .rule = words,
                                  .text = words,
                                  .details = words,
                                  .segments = {0, 99}});
    Timeline timeline{.title = words, .about = words};
    timeline.rows.push_back(
        {words,
         {{Instant{}, Instant{std::chrono::seconds{1}}, TimelineEnd::silent, words}},
         {{Instant{}, true, words}}});
    timeline.lines.push_back({Instant{}, words});
    made.outcome.timelines.push_back(timeline);
    return made;
}

void tell(const std::string& words, RunBook& book) {
    book.write(Record{.what = Note{words, Note::Kind::warning}});
    test::Story story{test::connection_v4()};
    story.note(words, Note::Kind::heading)
        .out(Flags{Flag::psh}, 0, 0,
             {.state = State::established,
              .fault = words,
              .note = words,
              .payload = words,
              .step = words})
        .state(Who::us, State::established, State::closed, words)
        .note(words, Note::Kind::explanation)
        .what(Judged{words, Verdict::violates, words, words, {0}});
    story.tell(book);
}

template <typename Write>
std::string page(const std::string& words, Write write) {
    RunBook book{TextOptions{}};
    tell(words, book);
    std::ostringstream out;
    write(out, account(words), book);
    return out.str();
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

TEST(HtmlPage, HasNoMarkupButOurs) {
    const std::string tame = page("tame", write_html);
    const std::string made = page(hostile, write_html);
    for (const char* tag : {"<script", "</script", "</title", "<svg", "<p", "<td", "</style"}) {
        EXPECT_EQ(count(made, tag), count(tame, tag)) << tag;
    }
    EXPECT_EQ(made.find("<img"), std::string::npos);
    EXPECT_EQ(made.find('\xff'), std::string::npos);
    EXPECT_EQ(made.find("\xe2\x80\xae"), std::string::npos);  // U+202E turns the text around
    EXPECT_NE(made.find("&lt;script&gt;"), std::string::npos);
}

TEST(HtmlPage, AsksNobodyForAnything) {
    const std::string made = page("tame", write_html);
    for (const char* reference : {" src=", "@import", "url(h", "href=\"h", "<link"}) {
        EXPECT_EQ(made.find(reference), std::string::npos) << reference;
    }
    EXPECT_NE(made.find("default-src 'none'"), std::string::npos);
    EXPECT_NE(made.find("<html lang=\"en\">"), std::string::npos);
}

// What stands outside of style and script elements is no style and no script.
TEST(HtmlPage, HasNoInlineStyleOrHandler) {
    const std::string made = page("tame", write_html);
    const std::size_t from = made.find("<body>");
    const std::string body = made.substr(from, made.rfind("<script>") - from);
    EXPECT_FALSE(std::regex_search(body, std::regex{" (style|on[a-z]+)=\""}));
}

TEST(HtmlPage, SummaryComesFirstAndLinksLeadToSegments) {
    const std::string made = page("tame", write_html);
    EXPECT_LT(made.find("Exit status 1: the peer behaved differently"), made.find("<h2>"));
    EXPECT_NE(made.find("href=\"#c1s1\""), std::string::npos);
    EXPECT_EQ(count(made, "id=\"c1s1\""), 1U);
    EXPECT_EQ(count(made, "id=\"n-c1s1\""), 1U);
    EXPECT_EQ(made.find("href=\"#c1s100\""), std::string::npos);  // it is not drawn
}

TEST(SvgPage, HasNoMarkupButOurs) {
    const std::string tame = page("tame", write_svg);
    const std::string made = page(hostile, write_svg);
    EXPECT_EQ(made.find("<script"), std::string::npos);
    EXPECT_EQ(made.find("<img"), std::string::npos);
    EXPECT_EQ(count(made, "<svg"), 1U);
    EXPECT_EQ(count(made, "</title>"), count(tame, "</title>"));
    EXPECT_NE(made.find("<text"), std::string::npos);
}

TEST(MarkdownPage, HasNoMarkupButOurs) {
    const std::string made = page(hostile, write_markdown);
    EXPECT_EQ(made.find("\xff"), std::string::npos);
    EXPECT_NE(made.find("````text\n"), std::string::npos);  // a fence that ``` does not end
    std::istringstream lines{made};
    bool in_table = false;
    std::string fence;
    for (std::string line; std::getline(lines, line);) {
        if (fence.empty() && line.ends_with("text") && line.starts_with("```")) {
            fence = line.substr(0, line.size() - 4);
        } else if (line == fence) {
            fence.clear();
        } else if (fence.empty()) {
            EXPECT_EQ(line.find("<script"), std::string::npos) << line;
            EXPECT_FALSE(line.starts_with("# heading")) << line;
        }
        in_table = line.rfind("| verdict |", 0) == 0 || (in_table && line.rfind('|', 0) == 0);
        if (in_table) {
            EXPECT_EQ(count(line, "|") - count(line, "\\|"), 6U) << line;
            EXPECT_EQ(line.find('@'), std::string::npos) << line;
        }
    }
}

TEST(MarkdownPage, IsReadAsItStands) {
    const std::string made = page("tame", write_markdown);
    EXPECT_EQ(made.rfind("# tcp-handshake: tame\n\n**tame**\n", 0), 0U);
    EXPECT_NE(made.find("| Exit status | 1: the peer behaved differently |"), std::string::npos);
    EXPECT_NE(made.find("## Verdicts"), std::string::npos);
    EXPECT_NE(made.find("```text\n"), std::string::npos);
}

TEST(Pages, ARunWithoutAConnectionIsOneToo) {
    const RunBook book{TextOptions{}};
    for (const auto write : {write_html, write_svg, write_markdown}) {
        std::ostringstream out;
        write(out, RunAccount{}, book);
        EXPECT_GT(out.str().size(), 30U);
    }
}

}  // namespace

}  // namespace tcpcraft
