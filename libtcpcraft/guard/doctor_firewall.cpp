#include <cstdlib>

#include <fcntl.h>
#include <sys/file.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/guard/command.hpp>
#include <libtcpcraft/guard/doctor.hpp>
#include <libtcpcraft/guard/iptables.hpp>
#include <libtcpcraft/guard/leftovers.hpp>

namespace tcpcraft {

namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Expected<std::string> version_of(const std::string& program, const std::string& option) {
    return run_checked({{program, option}}).map([](const CommandResult& result) {
        return first_line(result.output);
    });
}

// Whether a guard can be raised: the port is one that no connection uses.
Check try_guard(Check check, GuardBackend backend, Family family) {
    constexpr Port discard{9};
    GuardRequest request;
    request.backend = backend;
    request.local = Address::read(family == Family::v6 ? "::1" : "127.0.0.1").value_or(Address{});
    request.first = discard;
    const auto guard = RstGuard::raise(request);
    check.ok = guard.has_value();
    if (!guard) {
        check.detail += "; a rule cannot be set: " + guard.error().message();
        check.fix = "use --firewall socket, which needs no rule";
        return check;
    }
    check.detail += "; a rule can be set and removed";
    if (const std::string warning = (*guard)->warning(); !warning.empty()) {
        check.detail += "; " + warning;
    }
    if (const Expected<void> lowered = (*guard)->lower(); !lowered) {
        check.ok = false;
        check.detail += "; removing it failed: " + lowered.error().message();
        check.fix = "tcpcraft firewall clear";
    }
    return check;
}

Check check_firewall(const std::string& name, const Expected<std::string>& version) {
    if (!version) {
        return {name, false, version.error().message(),
                "sudo apt-get install " + std::string{name == "nft" ? "nftables" : "iptables"}};
    }
    return {name, true, *version, {}};
}

Check untried(Check check) {
    check.detail += "; not tried, that takes CAP_NET_ADMIN";
    return check;
}

}  // namespace

Check check_iptables(const Privileges& have, Family family) {
    const std::string name = family == Family::v6 ? "ip6tables" : "iptables";
    const std::string program = Iptables{IptablesVariant::chosen(), family}.program();
    Check check = check_firewall(name, version_of(program, "-V"));
    if (!check.ok) {
        return check;
    }
    return have.net_admin ? try_guard(std::move(check), GuardBackend::iptables, family)
                          : untried(std::move(check));
}

Check check_nft(const Privileges& have) {
    Check check = check_firewall("nft", version_of("nft", "-v"));
    if (!check.ok) {
        check.detail += " (only --firewall nft needs it)";
        return check;
    }
    return have.net_admin ? try_guard(std::move(check), GuardBackend::nft, Family::v4)
                          : untried(std::move(check));
}

Check check_xtables_lock() {
    const char* named = std::getenv("XTABLES_LOCKFILE");
    const std::string path = named == nullptr ? "/run/xtables.lock" : named;
    const Descriptor lock{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!lock.open() && errno == ENOENT) {
        return {"xtables-lock", true, path + " is free (not there yet)", {}};
    }
    if (!lock.open()) {
        return {"xtables-lock", true, path + " belongs to root; only iptables-legacy needs it", {}};
    }
    if (flock(lock.raw(), LOCK_EX | LOCK_NB) != 0) {
        return {"xtables-lock", false,
                path + " is held by another program; iptables-legacy waits 5 s for it and fails",
                "sudo fuser -v " + path + " shows which program"};
    }
    return {"xtables-lock", true, path + " is free", {}};
}

Check check_leftover_rules(const Privileges& have) {
    if (!have.net_admin) {
        return {"leftover-rules", true, "not looked for: that takes CAP_NET_ADMIN", {}};
    }
    const Expected<std::vector<GuardRule>> rules = list_guard_rules();
    if (!rules) {
        return {"leftover-rules", false, rules.error().message(), "sudo apt-get install iptables"};
    }
    std::size_t stale = 0;
    for (const GuardRule& rule : *rules) {
        stale += rule.owned ? 0U : 1U;
    }
    const std::string living = std::to_string(rules->size() - stale) + " of living runs";
    if (stale == 0) {
        return {"leftover-rules", true, "none (" + living + ")", {}};
    }
    return {"leftover-rules", false,
            std::to_string(stale) + " rules whose owner is dead (" + living + ")",
            "sudo tcpcraft firewall clear"};
}

}  // namespace tcpcraft
