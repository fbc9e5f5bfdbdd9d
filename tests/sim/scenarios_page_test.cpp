// docs/scenarios.md is written from the scenarios themselves and compared here.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <libtcpcraft/sim/scenario_run.hpp>

namespace tcpcraft {
namespace {

constexpr const char* introduction = R"(# Scenarios

<!-- Generated: run build/dev/tests/sim/sim_scenario_tests with TCPCRAFT_ACCEPT=1. -->

What textbooks draw about opening, closing and keep-alive, played by two ends of the same engine
over a wire in virtual time. "The textbook" is what most of them have in common; where it differs
from the RFC, the scenario says so. A tool plays its own scenarios: `tcp-handshake --simulate=SC-1`
plays one, `--simulate=all` all, `--simulate=list` names them. Each prints what either end saw: its
own ladder, with the true state of the other on the right. `--json` has the same as data. A program
plays them by the library's `run_sim_scenario()`; the tests play every one over IPv4 and IPv6.

`--simulate=NAME` and `--simulate --scenario NAME` are the same, and both take ids and names. An id
plays that scenario, a name also its variants, whose names begin with it: `two-way` is SC-2a and
SC-2a-rst, `old-duplicate-syn` SC-2b and SC-2c. Without `--simulate`, or with a target or an option
that would change what is played, `--scenario` takes only what can be done to a host that is not
ours; with `--simulate` that host is simulated then, and only our end is seen. `refused` and
`syn-flood-view` are always such runs.

`-w FILE` writes each segment once, in the order of time, when and where it was sent: the capture's
interfaces `client` and `server` have what that end sends. So a segment that is delayed or lost
stands where it was sent, and its comment tells; the comment begins with the scenario's id. Of
several scenarios each begins a second after the one before, from a port of its own.

The letters are the textbook's: x and y are the first numbers of client and server, u is the number
of the first FIN, v what its sender expects next, w the number of the second FIN; x0 belongs to an
old SYN, y' to the next SYN that the server answers. Times are not scaled: hours pass in
milliseconds. Exit status 0: segments, states and times are as listed here. What breaks a rule on
purpose says so and gets no verdict; with a shortened TIME-WAIT alone there is one, apart from that.
)";

std::string arrows(std::string states) {
    for (std::size_t at = 0; (at = states.find(' ', at)) != std::string::npos;) {
        states.replace(at, 1, " → ");
        at += std::string_view{" → "}.size();
    }
    return states;
}

/// The same line so many times is said once.
std::string wire(const std::vector<std::string>& segments) {
    std::string made;
    for (std::size_t i = 0; i < segments.size();) {
        std::size_t next = i;
        while (next < segments.size() && segments[next] == segments[i]) {
            ++next;
        }
        made += "    " + segments[i] +
                (next - i > 1 ? fmt::format("   ({} times)", next - i) : "") + "\n";
        i = next;
    }
    return made;
}

/// A paragraph of at most 100 columns; `→` and `§` are wider in octets, which only breaks earlier.
std::string wrapped(const std::string& text, const std::string& indent = "") {
    std::istringstream words{text};
    std::string made;
    std::size_t column = 0;
    for (std::string word; words >> word; column += word.size()) {
        if (column != 0) {
            const bool full = column + 1 + word.size() > 100;
            made += full ? "\n" + indent : " ";
            column = full ? indent.size() : column + 1;
        }
        made += word;
    }
    return made + "\n";
}

std::string item(const std::string& text) { return wrapped("- " + text, "  "); }

std::string section(const SimScenario& scenario) {
    std::string made = fmt::format("\n## {}: {}\n\n", scenario.id, scenario.title);
    made += wrapped(
        fmt::format("`{}`, of `{}`. {}", scenario.name, text(scenario.tool), scenario.story));
    for (const std::string& deviation : deviations_of(scenario)) {
        made += "\n" + wrapped("**Deviation on purpose:** " + deviation + ".");
    }
    made += "\n" + wire(scenario.segments) + "\n";
    made += item("client: " + arrows(scenario.client_states));
    made += item("server: " + arrows(scenario.server_states));
    for (const std::string& time : scenario.times) {
        made += item(time);
    }
    return made + "\n" + wrapped(scenario.lesson);
}

std::string page() {
    std::string made = introduction;
    for (const SimScenario& scenario : sim_scenarios()) {
        made += section(scenario);
    }
    return made;
}

TEST(ScenariosPage, is_what_the_scenarios_say) {
    const std::filesystem::path file{TCPCRAFT_SCENARIOS_PAGE};
    if (std::getenv("TCPCRAFT_ACCEPT") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream{file} << page();
    }
    std::ifstream in{file};
    std::ostringstream stored;
    stored << in.rdbuf();
    EXPECT_EQ(stored.str(), page());
}

}  // namespace
}  // namespace tcpcraft
