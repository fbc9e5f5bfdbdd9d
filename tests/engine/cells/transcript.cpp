#include <algorithm>

#include <tests/engine/cells/transcript.hpp>

namespace tcpcraft::cells {
namespace {

constexpr std::array abrupt{
    Rule::abort_call,
    Rule::syn_sent_reset,
    Rule::rst_resets,
    Rule::rst_refuses,
    Rule::retransmission_gives_up,
    Rule::user_timeout,
    Rule::keep_alive_dead,
    Rule::icmp_hard,
    Rule::data_after_close,
};

State state_named(std::string_view name) {
    for (std::size_t i = 0; i < state_count; ++i) {
        if (text(static_cast<State>(i)) == name) {
            return static_cast<State>(i);
        }
    }
    return State::closed;
}

}  // namespace

std::vector<Played> play_all(Origins origins) {
    std::vector<Played> all;
    for (std::size_t i = 0; i < place_count; ++i) {
        const auto place = static_cast<Place>(i);
        for (const Cell& cell : cells_of(place)) {
            Player player{origins};
            player.play(place, cell);
            all.push_back({place, &cell, player.story()});
        }
    }
    return all;
}

const std::vector<Played>& all_played() {
    static const std::vector<Played> all = play_all({});
    return all;
}

bool is_never(const Cell& cell) { return cell.lines.back().substr(0, 6) == "never "; }

bool is_abrupt(Rule rule) { return std::find(abrupt.begin(), abrupt.end(), rule) != abrupt.end(); }

std::vector<Transition> transitions_of(const Happened& happened) {
    static constexpr std::string_view enters = "enters ";
    std::vector<Transition> found;
    State from = happened.from;
    for (std::size_t i = 0; i < happened.actions.size(); ++i) {
        const std::string_view action = happened.actions[i];
        if (action.substr(0, enters.size()) == enters) {
            const State to = state_named(action.substr(enters.size()));
            found.push_back({from, to, happened.rules[i]});
            from = to;
        }
    }
    return found;
}

std::vector<Transition> all_transitions() {
    std::vector<Transition> all;
    for (const Played& played : all_played()) {
        for (const Happened& happened : played.story) {
            const auto found = transitions_of(happened);
            all.insert(all.end(), found.begin(), found.end());
        }
    }
    return all;
}

}  // namespace tcpcraft::cells
