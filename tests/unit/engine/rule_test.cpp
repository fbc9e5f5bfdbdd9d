#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/rule.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/engine/timers.hpp>

namespace tcpcraft {
namespace {

TEST(Rule, EachHasNameCitationAndSentence) {
    std::set<std::string_view> names;
    std::set<std::string_view> sentences;
    for (std::size_t i = 1; i < rule_count; ++i) {
        const auto rule = static_cast<Rule>(i);
        names.insert(name(rule));
        sentences.insert(sentence(rule));
        EXPECT_NE(citation(rule).find("RFC "), std::string_view::npos) << name(rule);
        EXPECT_NE(citation(rule).find("§"), std::string_view::npos) << name(rule);
        EXPECT_TRUE(sentence(rule).ends_with('.')) << name(rule);
    }
    EXPECT_EQ(names.size(), rule_count - 1);
    EXPECT_EQ(sentences.size(), rule_count - 1);
}

TEST(Rule, NoneSaysNothing) {
    EXPECT_EQ(name(Rule::none), "none");
    EXPECT_TRUE(citation(Rule::none).empty());
    EXPECT_TRUE(sentence(Rule::none).empty());
}

TEST(Rule, AnswersForANumberThatIsNone) { EXPECT_EQ(name(static_cast<Rule>(rule_count)), "none"); }

template <typename Enumeration>
void expect_texts(std::size_t count) {
    std::set<std::string_view> texts;
    for (std::size_t i = 0; i < count; ++i) {
        texts.insert(text(static_cast<Enumeration>(i)));
    }
    EXPECT_EQ(texts.size(), count);
    EXPECT_EQ(texts.count("?"), 0U);
    EXPECT_EQ(text(static_cast<Enumeration>(count)), "?");
}

TEST(Texts, AreDistinctAndComplete) {
    expect_texts<State>(state_count);
    expect_texts<Timer>(timer_count);
    expect_texts<DiscardReason>(static_cast<std::size_t>(DiscardReason::icmp_unrelated) + 1);
    expect_texts<Notice>(static_cast<std::size_t>(Notice::excessive_retransmissions) + 1);
}

TEST(Texts, NameEventsInTheWordsOfTheRfc) {  // RFC 9293 §3.10
    EXPECT_EQ(text(Event{SegmentArrives{}}), "SEGMENT ARRIVES");
    EXPECT_EQ(text(Event{Close{}}), "CLOSE");
    EXPECT_EQ(text(Event{TimePasses{}}), "TIMEOUT");
    EXPECT_EQ(text(Event{ProbeKeepAlive{}}), "keep-alive");
}

}  // namespace
}  // namespace tcpcraft
