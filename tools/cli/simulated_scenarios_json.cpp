#include <nlohmann/json.hpp>
#include <tools/cli/simulated_scenarios.hpp>

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

Json tcb_json(const SimDump& dump) {
    Json made{{"t", seconds(dump.at.time_since_epoch())},
              {"end", text(dump.side)},
              {"state", text(dump.tcb ? dump.tcb->state : State::closed)},
              {"tcb", nullptr}};
    if (dump.tcb) {
        const Tcb& tcb = *dump.tcb;
        const Buffers* held = tcb.buffers.peek();
        made["tcb"] = Json{
            {"local", tcb.id.local.text()},
            {"remote", tcb.state == State::listen ? Json(nullptr) : Json(tcb.id.remote.text())},
            {"send_buffer", held == nullptr ? 0 : held->send.size()},
            {"snd_una", tcb.snd.una.raw()},
            {"snd_nxt", tcb.snd.nxt.raw()},
            {"snd_wnd", tcb.snd.wnd},
            {"snd_wl1", tcb.snd.wl1.raw()},
            {"snd_wl2", tcb.snd.wl2.raw()},
            {"iss", tcb.snd.iss.raw()},
            {"rcv_nxt", tcb.rcv.nxt.raw()},
            {"rcv_wnd", tcb.rcv.wnd},
            {"irs", tcb.rcv.irs.raw()},
            {"rto", seconds(tcb.rto.value())}};
    }
    return made;
}

Json verdict_of(const PlayedScenario& played) {
    if (!played.outcome.as_expected()) {
        return text(Verdict::violates);
    }
    const bool judged = deviations_of(*played.scenario).empty();
    return judged ? Json(text(Verdict::conforms)) : Json(nullptr);
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

std::string scenarios_json(std::span<const PlayedScenario> played) {
    Json all = Json::array();
    for (const PlayedScenario& one : played) {
        all.push_back(scenario_json(one));
    }
    return all.dump();
}

}  // namespace tcpcraft::cli
