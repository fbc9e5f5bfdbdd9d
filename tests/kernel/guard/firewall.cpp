#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <tests/kernel/guard/firewall.hpp>
#include <unistd.h>

#include <libtcpcraft/guard/command.hpp>

namespace tcpcraft::testing {

namespace {

namespace fs = std::filesystem;

std::string table_names(const char* file) {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

// iptables-legacy-save makes a table that it is asked about: only where there is one.
std::string saved_by(const std::string& program) {
    const bool legacy = program.find("legacy") != std::string::npos;
    const bool v6 = program.find("ip6") != std::string::npos;
    if (legacy &&
        table_names(v6 ? "/proc/net/ip6_tables_names" : "/proc/net/ip_tables_names") == "") {
        return {};
    }
    std::string rules;
    std::istringstream lines{must_run({program})};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("-A")) {
            rules += program + " " + line + "\n";
        }
    }
    return rules;
}

std::string nft_ruleset() {
    static const std::regex empty_raw{
        "table ip6? raw \\{\n\tchain OUTPUT \\{\n\t\ttype filter hook output priority raw; policy "
        "accept;\n\t\\}\n\\}\n"};
    static const std::regex counters{"packets [0-9]+ bytes [0-9]+"};
    const std::string ruleset = must_run({"nft", "list", "ruleset"});
    return std::regex_replace(std::regex_replace(ruleset, empty_raw, ""), counters, "counted");
}

// In the forked child: no exit handlers, no test framework.
[[noreturn]] void be_an_owner(const GuardRequest& request, int reports, int orders) {
    auto guard = RstGuard::raise(request);
    const std::string report = guard ? std::string{"+"} : "-" + guard.error().message();
    if (write(reports, report.data(), report.size()) < 0 || !guard) {
        _exit(2);
    }
    char order = 0;
    if (read(orders, &order, 1) != 1) {
        pause();
    }
    _exit((*guard)->lower() ? 0 : 1);
}

std::string field_of_status(pid_t process, const std::string& name) {
    std::ifstream status{"/proc/" + std::to_string(process) + "/status"};
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":\t")) {
            return line.substr(name.size() + 2);
        }
    }
    return {};
}

}  // namespace

std::string must_run(const std::vector<std::string>& arguments) {
    const auto result = run_checked({arguments});
    EXPECT_TRUE(result) << result.error().message();
    return result ? result->output : std::string{};
}

std::string firewall_rules() {
    std::string all;
    for (const char* program : {"iptables-nft-save", "ip6tables-nft-save", "iptables-legacy-save",
                                "ip6tables-legacy-save"}) {
        all += saved_by(program);
    }
    return all + nft_ruleset();
}

std::size_t our_rules() {
    static const std::regex ours{"tcpcraft:|table inet tcpcraft-"};
    const std::string all = firewall_rules();
    return static_cast<std::size_t>(
        std::distance(std::sregex_iterator{all.begin(), all.end(), ours}, std::sregex_iterator{}));
}

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

bool lives(pid_t process) {
    const std::string state = field_of_status(process, "State");
    return !state.empty() && state.front() != 'Z';
}

void adopt_orphans() { EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); }

bool children_ended() {
    return eventually([] {
        pid_t ended = 0;
        while ((ended = waitpid(-1, nullptr, WNOHANG)) > 0) {
        }
        return ended < 0 && errno == ECHILD;
    });
}

Owner::Owner(const GuardRequest& request) {
    std::array<int, 2> reports{};
    std::array<int, 2> orders{};
    EXPECT_EQ(pipe2(reports.data(), O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(orders.data(), O_CLOEXEC), 0);
    process_ = fork();
    if (process_ == 0) {
        close(reports[0]);
        close(orders[1]);
        be_an_owner(request, reports[1], orders[0]);
    }
    close(reports[1]);
    close(orders[0]);
    reports_ = reports[0];
    orders_ = orders[1];
}

Owner::Owner(Owner&& other) noexcept
    : reports_{std::exchange(other.reports_, -1)},
      orders_{std::exchange(other.orders_, -1)},
      process_{std::exchange(other.process_, -1)} {}

Owner::~Owner() {
    if (process_ > 0) {
        kill_hard();
    }
    close(reports_);
    close(orders_);
}

std::string Owner::raised() {
    std::array<char, 4096> buffer{};
    const ssize_t size = read(reports_, buffer.data(), buffer.size());
    if (size <= 0) {
        return "the owner died";
    }
    return {buffer.data() + 1, static_cast<std::size_t>(size - 1)};
}

void Owner::tell_to_lower() { EXPECT_EQ(write(orders_, "x", 1), 1); }

bool Owner::ended_well() {
    int status = 0;
    const pid_t process = std::exchange(process_, -1);
    return waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void Owner::kill_hard() {
    const pid_t process = std::exchange(process_, -1);
    if (signal_one(process, SIGKILL)) {
        waitpid(process, nullptr, 0);
    }
}

pid_t Owner::child() const { return child_of(process_); }

bool signal_one(pid_t process, int number) { return process > 0 && kill(process, number) == 0; }

pid_t child_of(pid_t process) {
    for (const auto& entry : fs::directory_iterator{"/proc"}) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") == std::string::npos &&
            field_of_status(std::stoi(name), "PPid") == std::to_string(process)) {
            return std::stoi(name);
        }
    }
    return -1;
}

}  // namespace tcpcraft::testing
