#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/idle_conclusion.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

namespace {

using Kind = IdleTrialResult::Kind;

constexpr Duration least_of_a_nat = 2h + 4min;  // RFC 5382 REQ-5
constexpr std::size_t ends = 6;

/// To the second even where it is hours: `7199 s`, `0.4 s`.
std::string exactly(Duration length) {
    const double whole = std::round(seconds(length));
    return std::abs(seconds(length) - whole) < 0.05 ? fmt::format("{:.0f} s", whole)
                                                    : fmt::format("{:.1f} s", seconds(length));
}

std::optional<IdleEnd> end_of(const IdleTrialResult& trial) {
    switch (trial.kind) {
        case Kind::silent:
            return IdleEnd::silent_drop;
        case Kind::reset:
            return trial.sender == ResetSender::path ? IdleEnd::reset_by_path
                                                     : IdleEnd::reset_by_peer;
        case Kind::fin:
            return IdleEnd::fin;
        case Kind::icmp:
            return IdleEnd::icmp;
        default:
            return std::nullopt;
    }
}

bool of_unknown_sender(const IdleTrialResult& trial) {
    return trial.kind == Kind::reset && trial.sender == ResetSender::unknown;
}

/// Whose sender is known, then what came earlier.
bool tells_more(const IdleTrialResult& one, const IdleTrialResult& than) {
    return of_unknown_sender(one) != of_unknown_sender(than) ? of_unknown_sender(than)
                                                             : one.idle < than.idle;
}

/// The trials that died beyond what was survived, told by most of them. Silence may be an answer
/// that was lost: a quarter that say more outweigh it.
const IdleTrialResult* telling(std::span<const IdleTrialResult> trials, Duration low) {
    std::array<std::size_t, ends> counted{};
    std::size_t all = 0;
    for (const IdleTrialResult& trial : trials) {
        if (const auto end = end_of(trial); end && trial.idle > low) {
            ++counted.at(static_cast<std::size_t>(*end));
            ++all;
        }
    }
    auto& silent = counted.at(static_cast<std::size_t>(IdleEnd::silent_drop));
    if (all - silent >= (all + 3) / 4) {
        silent = 0;
    }
    const auto most = std::ranges::max_element(counted) - counted.begin();
    const IdleTrialResult* first = nullptr;
    for (const IdleTrialResult& trial : trials) {
        const auto end = end_of(trial);
        const bool tells = end && trial.idle > low && static_cast<std::ptrdiff_t>(*end) == most;
        if (tells && (first == nullptr || tells_more(trial, *first))) {
            first = &trial;
        }
    }
    return first;
}

std::string_view doing(IdleEnd end) {
    switch (end) {
        case IdleEnd::silent_drop:
            return "forgotten by the path, which drops without a word";
        case IdleEnd::reset_by_path:
            return "forgotten by the path, which answers with RST";
        case IdleEnd::reset_by_peer:
            return "reset by the peer";
        case IdleEnd::fin:
            return "closed by the peer's application";
        case IdleEnd::icmp:
            return "refused on the path, by ICMP";
        case IdleEnd::none_up_to:
            break;
    }
    return "not forgotten";
}

/// What is the peer's own, and not the path's.
std::string_view peers_own(IdleState state, IdleEnd end) {
    if (end == IdleEnd::fin) {
        return "this is the peer's own idle limit, not the path's; the path remembers at least "
               "as long";
    }
    if (end != IdleEnd::reset_by_peer) {
        return "";
    }
    switch (state) {
        case IdleState::half_open:
            return "this is the end of the peer's own SYN-RECEIVED, not the path's timer: the "
                   "path remembers at least as long";
        case IdleState::time_wait:
            return "this is the end of the peer's own TIME-WAIT, not the path's timer: the path "
                   "remembers at least as long";
        default:
            return "this is the peer's own doing, not the path's: the path let the answer pass";
    }
}

bool is_the_paths(IdleEnd end) {
    return end == IdleEnd::silent_drop || end == IdleEnd::reset_by_path || end == IdleEnd::icmp;
}

class Concluding {
public:
    Concluding(IdleState state, const IdleAnswer& answer, std::span<const IdleTrialResult> trials,
               const std::optional<IdleRefreshed>& refreshed)
        : state_{state}, answer_{answer}, trials_{trials}, refreshed_{refreshed} {}

    IdleConclusion conclude() {
        made_.verdict.id = "K-08";
        made_.low = answer_.low;
        made_.high = answer_.high;
        const IdleTrialResult* told = telling(trials_, answer_.low);
        if (answer_.high && told != nullptr) {
            found(*told);
        } else {
            none_found();
        }
        qualify();
        if (refreshed_) {
            made_.verdict.text += "; " + refreshed_->text;
        }
        advise();
        return made_;
    }

private:
    void found(const IdleTrialResult& told) {
        made_.why = told.text;
        made_.verdict.segments = told.segments;
        if (of_unknown_sender(told)) {
            made_.verdict.verdict = Verdict::inconclusive;
            made_.verdict.text = fmt::format(
                "idle {} connections live {} and are reset by {}; whether by the peer or by the "
                "path cannot be told",
                text(state_), exactly(*made_.low), exactly(*made_.high));
            return;
        }
        made_.end = *end_of(told);
        made_.known = known_timeout(state_, *made_.low, *made_.high, !is_the_paths(*made_.end));
        made_.verdict.verdict = Verdict::conforms;
        made_.verdict.text =
            fmt::format("idle {} connections live {} and are {} by {}", text(state_),
                        exactly(*made_.low), doing(*made_.end), exactly(*made_.high));
        if (const auto own = peers_own(state_, *made_.end); !own.empty()) {
            made_.verdict.text += fmt::format("; {}", own);
        }
        if (!made_.known.empty()) {
            made_.verdict.text += "; known of: " + made_.known;
        }
        const bool nat = state_ == IdleState::established && is_the_paths(*made_.end);
        if (nat && *made_.high < least_of_a_nat) {
            made_.verdict.text += "; a NAT may not forget before 2 h 4 min (RFC 5382 REQ-5)";
        }
    }

    void none_found() {
        made_.end = answer_.low > 0s ? std::optional{IdleEnd::none_up_to} : std::nullopt;
        made_.high.reset();
        made_.verdict.verdict = answer_.finished ? Verdict::conforms : Verdict::inconclusive;
        made_.verdict.text = fmt::format("idle {} connections are not forgotten within {}",
                                         text(state_), spoken(answer_.low));
        if (answer_.low == 0s) {
            made_.low.reset();
            made_.verdict.text = "nothing was learnt yet";
        } else if (answer_.talkative) {
            made_.verdict.text +=
                ", which is as long as the peer is ever silent: it keeps the "
                "line alive itself";
            made_.verdict.verdict = Verdict::inconclusive;
        }
    }

    void qualify() {
        if (!answer_.consistent) {
            made_.verdict.verdict = Verdict::inconclusive;
            made_.verdict.text +=
                "; but not always: some were dead again and again after less, as "
                "if there were several paths";
        }
        if (!answer_.finished) {
            made_.verdict.verdict = Verdict::inconclusive;
            made_.verdict.text += " (as far as is known: the search was not finished)";
        }
        made_.exit_status = made_.verdict.verdict == Verdict::conforms ? 0 : 3;
    }

    void advise() {
        if (!made_.end) {
            return;
        }
        if (state_ != IdleState::established) {
            made_.advised = state_ == IdleState::half_closed
                                ? "keep-alive acts here only while an application holds the socket"
                                : "nothing to set: keep-alive does not act in this state";
            return;
        }
        if (*made_.end == IdleEnd::none_up_to) {
            made_.advised =
                fmt::format("no keep-alive is needed for silences up to {}", spoken(*made_.low));
            return;
        }
        if (!is_the_paths(*made_.end)) {
            made_.advised =
                "keep-alive does not help against the peer's own end: let the "
                "application say something";
            return;
        }
        if (refreshed_ && refreshed_->kind == IdleRefresh::keepalive &&
            refreshed_->restarts == false) {
            made_.advised =
                "keep-alive does not restart this path's timer: let the application "
                "say something";
            return;
        }
        made_.advice = keep_alive_within(*made_.low);
        if (!made_.advice) {
            made_.advised = "too short for any keep-alive in whole seconds";
            return;
        }
        made_.advised = fmt::format(
            "keep-alive after {}, every {}, {} probes: {} of them pass before the path forgets",
            spoken(made_.advice->idle), spoken(made_.advice->interval), made_.advice->probes,
            made_.advice->within(*made_.low));
        if (!refreshed_ || refreshed_->kind != IdleRefresh::keepalive ||
            refreshed_->restarts != true) {
            made_.advised += " (if it takes probes for traffic: --refresh keepalive tries that)";
        }
    }

    IdleState state_;
    const IdleAnswer& answer_;
    std::span<const IdleTrialResult> trials_;
    const std::optional<IdleRefreshed>& refreshed_;
    IdleConclusion made_{};
};

}  // namespace

std::string_view text(IdleEnd end) noexcept {
    switch (end) {
        case IdleEnd::none_up_to:
            return "none-up-to";
        case IdleEnd::silent_drop:
            return "silent-drop";
        case IdleEnd::reset_by_peer:
            return "reset-by-peer";
        case IdleEnd::reset_by_path:
            return "reset-by-path";
        case IdleEnd::fin:
            return "fin";
        case IdleEnd::icmp:
            return "icmp";
    }
    return "?";
}

IdleConclusion conclude_idle(IdleState state, const IdleAnswer& answer,
                             std::span<const IdleTrialResult> trials,
                             const std::optional<IdleRefreshed>& refreshed) {
    return Concluding{state, answer, trials, refreshed}.conclude();
}

}  // namespace tcpcraft
