#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/idle_trial.hpp>
#include <libtcpcraft/drive/judging.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

using Kind = IdleTrialResult::Kind;
using Seen = std::vector<Sighting>;

bool is_question(const Sighting& seen) { return seen.direction == Direction::out && seen.altered; }

/// A RST or FIN of the peer's name that ended the connection.
Seen::const_iterator end_in(const Seen& seen) {
    return std::ranges::find_if(seen, [](const Sighting& one) {
        return one.direction == Direction::in && !one.lost && !one.stray &&
               (one.flags.has(Flag::rst) || one.flags.has(Flag::fin));
    });
}

/// The longest pause up to the first question, or to the end that came before it.
Duration longest_silence(const Seen& seen, const IdleTrialRequest& request) {
    Duration longest{};
    std::optional<Instant> last;
    bool opened = false;
    for (const Sighting& one : seen) {
        const bool again = opened && one.flags.has(Flag::syn);
        if (one.lost || (again && request.state == IdleState::half_open)) {
            continue;
        }
        opened = opened || (one.direction == Direction::in && one.flags.has(Flag::syn));
        longest = std::max(longest, last ? one.at - *last : Duration{});
        last = one.at;
        const bool asked = is_question(one) && request.refresh == IdleRefresh::none;
        if (asked || (one.flags.has(Flag::rst) && one.direction == Direction::in)) {
            break;
        }
    }
    return longest;
}

class Judge {
public:
    Judge(const Session& session, const IdleTrialRequest& request)
        : session_{session},
          request_{request},
          outcome_{*session.outcome()},
          seen_{session.connection().sightings()} {}

    IdleTrialResult judge() {
        made_.idle = longest_silence(seen_, request_);
        made_.segments = outcome_.segments;
        made_.refreshed = was_refreshed();
        if (cut() || never_began() || ended_of_itself()) {
            return made_;
        }
        made_.asked = true;
        if (request_.question == IdleQuestion::payload) {
            judge_payload();
        } else {
            judge_answers();
        }
        return made_;
    }

private:
    void set(Kind kind, std::string said) {
        made_.kind = kind;
        made_.text = std::move(said);
    }

    bool cut() {
        const bool stopped = outcome_.ending == Ending::interrupted ||
                             outcome_.ending == Ending::deadline ||
                             outcome_.ending == Ending::environment;
        if (outcome_.escaped_resets != 0) {
            made_.exit_status = 4;
            set(Kind::cut_short, "this host's own kernel sent a RST: nothing can be said");
            return true;
        }
        if (stopped) {
            Judged why;
            judge_end(outcome_, why, made_.exit_status);
            set(Kind::cut_short, why.text);
        }
        return stopped;
    }

    bool never_began() {
        const bool closing =
            request_.state == IdleState::half_closed || request_.state == IdleState::time_wait;
        const bool not_there = closing && outcome_.failed_step && findings().empty() &&
                               outcome_.ending == Ending::no_answer;
        if (outcome_.established && !not_there) {
            return false;
        }
        Judged why;
        judge_end(outcome_, why, made_.exit_status);
        set(Kind::unopened, not_there ? fmt::format("the state {} was not reached: {}",
                                                    text(request_.state), outcome_.explanation)
                                      : why.text);
        return true;
    }

    [[nodiscard]] std::size_t asked_for_refresh() const {
        return request_.refresh == IdleRefresh::keepalive ? 1 : 0;
    }
    /// What came of the questions, without that of the refresh.
    [[nodiscard]] std::span<const Finding> findings() const {
        const std::span<const Finding> all = session_.findings();
        return all.subspan(std::min(all.size(), asked_for_refresh()));
    }

    [[nodiscard]] bool was_refreshed() const {
        if (request_.refresh == IdleRefresh::keepalive) {
            return !session_.findings().empty() && !session_.findings().front().flags.none();
        }
        if (request_.refresh != IdleRefresh::inbound) {
            return true;
        }
        return heard_all_the_time();
    }

    // Since we fell silent every pause in what the peer says has to be shorter than what the path
    // remembers, the one before the question included.
    [[nodiscard]] bool heard_all_the_time() const {
        std::optional<Instant> last;
        std::size_t heard = 0;
        Duration longest{};
        for (const Sighting& one : seen_) {
            if (one.lost) {
                continue;
            }
            longest = std::max(longest, last ? one.at - *last : Duration{});
            last = one.at;
            if (is_question(one)) {
                break;
            }
            const bool ours = one.direction == Direction::out;
            heard = ours ? 0 : heard + 1;
            longest = ours ? Duration{} : longest;
        }
        return heard > 0 && longest < request_.idle;
    }

    bool ended_of_itself() {
        const auto end = end_in(seen_);
        const bool before_asking =
            end != seen_.end() && std::none_of(seen_.begin(), end, [this](const Sighting& one) {
                return is_question(one) && request_.refresh == IdleRefresh::none;
            });
        const bool closing = request_.state == IdleState::time_wait;
        if (before_asking && closing && reset_in_silence()) {
            made_.exit_status = 3;
            set(Kind::unopened,
                "a RST came after both had closed: the path has seen it, too, and "
                "has no TIME-WAIT to remember");
            return true;
        }
        if (before_asking && end->flags.has(Flag::rst)) {
            judge_reset(*end);
            return true;
        }
        if (before_asking && !closing && findings().empty()) {
            made_.idle = silence_before(end);
            set(Kind::fin,
                fmt::format("FIN after {}: the peer's application closed it", spoken(made_.idle)));
            made_.segments.push_back(end->number);
            return true;
        }
        if (findings().empty() && outcome_.ending == Ending::icmp) {
            judge_icmp();
            return true;
        }
        return false;
    }

    /// A late ACK of the peer's is answered, and that by who has no TCB any more.
    [[nodiscard]] bool reset_in_silence() const {
        const auto asked = std::ranges::find_if(seen_, is_question);
        return std::any_of(seen_.begin(), asked, [](const Sighting& one) {
            return one.direction == Direction::in && !one.lost && one.flags.has(Flag::rst);
        });
    }

    [[nodiscard]] Duration silence_before(Seen::const_iterator end) const {
        const auto before = std::find_if(std::make_reverse_iterator(end), seen_.rend(),
                                         [](const Sighting& one) { return !one.lost; });
        return before == seen_.rend() ? Duration{} : end->at - before->at;
    }

    void judge_reset(const Sighting& reset) {
        const ResetOrigin origin = origin_of(reset, seen_);
        made_.sender = origin.sender;
        made_.segments.push_back(reset.number);
        if (!made_.asked) {
            made_.idle = silence_before(std::ranges::find(seen_, reset.number, &Sighting::number));
        }
        const std::string_view who = origin.sender == ResetSender::path   ? "by the path"
                                     : origin.sender == ResetSender::peer ? "by the peer"
                                                                          : "by nobody knows whom";
        set(Kind::reset, fmt::format("RST {} after {}{}: {}", who, spoken(made_.idle),
                                     made_.asked ? ", when asked" : "", origin.why()));
    }

    void judge_icmp() {
        set(Kind::icmp,
            fmt::format("ICMP after {}: {}", spoken(made_.idle),
                        session_.reported() ? session_.reported()->text : outcome_.explanation));
    }

    void judge_silence() {
        if (session_.reported() && session_.reported()->local) {
            made_.exit_status = 4;
            set(Kind::cut_short, "this host could not ask: " + session_.reported()->text);
        } else if (session_.reported()) {
            judge_icmp();
        } else if (outcome_.lost_packets != 0) {
            made_.exit_status = 3;
            set(Kind::cut_short, "no answer, but the capture lost packets");
        } else {
            set(Kind::silent, fmt::format("silence after {}: {} unanswered", spoken(made_.idle),
                                          made_.questions == 1
                                              ? "the question was"
                                              : fmt::format("{} questions were", made_.questions)));
        }
    }

    void judge_payload() {
        made_.questions = 1;
        made_.answered_to = IdleQuestion::payload;
        if (outcome_.ending == Ending::completed) {
            set(Kind::alive,
                fmt::format("alive after {}: data was acknowledged", spoken(made_.idle)));
        } else if (const auto end = end_in(seen_);
                   end != seen_.end() && outcome_.ending == Ending::reset) {
            judge_reset(*end);
        } else {
            judge_silence();
        }
    }

    void judge_answers() {
        const auto all = findings();
        made_.questions = static_cast<unsigned>(all.size());
        if (all.empty()) {
            made_.exit_status = 3;
            return set(Kind::unopened, "it was not asked: " + outcome_.explanation);
        }
        const Finding& last = all.back();
        if (last.flags.none()) {
            return judge_silence();
        }
        made_.segments = last.judged.segments;
        made_.answered_to = request_.question == IdleQuestion::octets || made_.questions == 2
                                ? IdleQuestion::octets
                                : IdleQuestion::probes;
        if (last.flags.has(Flag::rst)) {
            const auto reset = std::find_if(seen_.rbegin(), seen_.rend(), [](const Sighting& one) {
                return one.direction == Direction::in && one.flags.has(Flag::rst);
            });
            judge_reset(*reset);
            if (request_.reset_is_life && made_.sender == ResetSender::peer) {
                set(Kind::alive, fmt::format("alive after {}: the peer, which has closed, could "
                                             "still answer with RST",
                                             spoken(made_.idle)));
            }
            return;
        }
        set(Kind::alive,
            fmt::format(
                "alive after {}{}", spoken(made_.idle),
                made_.questions > 1 ? fmt::format(", asked {} times", made_.questions) : ""));
    }

    const Session& session_;
    const IdleTrialRequest& request_;
    const Outcome& outcome_;
    const Seen& seen_;
    IdleTrialResult made_{};
};

}  // namespace

std::string_view text(IdleTrialResult::Kind kind) noexcept {
    switch (kind) {
        case Kind::alive:
            return "alive";
        case Kind::silent:
            return "silent";
        case Kind::reset:
            return "reset";
        case Kind::fin:
            return "fin";
        case Kind::icmp:
            return "icmp";
        case Kind::unopened:
            return "unopened";
        case Kind::cut_short:
            return "cut-short";
    }
    return "?";
}

std::optional<IdleOutcome> IdleTrialResult::outcome(Duration planned) const {
    if (kind == Kind::unopened || kind == Kind::cut_short) {
        return std::nullopt;
    }
    const auto end = kind == Kind::alive ? IdleOutcome::End::alive
                     : asked             ? IdleOutcome::End::gone
                                         : IdleOutcome::End::ended;
    return IdleOutcome{planned, idle, end, std::max(questions, 1U)};
}

IdleTrialResult judge_idle_trial(const Session& session, const IdleTrialRequest& request) {
    return Judge{session, request}.judge();
}

}  // namespace tcpcraft
