#pragma once

#include <deque>
#include <memory>

#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/play/conversation.hpp>
#include <libtcpcraft/trace/peer_view.hpp>

// Private: what a player knows, shared by player.cpp and what stands beside it.

namespace tcpcraft {

struct ScriptPlayer::State {
    State(Link& to, Alarm& clock, TraceSink& sink, Application* commanded, const Script& what,
          const PlayOptions& how);
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    enum class Progress : std::uint8_t { done, waits };

    void take(std::span<const Arrival> arrivals);
    void take(const Arrival& arrival);
    void keep(play::Arrived arrived);
    void take_icmp(const IcmpError& error);
    void take_fault(const FaultReport& report);
    [[nodiscard]] bool ours(const Datagram& datagram);

    void step();
    Progress play(const ScriptSegment& line);
    Progress play(const ScriptIcmp& line);
    Progress play(const ScriptCall& line);
    Progress play(const ScriptShell& line);
    Progress play(const ScriptCode& line);

    [[nodiscard]] IpHeader header_for(const ScriptIp& said) const;
    Progress send(const ScriptSegment& line);
    Progress expect(const ScriptSegment& line);
    Progress expect_maybe(const ScriptSegment& line);
    Progress expect_nothing(const ScriptSegment& line);
    Progress examine(const ScriptSegment& line);
    [[nodiscard]] bool take_part(ScriptSegment& line, const play::Arrived& arrived);
    [[nodiscard]] bool take_front(const ScriptSegment& line);
    void came_true(const ScriptSegment& line, const play::Arrived& arrived);
    [[nodiscard]] bool repeats(const Segment& segment) const;
    Progress perform(bool blocking);
    Progress wait_for_the_call();
    Progress ask_somebody();
    Progress command(bool blocking);
    void performed(std::size_t event, const CallOutcome& outcome);
    [[nodiscard]] bool returned_in_time(const ScriptTime& time, Duration took);
    void fail_blocked();
    [[nodiscard]] bool transmit(const Datagram& datagram);
    void clean_up();

    [[nodiscard]] const ScriptEvent& event() const { return script.events[at]; }
    [[nodiscard]] Instant counted_from(const ScriptTime& time) const noexcept;
    [[nodiscard]] Instant due() const noexcept;
    [[nodiscard]] Duration tolerance(Duration gap) const noexcept;
    [[nodiscard]] play::Strictness strictness() const noexcept;
    [[nodiscard]] std::vector<FieldDifference> time_difference(Instant came) const;
    [[nodiscard]] Instant gives_up() const;
    Progress wait_until(Instant when);
    void done_at(Instant when);

    void record(Direction direction, const Datagram& datagram, std::span<const std::byte> octets,
                Instant at_time, const std::string& note);
    void note(std::string text, Note::Kind kind = Note::Kind::plain);
    void deviates(const std::vector<FieldDifference>& differences, const play::Arrived& arrived);
    void fail(PlayEnding why, std::string got, std::string sentence);
    void finish(PlayEnding why, std::string sentence);

    Link& link;
    Alarm& alarm;
    TraceSink& trace;
    Application* application;
    const Script& script;
    PlayOptions options;
    bool server;
    play::Conversation numbers;
    PeerView tested;  ///< the tested host as its segments show it
    PeerView us;      ///< and we, as ours show us

    std::size_t at{0};
    Instant begun{};
    Instant base{};  ///< when the event before was done
    std::deque<play::Arrived> waiting{};
    std::size_t compared{0};              ///< of those, with the line of what must not come
    bool forgot{false};                   ///< one of them, since they were too many
    std::optional<ScriptSegment> rest{};  ///< of a line of which a part has come
    std::vector<Segment> already_matched{};
    bool untimed{false};  ///< what comes next depends on a person
    bool syn_sent{false};
    std::optional<Instant> last_sent{};
    std::optional<Duration> rtt{};
    std::optional<std::size_t> calling{};  ///< the event that is being performed
    bool calling_blocks{false};
    Instant calling_since{};
    std::size_t segments{0};
    AlarmId wake{AlarmId::none};
    bool finished{false};
    bool started{false};  ///< what comes before waits
    bool stepping{false};
    PlayResult result{};
    std::function<void(const ConnectionId&)> on_peer{};
    std::shared_ptr<bool> alive{std::make_shared<bool>(true)};
};

}  // namespace tcpcraft
