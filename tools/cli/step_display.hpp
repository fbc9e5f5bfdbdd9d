#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>

#include <tools/cli/step_command.hpp>
#include <tools/cli/step_draft.hpp>

#include <libtcpcraft/drive/interceptor.hpp>
#include <libtcpcraft/trace/text_options.hpp>

namespace tcpcraft::cli {

/// A segment at the prompt, and the TCB beside it.
struct StepView {
    StepSide side{};
    std::size_t connection{0};
    const Datagram& datagram;
    SeqOrigin origin{};
    const Tcb& tcb;
};

/// What the prompt of --step shows, in words and lines.
class StepDisplay {
public:
    /// `now` is the engine's time.
    StepDisplay(std::ostream& out, TextOptions text, std::function<Instant()> now);

    void say(const std::string& text);
    /// What is about to leave, as it has become by the edits.
    void leaving(const Proposal& proposal, const StepDraft& draft);
    void arriving(const StepView& view);
    /// All of the segment's fields, and its octets.
    void show_fields(const StepView& view);
    void show_tcb(const StepView& view);
    /// What a loss means for our timers.
    void show_loss(const Tcb& tcb);
    void flush();

private:
    void segment(const StepView& view);

    std::ostream& out_;
    TextOptions text_;
    std::function<Instant()> now_;
    bool greeted_{false};
};

}  // namespace tcpcraft::cli
