#include <filesystem>
#include <iterator>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/guard/capability_sets.hpp>
#include <libtcpcraft/guard/privilege.hpp>

namespace tcpcraft {

namespace {

// A capability counts for a network that belongs to our user namespace or to one below it; of any
// other network the kernel does not even say whose it is.
bool network_is_foreign() {
    const Descriptor network{open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
    if (!network.open()) {
        return false;
    }
    const Descriptor owner{ioctl(network.raw(), NS_GET_USERNS)};
    return !owner.open() && errno == EPERM;
}

bool has_tcpcraft_allow(const std::filesystem::path& program) {
    std::error_code ignored;
    return std::filesystem::exists(program.parent_path() / "../sbin/tcpcraft-allow", ignored);
}

std::string allowing(const std::string& program) {
    return has_tcpcraft_allow(program) ? "sudo tcpcraft-allow GROUP"
                                       : "sudo setcap cap_net_raw,cap_net_admin=ep " + program;
}

void name_group(ProgramFile& file, gid_t number) {
    const group* entry = getgrgid(number);
    file.group = entry != nullptr ? entry->gr_name : std::to_string(number);
    for (char** member = entry != nullptr ? entry->gr_mem : nullptr;
         member != nullptr && *member != nullptr; ++member) {
        file.members.emplace_back(*member);
    }
}

std::string missing(const Privileges& have, bool needs_admin) {
    const bool lacks_admin = needs_admin && !have.net_admin;
    if (!have.net_raw && lacks_admin) {
        return "CAP_NET_RAW (raw sockets) and CAP_NET_ADMIN (the firewall rule that holds back "
               "the kernel's RST)";
    }
    if (lacks_admin) {
        return "CAP_NET_ADMIN (the firewall rule that holds back the kernel's RST)";
    }
    return have.net_raw ? "" : "CAP_NET_RAW (raw sockets)";
}

bool has_other_threads() {
    std::error_code ignored;
    const std::filesystem::directory_iterator threads{"/proc/self/task", ignored};
    return std::distance(begin(threads), end(threads)) > 1;
}

}  // namespace

Privileges effective_privileges() {
    const Expected<CapabilitySets> sets = read_capabilities();
    Privileges have;
    if (!sets) {
        return have;
    }
    const auto has = [&](int capability) {
        return !have.foreign_network && (sets->effective & capability_bit(capability)) != 0;
    };
    have.foreign_network = network_is_foreign();
    have.net_raw = has(CAP_NET_RAW);
    have.net_admin = has(CAP_NET_ADMIN);
    return have;
}

Expected<void> surrender_privileges() {
    const Expected<CapabilitySets> had = read_capabilities();
    if (geteuid() == 0 || (had && had->permitted == 0)) {
        return {};
    }
    if (has_other_threads()) {
        return failure(std::make_error_code(std::errc::operation_not_permitted),
                       "give up the capabilities: other threads of this process would keep theirs");
    }
    // As long as it is privileged its user cannot trace it; then its raw sockets would be his.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return failure(last_system_error(), "set no_new_privs");
    }
    return keep_capabilities(0);
}

std::string privilege_fix(const std::string& program) {
    const std::string name = std::filesystem::path{program}.filename().string();
    return "sudo " + name + " ...; or once: " + allowing(program) +
           "; or in a private network: unshare -Urn " + name + " ...";
}

Expected<void> suffices(const Privileges& have, GuardBackend backend, const std::string& program) {
    const bool needs_admin = backend == GuardBackend::iptables || backend == GuardBackend::nft;
    const std::string lacking = missing(have, needs_admin);
    if (lacking.empty()) {
        return {};
    }
    std::string text = "missing privilege: " + lacking;
    if (have.foreign_network) {
        text += "; this network belongs to another user namespace (unshare -Urn makes both)";
    }
    text += ". Run: " + privilege_fix(program);
    if (have.net_raw) {
        text += "; or do without the rule: --firewall socket";
    }
    return failure({}, text);
}

Expected<void> check_privileges(GuardBackend backend) {
    return suffices(effective_privileges(), backend, running_program());
}

ProgramFile examine_program(const std::string& path) {
    ProgramFile file{.path = path};
    file.capable = getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
    struct statvfs where {};
    file.nosuid = statvfs(path.c_str(), &where) == 0 && (where.f_flag & ST_NOSUID) != 0;
    file.no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    struct stat about {};
    if (stat(path.c_str(), &about) == 0 && (about.st_mode & S_IXOTH) == 0) {
        name_group(file, about.st_gid);
    }
    file.can_be_allowed = has_tcpcraft_allow(path);
    return file;
}

std::string running_program() {
    std::error_code code;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", code);
    return code ? std::string{"tcpcraft"} : path.string();
}

}  // namespace tcpcraft
