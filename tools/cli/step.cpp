#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <tools/cli/step.hpp>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft::cli {

namespace {

using WallClock = std::chrono::steady_clock;

// A person notices nothing of what is shorter; a pipe answers at once.
constexpr Duration worth_telling = std::chrono::milliseconds{100};
// Who is refused so often in a row is no person, and not made for this.
constexpr std::size_t most_refusals = 100;

/// Tells at its end how long our timers have stood still.
class Pause {
public:
    explicit Pause(StepDisplay& display) : display_{display} {}
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause() {
        const auto length = std::chrono::duration_cast<Duration>(WallClock::now() - began_);
        if (length > worth_telling) {
            display_.say(fmt::format("our timers stood still for {}", spoken(length)));
        }
    }

private:
    StepDisplay& display_;
    WallClock::time_point began_{WallClock::now()};
};

}  // namespace

StepInterceptor::StepInterceptor(StepSetup setup, std::unique_ptr<StepPrompt> prompt)
    : setup_{std::move(setup)},
      display_{setup_.out, setup_.text, setup_.now},
      prompt_{std::move(prompt)} {}

StepInterceptor::~StepInterceptor() {
    running_ = false;
    keep_saved();
}

Decision StepInterceptor::leaving(const Proposal& proposal) {
    asked_at_ = setup_.now();  // our clock stands still from here on, until we have answered
    StepDraft draft = resumed(proposal);
    Decision decision = ask(proposal, draft);
    if (decision.fate == Decision::Fate::redo) {
        redone_[proposal.connection] = {std::move(draft), proposal.datagram.segment.flags};
    } else {
        record(proposal, draft, decision);
    }
    return decision;
}

bool StepInterceptor::arriving(std::size_t connection, const Datagram& datagram, SeqOrigin origin,
                               const Tcb& tcb) {
    asked_at_ = setup_.now();
    SeqOrigin known = origin;
    const bool ours_only =
        tcb.state == State::closed || tcb.state == State::listen || tcb.state == State::syn_sent;
    if (ours_only && datagram.segment.has(Flag::syn)) {
        known.seq = datagram.segment.seq;  // its ISN: nobody counts from it yet
    }
    const StepView view{StepSide::arriving, connection, datagram, known, tcb};
    const bool accepted = ask_to_accept(view);
    record_arrival(view, accepted);
    return accepted;
}

// ---- segments of ours

StepDraft StepInterceptor::resumed(const Proposal& proposal) {
    auto found = redone_.extract(proposal.connection);
    if (found.empty() || found.mapped().flags != proposal.datagram.segment.flags) {
        return {};
    }
    StepDraft draft = std::move(found.mapped().draft);
    if (const std::string refused = draft.settle(proposal); !refused.empty()) {
        display_.say(fmt::format("an honest TCP has no such choice here; laid over the segment: {}",
                                 refused));
    }
    return draft;
}

Decision StepInterceptor::ask(const Proposal& proposal, StepDraft& draft) {
    if (runs_on()) {
        return draft.decision(Decision::Fate::send);
    }
    const Pause pause{display_};
    display_.leaving(proposal, draft);
    while (const auto command = next(StepSide::leaving)) {
        if (auto decision = obey(*command, proposal, draft)) {
            return *std::move(decision);
        }
    }
    Decision decision = draft.decision(interrupted_ ? Decision::Fate::drop : Decision::Fate::send);
    decision.note = interrupted_ ? "not sent: the run was stopped" : decision.note;
    return decision;
}

std::optional<Decision> StepInterceptor::obey(const StepCommand& command, const Proposal& proposal,
                                              StepDraft& draft) {
    switch (command.verb) {
        case StepVerb::run:
        case StepVerb::send:
            serve(command, {StepSide::leaving, proposal.connection, proposal.datagram,
                            proposal.origin, proposal.after});
            return draft.decision(Decision::Fate::send);
        case StepVerb::twice:
            return draft.decision(Decision::Fate::twice);
        case StepVerb::wait: {
            Decision later = draft.decision(Decision::Fate::delay);
            later.delay = command.delay;
            return later;
        }
        case StepVerb::drop:
            display_.show_loss(proposal.after);
            return draft.decision(Decision::Fate::drop);
        case StepVerb::edit:
            edit(command, proposal, draft);
            return draft.must_redo() ? std::optional{draft.decision(Decision::Fate::redo)}
                                     : std::nullopt;
        default:
            serve(command, {StepSide::leaving, proposal.connection, draft.shown(proposal.datagram),
                            proposal.origin, proposal.after});
            return std::nullopt;
    }
}

// All edits of a line, or none.
void StepInterceptor::edit(const StepCommand& command, const Proposal& proposal, StepDraft& draft) {
    const SeqOrigin shown = setup_.text.absolute ? SeqOrigin{} : proposal.origin;
    StepDraft tried = draft;
    for (const StepEdit& edit : command.edits) {
        if (const auto taken = tried.take(edit, proposal, shown); !taken) {
            return display_.say(taken.error().message());
        }
    }
    draft = std::move(tried);
    if (!draft.must_redo()) {
        display_.leaving(proposal, draft);
    }
}

// ---- arrivals

bool StepInterceptor::ask_to_accept(const StepView& view) {
    if (runs_on()) {
        return true;
    }
    const Pause pause{display_};
    display_.arriving(view);
    while (const auto command = next(StepSide::arriving)) {
        serve(*command, view);
        if (command->verb == StepVerb::ignore) {
            display_.say("lost, as far as our TCP knows");
            return false;
        }
        if (command->verb == StepVerb::accept || command->verb == StepVerb::run) {
            return true;
        }
    }
    return !interrupted_;
}

// ---- commands

bool StepInterceptor::runs_on() {
    if (!running_ && skip_ > 0) {
        --skip_;
        return true;
    }
    return running_;
}

std::optional<StepCommand> StepInterceptor::next(StepSide side) {
    const std::string prompt = side == StepSide::leaving ? "out> " : "in> ";
    while (!running_) {
        display_.flush();
        const StepPrompt::Answer answer = prompt_->ask(prompt, side);
        if (answer.kind == StepPrompt::Answer::Kind::interrupted) {
            interrupt();
            return std::nullopt;
        }
        if (answer.kind == StepPrompt::Answer::Kind::end) {
            running_ = true;
            display_.say("end of input: running on without a prompt");
            return std::nullopt;
        }
        auto command = read_step_command(answer.line, side);
        if (command && command->verb == StepVerb::quit) {
            interrupt();
            return std::nullopt;
        }
        if (command) {
            refusals_ = 0;
            return *std::move(command);
        }
        display_.say(fmt::format("{:>{}} {} (column {})", "^",
                                 prompt.size() + command.error().offset + 1,
                                 command.error().sentence, command.error().offset + 1));
        if (++refusals_ >= most_refusals) {
            running_ = true;
            display_.say("nothing of this can be read: running on without a prompt");
        }
    }
    return std::nullopt;
}

void StepInterceptor::interrupt() {
    running_ = true;
    if (!std::exchange(interrupted_, true) && setup_.stop) {
        setup_.stop();
    }
}

// What is the same on both sides.
void StepInterceptor::serve(const StepCommand& command, const StepView& view) {
    switch (command.verb) {
        case StepVerb::run:
            running_ = !command.count;
            skip_ = command.count ? *command.count - 1 : 0;
            break;
        case StepVerb::show:
            display_.show_fields(view);
            break;
        case StepVerb::tcb:
            display_.show_tcb(view);
            break;
        case StepVerb::help:
            for (const std::string& line : step_help(view.side)) {
                display_.say(line);
            }
            break;
        case StepVerb::save:
            save(command.file);
            break;
        default:
            break;
    }
}

// ---- the script

void StepInterceptor::record(const Proposal& proposal, const StepDraft& draft,
                             const Decision& decision) {
    const Datagram shown = draft.shown(proposal.datagram);
    std::string remark = proposal.retransmission ? "retransmission" : "";
    const auto also = [&remark](const std::string& text) {
        remark += (remark.empty() || text.empty() ? "" : "; ") + text;
    };
    also(draft.typed().empty() ? "" : "edited: " + draft.typed());
    also(draft.altered() ? "altered" : "");
    StepScript::Line line{asked_at_, proposal.connection, shown, proposal.origin, remark};
    switch (decision.fate) {
        case Decision::Fate::drop:
            also(interrupted_ ? "not sent" : "dropped");
            line.remark = remark;
            script_.withheld(line);
            break;
        case Decision::Fate::twice:
            script_.sent(line);
            also("sent twice");
            line.remark = remark;
            script_.sent(line);
            break;
        case Decision::Fate::delay:
            line.at += decision.delay;
            also("held back for " + spoken(decision.delay));
            line.remark = remark;
            script_.sent(line);
            break;
        default:
            script_.sent(line);
            break;
    }
    keep_saved();
}

void StepInterceptor::record_arrival(const StepView& view, bool accepted) {
    script_.arrived({asked_at_, view.connection, view.datagram, view.origin,
                     accepted ? "" : "ignored, as if it had been lost"});
    keep_saved();
}

void StepInterceptor::save(const std::string& file) {
    if (const auto written = script_.save(file); !written) {
        return display_.say(written.error().message());
    }
    saved_in_ = file;
    display_.say(fmt::format("{} is written, and kept up to date from here on", file));
}

// Where nobody is asked, segments come too fast for this: then once, at the end.
void StepInterceptor::keep_saved() {
    if (running_ || saved_in_.empty()) {
        return;
    }
    if (const auto written = script_.save(saved_in_); !written) {
        saved_in_.clear();
        display_.say(written.error().message());
    }
}

}  // namespace tcpcraft::cli
