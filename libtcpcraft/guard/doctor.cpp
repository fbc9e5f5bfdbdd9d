#include <algorithm>
#include <array>
#include <fstream>

#include <libtcpcraft/guard/doctor.hpp>

namespace tcpcraft {

namespace {

namespace fs = std::filesystem;

// What a file of /proc says in its first line; empty: there is no such file.
std::string setting(const fs::path& file) {
    std::ifstream stream{file};
    std::string line;
    std::getline(stream, line);
    return line;
}

std::vector<std::string> folders_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{folder, ignored}) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool is_no_interface(const std::string& name) {
    return name == "all" || name == "default" || name == "lo";
}

std::string joined(const std::vector<std::string>& members) {
    std::string text;
    for (const std::string& member : members) {
        text += (text.empty() ? ": " : ", ") + member;
    }
    return text;
}

std::string way_to_allow(const ProgramFile& file) {
    return file.can_be_allowed ? "sudo tcpcraft-allow GROUP"
                               : "sudo setcap cap_net_raw,cap_net_admin=ep " + file.path;
}

// Why a process does not have the capabilities of the file that it was started from.
std::string obstacle(const ProgramFile& file) {
    if (file.nosuid) {
        return "its file system is mounted nosuid and grants none";
    }
    if (file.no_new_privileges) {
        return "this process may not gain any (no_new_privs, set by a sandbox or container)";
    }
    return "they do not reach this process: a container that withholds them, or a user namespace";
}

std::string way_around(const ProgramFile& file) {
    if (file.nosuid) {
        return "install it on a file system without nosuid (findmnt -T " + file.path +
               " shows which this is)";
    }
    return file.no_new_privileges ? "start it outside of the sandbox"
                                  : "start the container with --cap-add=NET_ADMIN,NET_RAW; or in "
                                    "a private network: unshare -Urn";
}

struct Knob {
    const char* path;
    const char* forbids;
    const char* fix;
};

constexpr std::array<Knob, 3> namespace_knobs{
    {{"sys/user/max_user_namespaces", "0", "sudo sysctl -w user.max_user_namespaces=10000"},
     {"sys/kernel/unprivileged_userns_clone", "0",
      "sudo sysctl -w kernel.unprivileged_userns_clone=1"},
     {"sys/kernel/apparmor_restrict_unprivileged_userns", "1",
      "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"}}};

}  // namespace

std::vector<Check> examine_host() {
    const Privileges have = effective_privileges();
    // First: raising a guard sweeps what dead runs left.
    Check leftovers = check_leftover_rules(have);
    std::vector<Check> checks;
    checks.push_back(check_capabilities(have, running_program()));
    checks.push_back(check_users(have, examine_program(running_program())));
    checks.push_back(check_iptables(have, Family::v4));
    checks.push_back(check_iptables(have, Family::v6));
    checks.push_back(check_xtables_lock());
    checks.push_back(check_nft(have));
    checks.push_back(check_rp_filter());
    checks.push_back(check_offload());
    checks.push_back(check_conntrack());
    checks.push_back(check_namespaces());
    checks.push_back(std::move(leftovers));
    return checks;
}

Check check_capabilities(const Privileges& have, const std::string& program) {
    Check check{"capabilities", have.net_raw && have.net_admin, {}, {}};
    check.detail = std::string{"CAP_NET_RAW "} + (have.net_raw ? "yes" : "no") +
                   ", CAP_NET_ADMIN " + (have.net_admin ? "yes" : "no");
    if (have.foreign_network) {
        check.detail += " (this network belongs to another user namespace)";
    }
    if (!check.ok) {
        check.fix = privilege_fix(program);
    }
    return check;
}

Check check_users(const Privileges& have, const ProgramFile& file) {
    const bool privileged = have.net_raw && have.net_admin;
    if (!file.capable) {
        return {"users", privileged, "only root may use " + file.path, way_to_allow(file)};
    }
    if (!privileged && !have.foreign_network) {
        return {"users", false, file.path + " has capabilities, but " + obstacle(file),
                way_around(file)};
    }
    if (file.group.empty()) {
        return {"users", true, "every user of this host may use " + file.path, {}};
    }
    return {
        "users", true,
        "members of group " + file.group + " may use " + file.path + joined(file.members),
        file.can_be_allowed ? "sudo adduser NAME " + file.group + ", who then logs in again" : ""};
}

Check check_rp_filter(const fs::path& proc) {
    const fs::path conf = proc / "sys/net/ipv4/conf";
    const bool all_strict = setting(conf / "all/rp_filter") == "1";
    std::string strict;
    int interfaces = 0;
    for (const std::string& name : folders_in(conf)) {
        const std::string own = setting(conf / name / "rp_filter");
        // The kernel takes the higher of the two.
        const bool is_strict = own == "1" || (all_strict && own == "0");
        interfaces += is_no_interface(name) ? 0 : 1;
        if (!is_no_interface(name) && is_strict) {
            strict += (strict.empty() ? "" : ", ") + name;
        }
    }
    if (strict.empty()) {
        return {"rp-filter", true, "no interface filters strictly by reverse path", {}};
    }
    const std::string text = "strict on " + strict;
    if (interfaces < 2) {
        return {"rp-filter", true, text + "; harmless with one interface", {}};
    }
    return {"rp-filter", false,
            text +
                ": the kernel, and its connection tracking, drops answers that come in by "
                "another interface than the route's",
            "sudo sysctl -w net.ipv4.conf.all.rp_filter=2"};
}

Check check_conntrack(const fs::path& proc) {
    const fs::path netfilter = proc / "sys/net/netfilter";
    const std::string count = setting(netfilter / "nf_conntrack_count");
    if (count.empty()) {
        return {"conntrack", true, "connection tracking is not loaded", {}};
    }
    const bool liberal = setting(netfilter / "nf_conntrack_tcp_be_liberal") == "1";
    if (liberal) {
        return {"conntrack",
                true,
                count + " entries, liberal: out-of-window segments are not INVALID",
                {}};
    }
    return {"conntrack", true,
            count +
                " entries, strict: where a rule drops INVALID, segments outside the window "
                "do not leave this host (sending says EPERM)",
            "sudo sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1"};
}

Check check_namespaces(const fs::path& proc) {
    for (const Knob& knob : namespace_knobs) {
        if (setting(proc / knob.path) == knob.forbids) {
            return {"namespaces", false,
                    std::string{"an ordinary user cannot make a private network: "} + knob.path +
                        " is " + knob.forbids,
                    knob.fix};
        }
    }
    if (setting(proc / "sys/user/max_user_namespaces").empty()) {
        return {"namespaces", false, "this kernel has no user namespaces",
                "run the laboratory with sudo"};
    }
    return {"namespaces", true, "an ordinary user can make a private network (unshare -Urn)", {}};
}

}  // namespace tcpcraft
