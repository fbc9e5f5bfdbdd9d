#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include <libtcpcraft/sim/scenario_tables.hpp>

namespace tcpcraft {

namespace {

bool same(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::vector<SimScenario> all() {
    std::vector<SimScenario> made = opening_scenarios();
    for (auto part : {old_duplicate_scenarios(), closing_scenarios(), time_wait_scenarios(),
                      keep_alive_scenarios(), further_opening_scenarios()}) {
        std::ranges::move(part, std::back_inserter(made));
    }
    return made;
}

}  // namespace

std::string_view text(SimSide side) noexcept {
    return side == SimSide::client ? "client" : "server";
}

std::string_view text(SimTool tool) noexcept {
    static constexpr std::array<std::string_view, 3> names{"tcp-handshake", "tcp-teardown",
                                                           "tcp-keepalive"};
    return names[static_cast<std::size_t>(tool)];
}

std::span<const SimScenario> sim_scenarios() {
    static const std::vector<SimScenario> made = all();
    return made;
}

const SimScenario* find_sim_scenario(std::string_view wanted) {
    const auto listed = sim_scenarios();
    const auto found = std::ranges::find_if(listed, [wanted](const SimScenario& scenario) {
        return same(scenario.id, wanted) || same(scenario.name, wanted);
    });
    return found == listed.end() ? nullptr : &*found;
}

}  // namespace tcpcraft
