#include <nlohmann/json.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/cli/simulated_scenarios.hpp>

#include <libtcpcraft/trace/defined.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

/// `x = 100, …` as a member.
void add_symbol(Json& symbols, const std::string& line) {
    const auto equals = line.find(" = ");
    symbols[line.substr(0, equals)] = std::stoul(line.substr(equals + 3));
}

Json words(const std::string& states) {
    Json list = Json::array();
    for (std::size_t at = 0; at < states.size();) {
        const auto end = std::min(states.find(' ', at), states.size());
        list.push_back(states.substr(at, end - at));
        at = end + 1;
    }
    return list;
}

Json if_known(bool known, std::uint32_t number) { return known ? Json(number) : Json(nullptr); }

Json tcb_json(const SimDump& dump) {
    Json made{{"t", seconds(dump.at.time_since_epoch())},
              {"end", text(dump.side)},
              {"state", text(dump.tcb ? dump.tcb->state : State::closed)},
              {"tcb", nullptr}};
    if (dump.tcb) {
        const Tcb& tcb = *dump.tcb;
        const Buffers* held = tcb.buffers.peek();
        const bool own = has_own_numbers(tcb.state);
        const bool peers = has_peer_numbers(tcb.state);
        const auto timer = tcb.timers.at(Timer::retransmission);
        made["tcb"] = Json{
            {"local", tcb.id.local.text()},
            {"remote", tcb.state == State::listen ? Json(nullptr) : Json(tcb.id.remote.text())},
            {"send_buffer", held == nullptr ? 0 : held->send.size()},
            {"out_of_order", held == nullptr ? 0 : held->out_of_order.size()},
            {"snd_una", if_known(own, tcb.snd.una.raw())},
            {"snd_nxt", if_known(own, tcb.snd.nxt.raw())},
            {"snd_wnd", if_known(peers, tcb.snd.wnd)},
            {"snd_up", if_known(own, tcb.snd.up.raw())},
            {"snd_wl1", if_known(peers, tcb.snd.wl1.raw())},
            {"snd_wl2", if_known(peers, tcb.snd.wl2.raw())},
            {"iss", if_known(own, tcb.snd.iss.raw())},
            {"rcv_nxt", if_known(peers, tcb.rcv.nxt.raw())},
            {"rcv_wnd", tcb.rcv.wnd},
            {"rcv_up", if_known(peers, tcb.rcv.up.raw())},
            {"irs", if_known(peers, tcb.rcv.irs.raw())},
            {"mss", if_known(peers, tcb.snd_mss)},
            {"rto", seconds(tcb.rto.value())},
            {"retransmission_at",
             timer ? Json(seconds(timer->time_since_epoch())) : Json(nullptr)}};
    }
    return made;
}

Json verdict_of(const PlayedScenario& played) {
    if (!played.outcome.as_expected()) {
        return text(Verdict::violates);
    }
    return is_judged(*played.scenario) ? Json(text(Verdict::conforms)) : Json(nullptr);
}

Json scenario_json(const PlayedScenario& played) {
    const SimOutcome& outcome = played.outcome;
    Json symbols = Json::object();
    for (const std::string& line : outcome.symbols) {
        add_symbol(symbols, line);
    }
    Json tcbs = Json::array();
    for (const SimDump& dump : outcome.dumps) {
        tcbs.push_back(tcb_json(dump));
    }
    return Json{
        {"id", played.scenario->id},
        {"name", played.scenario->name},
        {"title", played.scenario->title},
        {"story", played.scenario->story},
        {"verdict", verdict_of(played)},
        {"rule", played.scenario->rule},
        {"text", played.scenario->lesson},
        {"differences", outcome.differences},
        {"deviations", deviations_of(*played.scenario)},
        {"wire", outcome.segments},
        {"states", {{"client", words(outcome.states[0])}, {"server", words(outcome.states[1])}}},
        {"symbols", symbols},
        {"times", outcome.times},
        {"tcbs", tcbs}};
}

}  // namespace

std::string scenario_list_json(std::span<const SimScenario* const> scenarios) {
    Json all = Json::array();
    for (const SimScenario* one : scenarios) {
        all.push_back(Json{{"id", one->id},
                           {"name", one->name},
                           {"title", one->title},
                           {"story", one->story},
                           {"deviations", deviations_of(*one)}});
    }
    return dumped(Json{{"scenarios", all}});
}

std::string scenarios_json(std::span<const PlayedScenario> played) {
    Json all = Json::array();
    for (const PlayedScenario& one : played) {
        all.push_back(scenario_json(one));
    }
    return dumped(all);
}

}  // namespace tcpcraft::cli
