#include <ostream>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <tools/cli/step_display.hpp>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/trace/lines_sink.hpp>

namespace tcpcraft::cli {

namespace {

std::string without_paragraph_sign(std::string text) {
    static constexpr std::string_view sign = "§";
    for (std::size_t at = text.find(sign); at != std::string::npos; at = text.find(sign)) {
        text.replace(at, sign.size(), "section ");
    }
    return text;
}

std::string why(Rule rule, std::size_t width) {
    const std::string said = fmt::format("    {}", sentence(rule));
    const std::string where = fmt::format("[{}]", citation(rule));
    const bool one_line = said.size() + where.size() < width;
    return said + (one_line ? " " : "\n    ") + where;
}

std::string states(const Proposal& proposal) {
    const auto before = text(proposal.before.state);
    const auto after = text(proposal.after.state);
    return before == after ? std::string{after} : fmt::format("{} -> {}", before, after);
}

}  // namespace

StepDisplay::StepDisplay(std::ostream& out, TextOptions text, std::function<Instant()> now)
    : out_{out}, text_{text}, now_{std::move(now)} {}

void StepDisplay::say(const std::string& text) {
    out_ << (text_.unicode ? text : without_paragraph_sign(text)) << '\n';
    out_.flush();
}

void StepDisplay::flush() { out_.flush(); }

void StepDisplay::leaving(const Proposal& proposal, const StepDraft& draft) {
    if (!std::exchange(greeted_, true)) {
        say("Step by step: Enter goes on, ? tells what else can be done.");
    }
    std::string marks = proposal.retransmission ? ", retransmission" : "";
    marks += draft.altered() ? ", altered" : "";
    const std::string which =
        proposal.connection > 1 ? fmt::format(" (connection {})", proposal.connection) : "";
    say(fmt::format("about to leave{}: {}{}", which, states(proposal), marks));
    const Datagram shown = draft.shown(proposal.datagram);
    segment({StepSide::leaving, proposal.connection, shown, proposal.origin, proposal.after});
    if (!draft.typed().empty()) {
        say("    edited: " + draft.typed());
    } else if (proposal.rule != Rule::none) {
        say(why(proposal.rule, text_.width));
    }
}

void StepDisplay::arriving(const StepView& view) {
    const std::string which =
        view.connection > 1 ? fmt::format(" (connection {})", view.connection) : "";
    say(fmt::format("arrived{}, not yet seen by our TCP: {}", which, text(view.tcb.state)));
    segment(view);
}

void StepDisplay::segment(const StepView& view) {
    const std::string shown =
        segment_text(view.datagram.segment, text_.absolute ? SeqOrigin{} : view.origin);
    std::string more;
    if (view.side == StepSide::leaving && view.datagram.lies.any()) {
        more += view.datagram.lies.bad_checksum
                    ? " bad checksum"
                    : fmt::format(" checksum {:#06x}", view.datagram.lies.checksum.value_or(0));
    }
    const char* sign = view.side == StepSide::leaving ? "->" : "<-";
    const bool bold = text_.colour;
    say(fmt::format("  {} {}{}{}{}", sign, bold ? "\033[1m" : "", shown, bold ? "\033[m" : "",
                    more));
}

void StepDisplay::show_fields(const StepView& view) {
    TextOptions every = text_;
    every.verbose = 2;
    LinesSink lines{out_, every};
    const std::vector<std::byte> octets = serialize(view.datagram);
    const bool ours = view.side == StepSide::leaving;
    SegmentSeen seen;
    seen.direction = ours ? Direction::out : Direction::in;
    seen.datagram = view.datagram;
    seen.octets = octets;
    seen.origin = view.origin;
    seen.state = view.tcb.state;
    seen.at = now_();
    lines.write(Record{now_(), view.connection, view.tcb.id, std::move(seen)});
}

void StepDisplay::show_tcb(const StepView& view) {
    TextOptions every = text_;
    every.show_tcb = true;
    LinesSink lines{out_, every};
    lines.write(Record{now_(), view.connection, view.tcb.id, TcbShown{Who::us, view.tcb}});
}

void StepDisplay::show_loss(const Tcb& tcb) {
    const auto due = tcb.timers.at(Timer::retransmission);
    say(due && *due > now_()
            ? fmt::format("lost on the way; our retransmission timer runs out in {}",
                          spoken(*due - now_()))
            : "lost on the way; nothing of ours will repeat it by itself");
}

}  // namespace tcpcraft::cli
