#include <algorithm>
#include <utility>

#include <libtcpcraft/trace/symbols.hpp>

namespace tcpcraft {

void Symbols::see(Direction direction, const Segment& segment) {
    if (segment.has(Flag::rst)) {
        return;
    }
    if (segment.has(Flag::syn)) {
        see_syn(direction, segment);
    } else if (segment.has(Flag::fin)) {
        see_fin(direction, segment);
    }
}

void Symbols::see_syn(Direction direction, const Segment& segment) {
    if (!opener_) {
        opener_ = segment.has(Flag::ack) ? reverse(direction) : direction;
    }
    std::vector<Mark>& marks = side(direction).opening;
    const auto same = [&](const Mark& mark) { return mark.at == segment.seq; };
    if (std::any_of(marks.begin(), marks.end(), same)) {
        return;
    }
    if (first_closer_) {  // the pair of sockets is used again
        first_closer_.reset();
        sides_[0].closing.clear();
        sides_[1].closing.clear();
    }
    if (segment.seq == known_.old_iss) {
        return add(marks, "x0", segment.seq);
    }
    const auto primes = std::count_if(marks.begin(), marks.end(),
                                      [](const Mark& mark) { return mark.name != "x0"; });
    const std::string letter = direction == *opener_ ? "x" : "y";
    add(marks, letter + std::string(static_cast<std::size_t>(primes), '\''), segment.seq);
}

void Symbols::see_fin(Direction direction, const Segment& segment) {
    const Seq fin = segment.range().end() - 1;
    if (!first_closer_) {
        first_closer_ = known_.first_closer.value_or(direction);
    }
    const bool first = direction == *first_closer_;
    std::vector<Mark>& marks = side(direction).closing;
    const std::string_view letter = first ? "u" : "w";
    if (std::any_of(marks.begin(), marks.end(),
                    [letter](const Mark& mark) { return mark.name == letter; })) {
        return;
    }
    add(marks, std::string{letter}, fin);
    if (first && segment.has(Flag::ack)) {
        // In front, so that w wins where both are the same number.
        std::vector<Mark>& expected = side(reverse(direction)).closing;
        learnt_.push_back("v = " + std::to_string(segment.ack.raw()));
        expected.insert(expected.begin(), Mark{"v", segment.ack});
    }
}

void Symbols::add(std::vector<Mark>& marks, std::string name, Seq at) {
    learnt_.push_back(name + " = " + std::to_string(at.raw()));
    marks.push_back(Mark{std::move(name), at});
}

std::string Symbols::seq(Direction sender, Seq number) const {
    constexpr std::int32_t nothing_near = 1 << 30;
    constexpr std::int32_t just_before = -65536;  // a probe, an old duplicate
    const Mark* best = nullptr;
    std::int32_t best_offset = nothing_near;
    const auto consider = [&](const Mark& mark) {
        const std::int32_t offset = distance(mark.at, number);
        const bool ahead_better = offset >= 0 && (best_offset < 0 || offset <= best_offset);
        const bool only_behind =
            offset < 0 && offset > just_before && (best == nullptr || best_offset < offset);
        if ((ahead_better && offset < nothing_near) || only_behind) {
            best = &mark;
            best_offset = offset;
        }
    };
    std::for_each(side(sender).opening.begin(), side(sender).opening.end(), consider);
    std::for_each(side(sender).closing.begin(), side(sender).closing.end(), consider);
    if (best == nullptr) {
        return std::to_string(number.raw());
    }
    if (best_offset == 0) {
        return best->name;
    }
    return best->name + (best_offset > 0 ? "+" : "") + std::to_string(best_offset);
}

std::vector<std::string> Symbols::take_learnt() { return std::exchange(learnt_, {}); }

}  // namespace tcpcraft
