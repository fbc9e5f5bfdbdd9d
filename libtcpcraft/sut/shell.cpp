#include <bitset>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <linux/capability.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libtcpcraft/sut/shell.hpp>

namespace tcpcraft {

namespace {

/// While it lives nothing that this thread starts gets a capability from it: a script is anybody's
/// code. Root stays root, as whom scripts expect to run.
class NoAmbientCapabilities {
public:
    NoAmbientCapabilities() noexcept {
        for (int capability = 0; ::geteuid() != 0 && capability <= CAP_LAST_CAP; ++capability) {
            set_[static_cast<std::size_t>(capability)] =
                ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 1;
        }
        if (set_.any()) {
            ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        }
    }
    ~NoAmbientCapabilities() {
        for (int capability = 0; set_.any() && capability <= CAP_LAST_CAP; ++capability) {
            if (set_.test(static_cast<std::size_t>(capability))) {
                ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
            }
        }
    }
    NoAmbientCapabilities(const NoAmbientCapabilities&) = delete;
    NoAmbientCapabilities& operator=(const NoAmbientCapabilities&) = delete;

private:
    std::bitset<CAP_LAST_CAP + 1> set_{};
};

/// The process, which leads its group; -1 when there is none.
pid_t start(const std::string& command) {
    posix_spawnattr_t how;
    posix_spawn_file_actions_t files;
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_init(&files);
    sigset_t none;
    sigemptyset(&none);  // the thread that waits may block signals; a command has its own life
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    std::string shell = "sh";
    std::string option = "-c";
    std::string text = command;
    char* words[] = {shell.data(), option.data(), text.data(), nullptr};
    pid_t child = -1;
    const NoAmbientCapabilities none_for_it;
    const int failed = posix_spawn(&child, "/bin/sh", &files, &how, words, ::environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    return failed == 0 ? child : -1;
}

}  // namespace

int run_shell(const std::string& command, const std::function<bool()>& given_up) {
    const pid_t child = start(command);
    if (child < 0) {
        return -1;
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
        if (given_up()) {
            ::kill(-child, SIGKILL);
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace tcpcraft
