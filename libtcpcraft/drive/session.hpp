#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/drive/connection.hpp>
#include <libtcpcraft/drive/scenario.hpp>
#include <libtcpcraft/drive/stray_budget.hpp>
#include <libtcpcraft/drive/withholding.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// How a scenario ended.
enum class Ending : std::uint8_t {
    completed,
    refused,      ///< a SYN was met by RST
    reset,        ///< a RST ended the connection
    icmp,         ///< an ICMP error about our SYN
    unreachable,  ///< this host could not deliver: neighbour does not resolve
    no_answer,    ///< the step's time was over
    unexpected,   ///< something else came than was expected
    gave_up,      ///< the retransmission limit or the user timeout
    interrupted,
    deadline,     ///< the time of the whole run was over: says nothing about the peer
    environment,  ///< a segment could not be sent
};

/// How a session ended, and what was so by then.
struct Outcome {
    Ending ending{};                           ///< how the scenario ended
    std::optional<std::size_t> failed_step{};  ///< index of the step that failed
    std::string explanation{};                 ///< one sentence
    std::vector<std::size_t> segments{};       ///< numbers of those it rests on
    bool established{false};                   ///< ESTABLISHED was reached at some time
    std::uint64_t escaped_resets{0};           ///< this host's kernel had meddled by then
    std::uint64_t lost_packets{0};             ///< that the capture had dropped by then
    std::size_t faults{0};                     ///< that --fault had done to it by then
    std::size_t strays{0};                     ///< segments by then that do not belong to it
    State state{};                             ///< at the end of the scenario
};

/// A segment of the peer's as a session keeps it: the payload is its own.
struct SeenSegment {
    Segment segment{};                 ///< without payload
    std::vector<std::byte> payload{};  ///< its octets
    Instant at{};                      ///< when it arrived
};

/// Names a step that was asked for by Session::perform().
enum class StepId : std::uint64_t { none = 0 };

/// One connection that is led through a scenario, or, once lead() was called, step by step.
class TCPCRAFT_API Session {
public:
    /// Made of these.
    Session(Surroundings& surroundings, ConnectionSetup setup, Scenario scenario);

    /// Runs the steps until one has to wait.
    void start();
    /// A parsed segment for it.
    void arrives(const Datagram& datagram, const Arrival& arrival);
    /// An ICMP error about it.
    void icmp(const IcmpError& error);
    /// Whatever is due at this time: the connection's timers, the waiting step's end.
    void wake();
    /// Ctrl-C, or the end of the whole run: ends the scenario; a connection that the peer still
    /// believes in is reset.
    void stop(Ending why, std::string explanation);

    /// Before start(): the session does not end with its scenario. It waits for steps from outside,
    /// does one after the other, and outlives those that fail; a connection that has come to its
    /// end fails them with the reason. ExpectSegment also looks at what has come since the last one
    /// was met (the last 256 segments). An Ask ends the session as in a scenario, unless `go_on`.
    void lead();
    /// Does this step when those before it are over. `done` is called once, from tell(): with an
    /// error when the step has failed (std::errc::timed_out, connection_refused, connection_reset,
    /// host_unreachable, operation_canceled, io_error), or the session ended before.
    StepId perform(Step step, std::function<void(const Expected<void>&)> done);
    /// Drops a step that has not ended: its `done` gets std::errc::operation_canceled. One that
    /// has, or StepId::none, is no error.
    void drop(StepId id);
    /// Ends a led session; the connection stays as it is.
    void dismiss();
    /// Calls what has been asked for by perform() and is over. Nothing of the session runs
    /// meanwhile, so that it may be called again from there.
    void tell();
    /// What the last ExpectSegment was met by.
    [[nodiscard]] const SeenSegment& matched() const noexcept { return matched_; }

    /// When wake() is wanted next, on the alarm's clock.
    [[nodiscard]] Instant deadline() const;
    /// Whether it is over.
    [[nodiscard]] bool finished() const noexcept { return outcome_.has_value(); }
    /// How it ended; unset while it runs.
    [[nodiscard]] const std::optional<Outcome>& outcome() const noexcept { return outcome_; }
    /// The connection that it leads.
    [[nodiscard]] Connection& connection() noexcept { return connection_; }
    /// The connection that it leads.
    [[nodiscard]] const Connection& connection() const noexcept { return connection_; }
    /// Octets that the peer has sent so far.
    [[nodiscard]] const std::vector<std::byte>& received() const noexcept { return received_; }
    /// What the questions of the scenario (Ask, AwaitKept) have brought to light.
    [[nodiscard]] const std::vector<Finding>& findings() const noexcept { return findings_; }

    /// How long the peer tried to get through what we never acknowledged, once it has stopped.
    [[nodiscard]] std::optional<Duration> gave_up_after() const noexcept { return gave_up_after_; }

    /// The last ICMP error about it.
    [[nodiscard]] const std::optional<IcmpError>& reported() const noexcept { return reported_; }

private:
    enum class Progress : std::uint8_t { done, waits };

    Progress begin(const Open& step);
    Progress begin(const SendData& step);
    Progress begin(const CloseCall& step);
    Progress begin(const AbortCall& step);
    Progress begin(const Craft& step);
    Progress begin(const ExpectState& step);
    Progress begin(const ExpectSegment& step);
    Progress begin(const ExpectSyn& step);
    Progress begin(const ExpectSilence& step);
    Progress begin(const ExpectData& step);
    Progress begin(const Hold& step);
    Progress begin(const AwaitPeerClose& step);
    Progress begin(const Linger& step);
    Progress begin(const Settle& step);
    Progress begin(const Say& step);
    Progress begin(const Probe& step);
    Progress begin(const Ask& step);
    Progress begin(const KeepBack& step);
    Progress begin(const AwaitKept& step);
    Progress begin(const AwaitLast& step);
    Progress begin(const Release& step);
    Progress begin(const Withhold& step);
    Progress begin(const AwaitKeepAlive& step);
    Progress begin(const Overhear& step);
    Progress begin(const Quiet& step);
    Progress begin(const Told& step);

    /// After an event: has the waiting step come true?
    [[nodiscard]] bool met() const;
    /// The step's time is over.
    void time_over();
    void data_came();
    void proceed();
    void next();
    void leave_step();
    void wait_for(std::optional<Duration> within);
    void after_event();
    void take_notices();
    void fail(Ending why, std::string explanation);
    void finish(Ending why, std::string explanation);
    [[nodiscard]] bool unrelated() const;
    [[nodiscard]] bool about_a_probe(Seq seq) const;
    void leave_nothing_behind();
    [[nodiscard]] bool all_acknowledged() const;
    [[nodiscard]] static bool closed_by_peer(State ours) noexcept;
    [[nodiscard]] bool peer_has_closed() const;
    [[nodiscard]] Instant step_ends() const;
    [[nodiscard]] bool time_is_failure() const;
    void tell_cut_time_wait();
    [[nodiscard]] std::string silence() const;
    [[nodiscard]] const Step& step() const { return scenario_.steps[at_]; }
    template <typename T>
    [[nodiscard]] const T* waiting_for() const {
        return at_ < scenario_.steps.size() ? std::get_if<T>(&step().what) : nullptr;
    }

    // Questions and their answers: session_questions.cpp.
    void remember_marks();
    [[nodiscard]] bool keep_back(const Datagram& datagram, const Arrival& arrival);
    [[nodiscard]] bool left_out() const;
    [[nodiscard]] Options stamped(ProbeStamp stamp) const;
    [[nodiscard]] const Answer& silence_of(const Answer& silence,
                                           const std::optional<Answer>& unheard) const;
    [[nodiscard]] bool is_stray(const Datagram& datagram, const Arrival& arrival);
    [[nodiscard]] bool crosses(const Segment& segment) const;
    void tell_strays();
    void take_answer(const Segment& segment, const Marks& marks, bool stray);
    [[nodiscard]] bool explained(const Segment& reset, const Marks& marks) const;
    [[nodiscard]] std::uint32_t far_off() const;
    [[nodiscard]] bool belongs(const Segment& segment, const Marks& marks) const;
    void silence_is_answer();
    void judge_delay(Finding& found) const;
    void find(const std::string& row, const Answer& answer, bool go_on,
              const std::optional<Sighting>& seen);
    [[nodiscard]] std::optional<Sighting> last_seen(Direction direction) const;
    [[nodiscard]] Duration answer_time() const;
    [[nodiscard]] bool ask_again();
    /// The last pauses of what the peer repeats.
    struct Repeated {
        std::size_t count{0};
        Instant first{};
        Instant last{};
        Duration pause{};
    };
    [[nodiscard]] Repeated repeated(Flags having) const;
    [[nodiscard]] bool waits_for_more(const AwaitLast& step);

    // Keep-alive of either side: session_keep_alive.cpp.
    [[nodiscard]] bool overhear(const Datagram& datagram, const Arrival& arrival);
    [[nodiscard]] std::size_t probes_answered() const;
    void tell_progress();
    [[nodiscard]] bool octet_answered() const;

    // Steps from outside: session_led.cpp.
    struct Ordered {
        StepId id{};
        std::function<void(const Expected<void>&)> done{};
    };
    struct Report {
        std::function<void(const Expected<void>&)> done{};
        Expected<void> result{};
    };
    void look(const Datagram& datagram, const Arrival& arrival);
    void look_back();
    [[nodiscard]] bool came() const;
    [[nodiscard]] std::string difference(const Segment& seen) const;
    void step_over(Expected<void> result);
    void fail_step(Ending why, std::string explanation);
    void give_up_steps();

    // Silence of both sides: session_quiet.cpp.
    [[nodiscard]] bool waits_for_quiet(const Quiet& step);
    [[nodiscard]] bool closed_in_silence() const;

    Surroundings& around_;
    std::vector<std::byte> received_{};
    Withholding withholding_;
    Connection connection_;
    Scenario scenario_;
    std::size_t at_{0};
    bool begun_{false};
    Instant step_deadline_{never};  ///< in the engine's time
    Instant last_data_{never};      ///< when data came last within ExpectData
    std::size_t received_before_{0};
    bool segment_matched_{false};
    bool aborted_{false};  ///< ABORT was called here
    bool established_{false};
    std::string mismatch_{};
    std::vector<std::byte> kept_syn_{};  ///< the SYN that ExpectSyn keeps back
    std::optional<Arrival> kept_arrival_{};
    Marks marks_{};
    std::optional<TimestampSpace> timestamps_{};  ///< while they are agreed on
    std::vector<Finding> findings_{};
    std::optional<Sighting> question_{};  ///< what was sent last before the Ask began
    std::optional<Answer> noted_{};       ///< an answer with wait_on
    std::optional<Sighting> noted_seen_{};
    std::vector<unsigned> times_seen_{};  ///< of each answer of the Ask
    bool answered_{false};
    unsigned asked_again_{0};
    std::optional<KeepBack> keeping_{};
    std::vector<std::byte> kept_{};  ///< the octets of what was kept back last
    bool kept_checksum_ready_{true};
    std::size_t kept_count_{0};
    std::size_t let_through_{0};         ///< of the peer's probes within Overhear
    std::vector<Instant> overheard_{};   ///< the others
    Instant last_awaited_until_{never};  ///< in the alarm's time
    std::optional<Duration> gave_up_after_{};
    std::optional<IcmpError> reported_{};
    State quiet_in_{};              ///< where the silence began
    Instant quiet_at_most_{never};  ///< in the engine's time
    StrayBudget strays_{};
    bool led_{false};
    std::deque<Ordered> ordered_{};  ///< the steps that are not over, in order
    std::vector<Report> reports_{};  ///< for tell()
    std::uint64_t next_step_id_{1};
    std::deque<SeenSegment> unasked_{};  ///< what came and no ExpectSegment has looked at
    SeenSegment matched_{};
    bool end_told_{false};  ///< the end of the connection was the answer that was asked for
    std::optional<Outcome> outcome_{};
    std::optional<Ending> connection_end_{};
    std::string connection_end_text_{};
};

}  // namespace tcpcraft
