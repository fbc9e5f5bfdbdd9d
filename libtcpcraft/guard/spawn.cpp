#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <linux/capability.h>
#include <poll.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/guard/ambient.hpp>
#include <libtcpcraft/guard/spawn.hpp>

namespace tcpcraft {

namespace {

constexpr std::string_view system_path = "/usr/sbin:/usr/bin:/sbin:/bin";

bool more_privileged_than_its_user() noexcept { return getauxval(AT_SECURE) != 0; }

std::vector<std::string> child_environment() {
    // LD_PRELOAD and the like must not ride into a child that holds ambient capabilities.
    std::vector<std::string> environment{"PATH=" + search_path(), "LC_ALL=C"};
    // Whoever may not change the firewall without us shall not get round root's lock with us.
    const char* lock = secure_getenv("XTABLES_LOCKFILE");
    if (lock != nullptr) {
        environment.push_back(std::string{"XTABLES_LOCKFILE="} + lock);
    }
    return environment;
}

// All of them talk to the kernel by netlink but for iptables-legacy, which has a raw socket.
CapabilityBits needed_by(const std::string& path) {
    std::error_code ignored;
    const auto real = std::filesystem::canonical(path, ignored).filename().string();
    const bool legacy = real.find("legacy") != std::string::npos;
    return capability_bit(CAP_NET_ADMIN) | (legacy ? capability_bit(CAP_NET_RAW) : 0);
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> made;
    for (std::string& string : strings) {
        made.push_back(string.data());
    }
    made.push_back(nullptr);
    return made;
}

class SpawnSettings {
public:
    explicit SpawnSettings(const Spawn& child) {
        posix_spawn_file_actions_init(&actions_);
        for (int target = 0; target < 3; ++target) {
            const int stream = child.streams.at(static_cast<std::size_t>(target));
            posix_spawn_file_actions_adddup2(&actions_, stream, target);
        }
        posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
        posix_spawnattr_init(&attributes_);
        sigset_t set;
        sigfillset(&set);
        posix_spawnattr_setsigdefault(&attributes_, &set);
        sigemptyset(&set);
        posix_spawnattr_setsigmask(&attributes_, &set);
        const int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                          (child.own_session ? POSIX_SPAWN_SETSID : 0);
        posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    }
    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
    [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

}  // namespace

std::string search_path() {
    const char* own = more_privileged_than_its_user() ? nullptr : std::getenv("PATH");
    return own == nullptr ? std::string{system_path}
                          : std::string{own} + ":" + std::string{system_path};
}

Expected<pid_t> spawn(const Spawn& child) {
    const SpawnSettings settings{child};
    std::vector<std::string> words = child.words;
    std::vector<std::string> environment = child_environment();
    const AmbientCapabilities raised{needed_by(child.path)};
    pid_t pid = -1;
    const int code =
        posix_spawn(&pid, child.path.c_str(), settings.actions(), settings.attributes(),
                    pointers(words).data(), pointers(environment).data());
    if (code != 0) {
        return failure({code, std::system_category()}, "run " + child.path);
    }
    return pid;
}

bool ends_within(pid_t child, std::chrono::milliseconds patience) noexcept {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point deadline = Clock::now() + patience;
    const Descriptor process{static_cast<int>(syscall(SYS_pidfd_open, child, 0))};
    int ready = 0;
    do {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd waiting{process.raw(), POLLIN, 0};
        ready = poll(&waiting, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

int reap(pid_t child) noexcept {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace tcpcraft
