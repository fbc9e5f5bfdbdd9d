#include <algorithm>
#include <utility>

#include <tests/kernel/differences/dialogue_run.hpp>

// Which known differences make the engine's step what Linux has done.

namespace tcpcraft::test {

bool any_ends(std::span<const std::size_t> kinds) {
    return std::any_of(kinds.begin(), kinds.end(),
                       [](std::size_t kind) { return known_differences()[kind].ends; });
}

// By one known difference, or by two that meet.
bool DialogueRun::explain(const Machine& before, const Event& event) {
    const std::size_t count = known_differences().size();
    for (std::size_t i = 0; i < count; ++i) {
        if (explained_by({i}, before, event)) {
            return true;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < count; ++j) {
            if (i != j && explained_by({i, j}, before, event)) {
                return true;
            }
        }
    }
    return false;
}

Outcome DialogueRun::tried(Machine& trial, const Event& event, Step step, const Outcome& theirs) {
    const State from = trial.tcb().state;
    trial.go_by(std::move(step));
    Outcome ours = trial.take(event);
    adopt(trial, ours, theirs, from);
    trial.go_by(step_);
    return ours;
}

// What Linux did in its own way, though nothing shows yet: all that may be so, at once.
void DialogueRun::follow_unseen(const Machine& before, const Event& event, const Outcome& theirs,
                                const Step& step) {
    Step every = step;
    for (const KnownDifference& known : known_differences()) {
        every = known.unseen ? in_the_way_of_linux(known, std::move(every)) : std::move(every);
    }
    Machine at_once = before;
    const bool fits = tried(at_once, event, std::move(every), theirs) == theirs;
    if (!fits || at_once.tcb() == machine_.tcb()) {
        return;
    }
    for (std::size_t kind = 0; kind < known_differences().size(); ++kind) {
        const KnownDifference& known = known_differences()[kind];
        Machine trial = before;
        const bool alters = known.unseen && (tried(trial, event, in_the_way_of_linux(known, step),
                                                   theirs) != theirs ||
                                             trial.tcb() != machine_.tcb());
        if (alters) {
            unseen_.push_back(kind);
        }
    }
    machine_ = std::move(at_once);
}

bool DialogueRun::explained_by(std::initializer_list<std::size_t> kinds, const Machine& before,
                               const Event& event) {
    Step step = step_;
    for (const std::size_t kind : kinds) {
        step = in_the_way_of_linux(known_differences()[kind], std::move(step));
    }
    Machine trial = before;
    Outcome ours = tried(trial, event, step, difference_->theirs);
    if (any_ends({kinds.begin(), kinds.size()})) {
        ours.unacknowledged = difference_->theirs.unacknowledged;
    }
    if (ours != difference_->theirs) {
        return false;
    }
    difference_->kinds = kinds;
    machine_ = std::move(trial);
    follow_unseen(before, event, difference_->theirs, step);
    return true;
}

// A timer of the kernel's may strike when this machine is busy: what it sends again is left out.
bool DialogueRun::without_repetitions(Outcome& theirs) const {
    const auto repeated = [this](const Answer& answer) {
        return std::any_of(sent_before_.begin(), sent_before_.end(), [&](const Answer& before) {
            const bool syn = answer.has(Flag::syn) || before.has(Flag::syn);
            return answer.len() > 0 &&
                   (syn ? answer == before
                        : at_or_before(before.seq, answer.seq) &&
                              at_or_before(answer.seq + answer.len(), before.seq + before.len()));
        });
    };
    const auto twice = std::unique(theirs.sent.begin(), theirs.sent.end(),
                                   [](const Answer& first, const Answer& second) {
                                       return first.len() > 0 && first == second;
                                   });
    const bool doubled = twice != theirs.sent.end();
    theirs.sent.erase(twice, theirs.sent.end());
    return std::erase_if(theirs.sent, repeated) > 0 || doubled;
}

}  // namespace tcpcraft::test
