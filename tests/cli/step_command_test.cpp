// The command language of --step: a line, a value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tools/cli/step_command.hpp>

namespace tcpcraft::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

StepCommand read(std::string_view line, StepSide side = StepSide::leaving) {
    const auto command = read_step_command(line, side);
    EXPECT_TRUE(command) << line << ": " << (command ? "" : command.error().sentence);
    return command.value_or(StepCommand{});
}

NotationError refused(std::string_view line, StepSide side = StepSide::leaving) {
    const auto command = read_step_command(line, side);
    EXPECT_FALSE(command) << line;
    return command ? NotationError{} : command.error();
}

template <typename T>
T value(const StepEdit& edit) {
    EXPECT_TRUE(std::holds_alternative<T>(edit.value)) << edit.typed;
    const T* held = std::get_if<T>(&edit.value);
    return held == nullptr ? T{} : *held;
}

std::string text(const std::vector<std::byte>& octets) {
    std::string made;
    for (const std::byte octet : octets) {
        made += static_cast<char>(octet);
    }
    return made;
}

TEST(StepCommand, EachVerbHasALetterAndAWord) {
    for (const auto& [letter, word, verb] :
         {std::tuple{"s", "send", StepVerb::send}, std::tuple{"d", "drop", StepVerb::drop},
          std::tuple{"2", "double", StepVerb::twice}, std::tuple{"r", "run", StepVerb::run},
          std::tuple{"f", "show", StepVerb::show}, std::tuple{"t", "tcb", StepVerb::tcb},
          std::tuple{"?", "help", StepVerb::help}, std::tuple{"q", "quit", StepVerb::quit}}) {
        EXPECT_EQ(read(letter).verb, verb);
        EXPECT_EQ(read(word).verb, verb);
        EXPECT_EQ(read(std::string{"  "} + word + " ").verb, verb);
    }
    EXPECT_EQ(read("i", StepSide::arriving).verb, StepVerb::ignore);
    EXPECT_EQ(read("a", StepSide::arriving).verb, StepVerb::accept);
}

TEST(StepCommand, AnEmptyLineGoesOn) {
    EXPECT_EQ(read("").verb, StepVerb::send);
    EXPECT_EQ(read(" \t ").verb, StepVerb::send);
    EXPECT_EQ(read("", StepSide::arriving).verb, StepVerb::accept);
}

TEST(StepCommand, ASideHasItsOwnVerbs) {
    EXPECT_THAT(refused("a").sentence, HasSubstr("this one is ours"));
    EXPECT_THAT(refused("d", StepSide::arriving).sentence, HasSubstr("has arrived"));
    EXPECT_THAT(refused("seq+1", StepSide::arriving).sentence, HasSubstr("not edited"));
    EXPECT_EQ(read("run", StepSide::arriving).verb, StepVerb::run);
}

TEST(StepCommand, ArgumentsAreReadOrRefusedWhereTheyStand) {
    EXPECT_EQ(read("w 200ms").delay, std::chrono::milliseconds{200});
    EXPECT_EQ(refused("w").offset, 1U);
    EXPECT_EQ(refused("w  soon").offset, 3U);
    EXPECT_EQ(read("run").count, std::nullopt);
    EXPECT_EQ(read("run 3").count, 3U);
    EXPECT_EQ(refused("run 0").offset, 4U);
    EXPECT_EQ(refused("run three").offset, 4U);
    EXPECT_EQ(read("save a file.pkt").file, "a file.pkt");
    EXPECT_EQ(refused("save ").offset, 4U);
    EXPECT_EQ(refused("drop it").offset, 5U);
    EXPECT_EQ(refused("  jump").offset, 2U);
}

TEST(StepEdits, NumbersAreShownAbsoluteOrAdded) {
    const auto edits = read("e seq+1 ack-1 seq=5 seq=!6 isn=0x10 win=0 ttl=1").edits;
    ASSERT_EQ(edits.size(), 7U);
    EXPECT_EQ(value<StepNumber>(edits[0]), (StepNumber{StepNumber::Kind::by, 1}));
    EXPECT_EQ(value<StepNumber>(edits[1]), (StepNumber{StepNumber::Kind::by, 0xffffffffU}));
    EXPECT_EQ(value<StepNumber>(edits[2]), (StepNumber{StepNumber::Kind::shown, 5}));
    EXPECT_EQ(value<StepNumber>(edits[3]), (StepNumber{StepNumber::Kind::absolute, 6}));
    EXPECT_EQ(value<StepNumber>(edits[4]), (StepNumber{StepNumber::Kind::shown, 16}));
    EXPECT_EQ(edits[4].field, StepField::isn);
    EXPECT_EQ(edits[5].field, StepField::window);
    EXPECT_EQ(edits[6].typed, "ttl=1");
    EXPECT_EQ(refused("e win=65536").offset, 6U);
    EXPECT_EQ(refused("e ttl=256").offset, 6U);
    EXPECT_EQ(refused("e seq=").offset, 6U);
    EXPECT_EQ(refused("e seq=4294967296").offset, 6U);
    EXPECT_EQ(refused("e seq+1 sequence=2").offset, 8U);
    EXPECT_EQ(refused("e").offset, 1U);
}

TEST(StepEdits, NeedNoVerbBeforeThem) {
    EXPECT_EQ(read("flags=S").verb, StepVerb::edit);
    EXPECT_EQ(read("badsum").verb, StepVerb::edit);
    EXPECT_THAT(refused("flag=S").sentence, HasSubstr("is no command"));
}

TEST(StepEdits, FlagsAreSetAddedAndTaken) {
    const auto edits = read("e flags=S. flags+P flags-S").edits;
    ASSERT_EQ(edits.size(), 3U);
    EXPECT_EQ(value<StepFlags>(edits[0]).flags, (Flags{Flag::syn, Flag::ack}));
    EXPECT_EQ(value<StepFlags>(edits[1]).kind, StepFlags::Kind::with);
    EXPECT_EQ(value<StepFlags>(edits[2]).kind, StepFlags::Kind::without);
    EXPECT_EQ(refused("e flags=Q").offset, 8U);
}

TEST(StepEdits, OptionsReachToTheNextField) {
    const auto edits = read("e options=mss 1460,nop,wscale 7 win=5 badsum").edits;
    ASSERT_EQ(edits.size(), 3U);
    EXPECT_EQ(options_text(value<Options>(edits[0])), "mss 1460,nop,wscale 7");
    EXPECT_EQ(edits[0].typed, "options=mss 1460,nop,wscale 7");
    EXPECT_EQ(value<WrongChecksum>(edits[2]), WrongChecksum{});
    EXPECT_EQ(options_text(value<Options>(read("e opt=0x020405b4").edits[0])), "mss 1460");
    EXPECT_TRUE(value<Options>(read("e options=").edits[0]).empty());
    EXPECT_EQ(refused("e options=mss 1460,nap").offset, 19U);
    EXPECT_EQ(refused("e options=020").offset, 10U);
    EXPECT_EQ(refused("e options+1").offset, 9U);
}

TEST(StepEdits, DataIsTextAFileOrInQuotes) {
    const auto whole = [](std::string_view line) {
        return text(value<std::vector<std::byte>>(read(line).edits[0]));
    };
    EXPECT_EQ(whole(R"(e data=GET / HTTP/1.0\r\n\x41\\)"), "GET / HTTP/1.0\r\nA\\");
    EXPECT_EQ(whole(R"(e data="a \"b\"" win=1)"), "a \"b\"");
    EXPECT_EQ(whole("e data="), "");
    EXPECT_EQ(value<StepFile>(read("e data=@/tmp/x win=1").edits[0]).name, "/tmp/x");
    EXPECT_EQ(refused(R"(e data="open)").offset, 7U);
    EXPECT_EQ(refused(R"(e data=\q)").offset, 7U);
    EXPECT_EQ(refused(R"(e data=\x4)").offset, 7U);
    EXPECT_EQ(refused("e data=@").offset, 7U);
}

TEST(StepEdits, AnExclamationMarkLaysOver) {
    EXPECT_TRUE(read("win!=0").edits[0].laid_over);
    EXPECT_FALSE(read("win=0").edits[0].laid_over);
}

TEST(StepCompletion, OffersWhatMayStandThere) {
    EXPECT_THAT(step_completions("do", StepSide::leaving), ElementsAre("double"));
    EXPECT_THAT(step_completions("i", StepSide::arriving), ElementsAre("ignore"));
    EXPECT_THAT(step_completions("", StepSide::arriving), Not(Contains("send")));
    EXPECT_THAT(step_completions("e seq+1 op", StepSide::leaving), ElementsAre("options="));
    EXPECT_THAT(step_completions("fl", StepSide::leaving),
                ElementsAre("flags=", "flags+", "flags-"));
    EXPECT_THAT(step_completions("save fl", StepSide::leaving), testing::IsEmpty());
}

TEST(StepHelp, NamesTheCommandsOfASide) {
    EXPECT_THAT(step_help(StepSide::arriving), Contains(HasSubstr("ignore")));
    EXPECT_THAT(step_help(StepSide::arriving), Not(Contains(HasSubstr("double"))));
    for (const std::string& line : step_help(StepSide::leaving)) {
        EXPECT_LE(line.size(), 85U) << line;
    }
}

}  // namespace
}  // namespace tcpcraft::cli
