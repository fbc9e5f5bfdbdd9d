#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <tests/support/namespace.hpp>
#include <unistd.h>

namespace tcpcraft::testing {

namespace {

std::string failed(const std::string& what) { return what + ": " + std::strerror(errno); }

bool write_file(const char* path, const std::string& text) {
    std::ofstream file{path};
    file << text << std::flush;
    return file.good();
}

std::optional<std::string> become_root_of_a_user_namespace() {
    const std::string uid = std::to_string(geteuid());
    const std::string gid = std::to_string(getegid());
    if (unshare(CLONE_NEWUSER) != 0) {
        return failed("this kernel lets no ordinary user make a user namespace");
    }
    if (!write_file("/proc/self/setgroups", "deny") ||
        !write_file("/proc/self/uid_map", "0 " + uid + " 1") ||
        !write_file("/proc/self/gid_map", "0 " + gid + " 1")) {
        return failed("map this user to root of a user namespace");
    }
    return std::nullopt;
}

std::optional<std::string> mount_private_run() {
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, nullptr) != 0) {
        return failed("mount a private /run");
    }
    setenv("XTABLES_LOCKFILE", "/run/xtables.lock", 1);
    return std::nullopt;
}

std::optional<std::string> bring_lo_up() {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = socket >= 0 && ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    std::optional<std::string> why = up ? std::nullopt : std::optional{failed("bring lo up")};
    if (socket >= 0) {
        close(socket);
    }
    return why;
}

}  // namespace

std::optional<std::string> enter_private_network() {
    if (geteuid() != 0) {
        if (auto why = become_root_of_a_user_namespace()) {
            return why;
        }
    }
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
        return failed("make a private network (needs root or user namespaces)");
    }
    if (auto why = mount_private_run()) {
        return why;
    }
    return bring_lo_up();
}

}  // namespace tcpcraft::testing
