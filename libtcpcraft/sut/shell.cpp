#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libtcpcraft/sut/shell.hpp>

namespace tcpcraft {

namespace {

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
