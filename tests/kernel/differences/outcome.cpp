#include <fmt/format.h>
#include <tests/kernel/differences/outcome.hpp>

namespace tcpcraft::test {
namespace {

constexpr Flags compared{Flag::rst, Flag::syn, Flag::fin, Flag::ack};

bool goes_on(const Answer& first, const Answer& second) noexcept {
    return first.flags == Flags{Flag::ack} && first.size > 0 && second.size > 0 &&
           !second.has(Flag::syn) && !second.has(Flag::rst) &&
           first.seq + first.size == second.seq && first.ack == second.ack;
}

}  // namespace

Answer reduced(const Segment& segment, std::uint32_t size) {
    Answer answer;
    answer.flags = Flags::from_bits(segment.flags.bits() & compared.bits());
    answer.seq = segment.seq;
    answer.ack = segment.has(Flag::ack) ? segment.ack : Seq{};
    answer.size = size;
    answer.stamped = segment.options.find<Timestamps>().has_value();
    if (segment.has(Flag::syn)) {
        answer.sack = segment.options.find<SackPermitted>().has_value();
        answer.scale = segment.options.find<WindowScale>().has_value();
    }
    return answer;
}

void add(std::vector<Answer>& answers, const Answer& answer) {
    if (answers.empty() || !goes_on(answers.back(), answer)) {
        answers.push_back(answer);
        return;
    }
    answers.back().size += answer.size;
    answers.back().flags = answer.flags;
}

std::string in_notation(const Answer& answer, const SeqOrigin& origin) {
    const std::uint32_t from = answer.seq.raw() - origin.seq.value_or(Seq{}).raw();
    std::string text = fmt::format("{} {}:{}({})", flags_text(answer.flags), from,
                                   from + answer.size, answer.size);
    if (answer.has(Flag::ack)) {
        text += fmt::format(" ack {}", answer.ack.raw() - origin.ack.value_or(Seq{}).raw());
    }
    std::string options;
    options += answer.stamped ? "TS," : "";
    options += answer.sack ? "sackOK," : "";
    options += answer.scale ? "wscale," : "";
    if (!options.empty()) {
        options.pop_back();
        text += " <" + options + ">";
    }
    return text;
}

std::string in_notation(const Outcome& outcome, const SeqOrigin& origin) {
    std::string text;
    for (const Answer& answer : outcome.sent) {
        text += (text.empty() ? "" : "; ") + in_notation(answer, origin);
    }
    if (text.empty()) {
        text = "silence";
    }
    if (!outcome.delivered.empty()) {
        text += fmt::format("; {} octets delivered", outcome.delivered.size());
    }
    return fmt::format("{} -> {}, {} unacknowledged", text, tcpcraft::text(outcome.state),
                       outcome.unacknowledged);
}

}  // namespace tcpcraft::test
