#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/guard/command.hpp>
#include <libtcpcraft/guard/spawn.hpp>

namespace tcpcraft {

namespace {

std::string package_of(std::string_view program) {
    if (program.find("tables") != std::string_view::npos) {
        return "iptables";
    }
    return program == "nft" ? "nftables" : std::string{program};
}

Unexpected<Error> not_found(std::string_view name) {
    const std::string program{name.substr(name.rfind('/') + 1)};
    return failure({}, std::string{name} + ": command not found; install it: apt-get install " +
                           package_of(program));
}

// Standard streams of the child are files in memory: it can neither block on us nor we on it, and a
// grandchild that keeps them open delays nobody.
Descriptor stream(const char* name, std::string_view content = {}) {
    Descriptor file{memfd_create(name, MFD_CLOEXEC)};
    while (file.open() && !content.empty()) {
        const ssize_t written = write(file.raw(), content.data(), content.size());
        if (written <= 0) {
            return Descriptor{};
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (file.open()) {
        lseek(file.raw(), 0, SEEK_SET);
    }
    return file;
}

std::string content_of(const Descriptor& file) {
    std::string content;
    std::array<char, 16384> buffer{};
    off_t at = 0;
    for (ssize_t n = 0; (n = pread(file.raw(), buffer.data(), buffer.size(), at)) > 0; at += n) {
        content.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return content;
}

struct Streams {
    Descriptor input{};
    Descriptor output{};
    Descriptor errors{};
};

std::string deadline_text(std::chrono::milliseconds deadline) {
    return deadline.count() % 1000 == 0 ? std::to_string(deadline.count() / 1000) + " s"
                                        : std::to_string(deadline.count()) + " ms";
}

std::string first_line(std::string_view text) {
    return std::string{text.substr(0, text.find('\n'))};
}

std::string_view remedy(std::string_view errors) {
    const auto says = [&](std::string_view part) {
        return errors.find(part) != std::string_view::npos;
    };
    if (says("xtables lock") && says("ermission denied")) {
        return "; the lock of iptables-legacy belongs to root: run with sudo, take --firewall nft, "
               "or, where the tool has no capabilities of its own, set XTABLES_LOCKFILE to a file "
               "of yours";
    }
    if (says("xtables lock")) {
        return "; another program is changing the firewall: try again when it is done";
    }
    if (says("you must be root") || says("ermission denied") || says("not permitted")) {
        return "; needs CAP_NET_ADMIN: run with sudo (tcp-handshake --firewall socket does "
               "without)";
    }
    return "";
}

Expected<CommandResult> wait_for(const Command& command, pid_t child, const Streams& streams) {
    const bool ended = ends_within(child, command.deadline);
    if (!ended) {
        kill(child, SIGKILL);
    }
    const int status = reap(child);
    if (!ended) {
        return failure(
            std::make_error_code(std::errc::timed_out),
            command.text() + ": killed, not finished after " + deadline_text(command.deadline));
    }
    if (WIFSIGNALED(status)) {
        return failure({},
                       command.text() + ": ended by signal " + std::to_string(WTERMSIG(status)));
    }
    return CommandResult{WEXITSTATUS(status), content_of(streams.output),
                         content_of(streams.errors)};
}

}  // namespace

std::string Command::text() const {
    std::string text;
    for (const std::string& word : arguments) {
        text += text.empty() ? word : " " + word;
    }
    return text;
}

Expected<std::string> find_program(std::string_view name) {
    if (name.find('/') != std::string_view::npos) {
        const std::string path{name};
        return access(path.c_str(), X_OK) == 0 ? Expected<std::string>{path} : not_found(name);
    }
    const std::string folders = search_path();
    for (std::size_t at = 0; at <= folders.size();) {
        const std::size_t end = std::min(folders.find(':', at), folders.size());
        std::string path = folders.substr(at, end - at) + "/" + std::string{name};
        if (end != at && access(path.c_str(), X_OK) == 0) {
            return path;
        }
        at = end + 1;
    }
    return not_found(name);
}

Expected<CommandResult> run(const Command& command) {
    const Expected<std::string> path = find_program(command.arguments.at(0));
    if (!path) {
        return Unexpected<Error>{path.error()};
    }
    const Streams streams{stream("stdin", command.input), stream("stdout"), stream("stderr")};
    if (!streams.input.open() || !streams.output.open() || !streams.errors.open()) {
        return failure(last_system_error(), "prepare to run " + command.text());
    }
    return spawn({*path,
                  command.arguments,
                  {streams.input.raw(), streams.output.raw(), streams.errors.raw()}})
        .and_then([&](pid_t child) { return wait_for(command, child, streams); });
}

Expected<CommandResult> run_checked(const Command& command) {
    Expected<CommandResult> result = run(command);
    if (result && result->exit_status != 0) {
        return Unexpected<Error>{explain(command, *result)};
    }
    return result;
}

Error explain(const Command& command, const CommandResult& result) {
    std::string text = command.text() + ": exit status " + std::to_string(result.exit_status);
    if (!result.errors.empty()) {
        text += " (" + first_line(result.errors) + ")";
    }
    return Error{{}, text + std::string{remedy(result.errors)}};
}

}  // namespace tcpcraft
