#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <tools/cli/step_display.hpp>
#include <tools/cli/step_draft.hpp>
#include <tools/cli/step_prompt.hpp>
#include <tools/cli/step_script.hpp>

#include <libtcpcraft/drive/interceptor.hpp>
#include <libtcpcraft/trace/text_options.hpp>

namespace tcpcraft::cli {

/// What the prompt of --step needs of the run around it.
struct StepSetup {
    std::ostream& out;   ///< where segments are shown; the prompt's own file goes to the same place
    TextOptions text{};  ///< colour, Unicode, absolute numbers
    std::function<Instant()> now{};  ///< the engine's time
    std::function<void()> stop{};    ///< ends the run as an interruption; called once
};

/// --step: each segment that is about to leave and each that has come is shown, and a person (or a
/// pipe) says what becomes of it.
class StepInterceptor final : public Interceptor {
public:
    StepInterceptor(StepSetup setup, std::unique_ptr<StepPrompt> prompt);
    ~StepInterceptor() override;

    [[nodiscard]] Decision leaving(const Proposal& proposal) override;
    [[nodiscard]] bool arriving(std::size_t connection, const Datagram& datagram, SeqOrigin origin,
                                const Tcb& tcb) override;

private:
    /// A draft that the machine was asked to run again, and what it was about.
    struct Redone {
        StepDraft draft{};
        Flags flags{};
    };

    [[nodiscard]] Decision ask(const Proposal& proposal, StepDraft& draft);
    [[nodiscard]] std::optional<Decision> obey(const StepCommand& command, const Proposal& proposal,
                                               StepDraft& draft);
    [[nodiscard]] StepDraft resumed(const Proposal& proposal);
    void edit(const StepCommand& command, const Proposal& proposal, StepDraft& draft);
    [[nodiscard]] bool ask_to_accept(const StepView& view);

    /// The next command that can be read; none when there is nobody to ask any more.
    [[nodiscard]] std::optional<StepCommand> next(StepSide side);
    [[nodiscard]] bool runs_on();
    void serve(const StepCommand& command, const StepView& view);
    void interrupt();

    void record(const Proposal& proposal, const StepDraft& draft, const Decision& decision);
    void record_arrival(const StepView& view, bool accepted);
    void save(const std::string& file);
    void keep_saved();

    StepSetup setup_;
    StepDisplay display_;
    std::unique_ptr<StepPrompt> prompt_;
    StepScript script_{};
    std::string saved_in_{};
    std::map<std::size_t, Redone> redone_{};
    std::size_t skip_{0};  ///< prompts that are left out
    bool running_{false};  ///< all of them are
    Instant asked_at_{};
    bool interrupted_{false};
    std::size_t refusals_{0};  ///< in a row
};

}  // namespace tcpcraft::cli
