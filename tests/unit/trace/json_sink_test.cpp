// The keys are a contract with scripts: nothing here may be renamed.

#include <array>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <tests/unit/trace/story.hpp>

#include <libtcpcraft/trace/json_sink.hpp>

namespace tcpcraft::test {
namespace {

using Json = nlohmann::json;

constexpr std::string_view result = R"({"exit_status":0,"summary":"open"})";

std::vector<Json> events(const Story& story) {
    std::ostringstream out;
    JsonEvents sink{out};
    story.tell(sink);
    sink.finish(result);
    std::vector<Json> made;
    std::istringstream in{out.str()};
    for (std::string line; std::getline(in, line);) {
        made.push_back(Json::parse(line));
    }
    return made;
}

/// The only event of a story with one record.
Json event(decltype(Record::what) what) {
    Story story{connection_v4()};
    story.at(0.0000014).what(std::move(what));
    return events(story).at(0);
}

TEST(JsonEvents, segment) {
    const Json seen = events(normal_handshake()).at(4);
    EXPECT_EQ(seen["event"], "state");
    const Json syn_ack = events(normal_handshake()).at(3);
    EXPECT_EQ(syn_ack, Json::parse(R"({
        "t": 0.000213, "event": "segment", "connection": 1, "dir": "in",
        "src": "192.0.2.80:80", "dst": "192.0.2.1:40000", "flags": "S.",
        "seq": 2596069104, "ack": 305419897, "rel_seq": 0, "rel_ack": 1, "len": 0, "win": 65160,
        "options": [{"kind": "mss", "value": 1460}, {"kind": "sackok"},
                    {"kind": "ts", "val": 9, "ecr": 1}, {"kind": "nop"},
                    {"kind": "wscale", "value": 7}],
        "ttl": 64, "checksum": "offloaded", "state": "ESTABLISHED", "peer_state": "SYN-RECEIVED",
        "kernel_timestamp": true, "rule": )" +
                                   Json(citation(Rule::syn_sent_establishes)).dump() + "}"));
}

TEST(JsonEvents, segment_without_ack_and_with_a_fault) {
    const std::vector<Json> seen = events(lost_syn());
    EXPECT_EQ(seen.at(0), Json::parse(R"({"t": 0.0, "event": "fault", "connection": 1,
                                          "fault": "drop", "dir": "out", "flags": "S"})"));
    EXPECT_EQ(seen.at(1)["fault"], "drop");
    EXPECT_TRUE(seen.at(1)["ack"].is_null());
    EXPECT_TRUE(seen.at(1)["rel_ack"].is_null());
    EXPECT_FALSE(seen.at(1).contains("altered"));
    EXPECT_FALSE(seen.at(1).contains("step"));
    EXPECT_EQ(events(old_duplicate_syn()).at(0)["altered"], true);
}

TEST(JsonEvents, numbers_are_null_while_the_origin_is_unknown) {
    SegmentSeen seen{.direction = Direction::in};
    seen.datagram.segment.flags = {Flag::ack};
    const Json made = event(seen);
    EXPECT_TRUE(made["rel_seq"].is_null());
    EXPECT_TRUE(made["rel_ack"].is_null());
    EXPECT_EQ(made["ack"], 0);
    EXPECT_FALSE(made.contains("rule"));
    EXPECT_DOUBLE_EQ(made["t"].get<double>(), 0.000001);
}

TEST(JsonEvents, every_option) {
    constexpr std::array bytes{std::byte{0xa1}, std::byte{0xb2}, std::byte{0xc3}, std::byte{0xd4}};
    SegmentSeen seen;
    seen.datagram.segment.options = {Sack{{SackBlock{Seq{5}, Seq{9}}}, 1}, FastOpen{bytes},
                                     UserTimeout{true, 2}, UnknownOption{254, bytes}};
    EXPECT_EQ(event(seen)["options"], Json::parse(R"([{"kind": "sack", "blocks": [[5, 9]]},
                              {"kind": "fastopen", "hex": "a1b2c3d4"},
                              {"kind": "uto", "value": 120},
                              {"kind": 254, "hex": "a1b2c3d4"}])"));
    seen.datagram.segment.options = {Multipath{bytes}, AccurateEcn{0, {1, 2, 3}, 1},
                                     Authentication{1, 2, bytes}, EndOfList{}};
    EXPECT_EQ(event(seen)["options"], Json::parse(R"([{"kind": "mptcp", "hex": "a1b2c3d4"},
                              {"kind": "accecn", "hex": "000001"},
                              {"kind": "ao", "hex": "0102a1b2c3d4"}, {"kind": "eol"}])"));
    seen.datagram.segment.options = {UnknownOption{2, std::span{bytes}.first(1)},
                                     BrokenOption{bytes}};
    EXPECT_EQ(event(seen)["options"][0], Json::parse(R"({"kind": 2, "hex": "a1"})"));
    EXPECT_EQ(event(seen)["options"][1]["kind"], 0xa1);
}

TEST(JsonEvents, state_timer_progress) {
    EXPECT_EQ(event(StateChanged{Who::peer, State::listen, State::syn_received, "SYN", Rule::none}),
              Json::parse(R"({"t": 1e-06, "event": "state", "connection": 1, "who": "peer",
                  "from": "LISTEN", "to": "SYN-RECEIVED", "cause": "SYN", "rule": null})"));
    EXPECT_EQ(event(TimerChanged{Timer::time_wait, TimerChange::set, Instant{Duration{1500000}}}),
              Json::parse(R"({"t": 1e-06, "event": "timer", "connection": 1,
                  "timer": "time-wait", "action": "set", "at": 1.5})"));
    EXPECT_EQ(event(Progressed{1, 3, Duration{2500000}}),
              Json::parse(R"({"t": 1e-06, "event": "progress", "done": 1, "total": 3,
                  "eta": 2.5})"));
    EXPECT_TRUE(event(Progressed{1, 3, std::nullopt})["eta"].is_null());
}

TEST(JsonEvents, verdict_points_at_events) {
    const std::vector<Json> seen = events(refused());
    const Json& verdict = seen.at(4);
    ASSERT_EQ(verdict["event"], "verdict");
    EXPECT_EQ(verdict["verdict"], "conforms");
    ASSERT_EQ(verdict["segments"], Json::parse("[0, 1]"));
    const Json syn_dropped = events(lost_syn()).at(1);
    EXPECT_EQ(syn_dropped["event"], "segment");
    Story story = lost_syn();
    story.what(Judged{"H", Verdict::no_answer, "RFC", "text", {1, 99}});
    const std::vector<Json> longer = events(story);
    const Json& last = longer.at(longer.size() - 2);
    ASSERT_EQ(last["segments"].size(), 1U) << "one that was never seen is left out";
    const Json& retransmitted = longer.at(last["segments"][0].get<std::size_t>());
    EXPECT_EQ(retransmitted["event"], "segment");
    EXPECT_DOUBLE_EQ(retransmitted["t"].get<double>(), 1.00002);
    EXPECT_EQ(retransmitted["flags"], "S");
}

TEST(JsonEvents, result_is_the_last_line) {
    const Json last = events(normal_handshake()).back();
    EXPECT_EQ(last, Json::parse(R"({"t": 0.000251, "event": "result", "exit_status": 0,
                                    "summary": "open"})"));
}

TEST(JsonEvents, notes_are_no_events) {
    Story story{connection_v4()};
    story.note("hello");
    EXPECT_EQ(events(story).size(), 1U);
}

TEST(JsonEvents, what_is_no_utf8_does_not_break_it) {
    Story story{connection_v4()};
    story.state(Who::us, State::closed, State::listen, "\xff\xfe caf\xc3");
    EXPECT_EQ(events(story).at(0)["cause"], "\uFFFD\uFFFD caf\uFFFD");
}

TEST(JsonDocument, one_document) {
    std::ostringstream out;
    JsonDocument sink{out, {"tcp-handshake", "0.1.0", "h\xff:80", "2026-01-02T03:04:05Z"}};
    normal_handshake().tell(sink);
    EXPECT_TRUE(out.str().empty());
    sink.finish(std::string{"{\"exit_status\":0,\"text\":\"\xff\"}"});
    const Json made = Json::parse(out.str());
    EXPECT_EQ(made["tool"], "tcp-handshake");
    EXPECT_EQ(made["version"], "0.1.0");
    EXPECT_EQ(made["target"], "h\uFFFD:80");
    EXPECT_EQ(made["started_at"], "2026-01-02T03:04:05Z");
    EXPECT_EQ(made["result"], Json::parse("{\"exit_status\":0,\"text\":\"\uFFFD\"}"));
    std::vector<Json> lines = events(normal_handshake());
    lines.pop_back();  // the result
    EXPECT_EQ(made["events"], Json(lines));
    EXPECT_EQ(made.size(), 6U);
}

TEST(JsonDocument, without_events) {
    std::ostringstream out;
    JsonDocument sink{out, {}};
    sink.finish("{}");
    EXPECT_EQ(Json::parse(out.str())["events"], Json::array());
}

}  // namespace
}  // namespace tcpcraft::test
