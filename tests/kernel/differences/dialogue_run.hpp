#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tests/kernel/differences/kernel_end.hpp>
#include <tests/kernel/differences/known_differences.hpp>
#include <tests/kernel/differences/peer.hpp>

namespace tcpcraft::test {

/// One event after which the kernel and our engine do not agree.
struct Difference {
    Tcb before{};  ///< ours
    Outcome ours{};
    Outcome theirs{};
    std::vector<Rule> rules{};         ///< that ours acted by
    std::string arrived_text{};        ///< in notation, or the call
    std::vector<std::size_t> kinds{};  ///< of the known differences, those that explain it
};

/// Whether one of these known differences leaves nothing to compare behind it.
[[nodiscard]] bool any_ends(std::span<const std::size_t> kinds);

/// One seeded dialogue, played to the kernel and to our engine.
class DialogueRun {
public:
    /// Of the known differences, those that one event has shown, or left behind unseen.
    struct Told {
        std::vector<std::size_t> kinds{};
        std::string example{};
    };
    struct Result {
        unsigned segments{0};     ///< played and compared
        unsigned repetitions{0};  ///< by a timer of the kernel, left out
        std::vector<Told> explained{};
        std::optional<std::string> unexplained{};  ///< the whole story
        std::set<State> states{};                  ///< in which segments arrived
    };

    DialogueRun(PeerWire& wire, std::uint64_t seed, std::uint32_t number, Step step);
    /// Each segment's control bits are noted in `flags_seen`.
    Result play(std::vector<bool>& flags_seen);

private:
    void open();
    bool user_call();
    void segment(std::vector<bool>& flags_seen);
    void meet(const Event& event, const std::string& told);
    [[nodiscard]] Outcome kernels_outcome();
    static void adopt(Machine& machine, Outcome& ours, const Outcome& theirs, State from);
    void hear(const Heard& heard);
    void follow_window();
    bool explain(const Machine& before, const Event& event);
    bool explained_by(std::initializer_list<std::size_t> kinds, const Machine& before,
                      const Event& event);
    void follow_unseen(const Machine& before, const Event& event, const Outcome& theirs,
                       const Step& step);
    [[nodiscard]] Outcome tried(Machine& trial, const Event& event, Step step,
                                const Outcome& theirs);
    bool without_repetitions(Outcome& theirs) const;
    bool judged(Result& result);
    [[nodiscard]] SeqOrigin origin() const;
    [[nodiscard]] std::string story(const Difference& difference) const;
    void clean_up();

    PeerWire& wire_;
    std::uint64_t seed_{0};
    std::uint32_t number_{0};
    Chance chance_;
    Setup setup_{};
    ConnectionId id_{};
    KernelEnd kernel_;
    Machine machine_;
    Peer peer_;
    Step step_{};
    Seq kernels_iss_{};
    Seq kernels_edge_{};
    Seq kernels_ack_{};
    std::uint8_t kernels_shift_{0};
    unsigned repetitions_{0};
    std::vector<std::byte> to_send_{};
    std::vector<Answer> sent_before_{};  ///< by the kernel, what has a length
    std::vector<std::string> told_{};
    std::vector<std::size_t> unseen_{};
    std::optional<Difference> difference_{};
};

}  // namespace tcpcraft::test
