#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tools/cli/step_command.hpp>

#include <libtcpcraft/drive/interceptor.hpp>

namespace tcpcraft::cli {

/// A proposed segment and what was asked to be different. What an honest TCP could have chosen is
/// kept apart from what is laid over the segment.
class StepDraft {
public:
    /// Takes one edit. Numbers count from `shown`, what the shown segment's numbers count from.
    /// An error says in a sentence why it cannot be.
    [[nodiscard]] Expected<void> take(const StepEdit& edit, const Proposal& proposal,
                                      SeqOrigin shown);
    /// After `honest` edits: the machine is to run the step again before anything is sent.
    [[nodiscard]] bool must_redo() const noexcept { return must_redo_; }
    /// The step was run again. What the machine did not take up (this segment is not where that
    /// choice is made) is laid over; names those fields, empty when there are none.
    [[nodiscard]] std::string settle(const Proposal& proposal);

    /// The proposal as it would leave. Views end with the draft.
    [[nodiscard]] Datagram shown(const Datagram& proposed) const;
    [[nodiscard]] bool altered() const noexcept;
    /// What was typed, one blank between edits; empty when nothing was.
    [[nodiscard]] const std::string& typed() const noexcept { return typed_; }
    [[nodiscard]] Decision decision(Decision::Fate fate) const;

private:
    [[nodiscard]] Expected<void> take_number(const StepEdit& edit, const Proposal& proposal,
                                             SeqOrigin shown);
    [[nodiscard]] Expected<void> take_data(const StepEdit& edit, const Proposal& proposal);
    void take_sequence(const StepEdit& edit, Seq value, const Proposal& proposal);
    void take_window(const StepEdit& edit, std::uint16_t value, const Proposal& proposal);
    void take_options(const StepEdit& edit, const Options& value, const Proposal& proposal);
    void take_flags(const StepFlags& value, const Proposal& proposal);

    void leave_out_what_is_so(const Segment& proposed);

    HonestEdit honest_{};
    SegmentPattern laid_{};
    WireOverrides lies_{};
    std::optional<std::uint8_t> hop_limit_{};
    bool must_redo_{false};
    std::string typed_{};
};

}  // namespace tcpcraft::cli
