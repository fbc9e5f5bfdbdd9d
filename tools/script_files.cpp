#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <tools/script_files.hpp>

#include <libtcpcraft/play/player.hpp>
#include <libtcpcraft/sut/socket_calls.hpp>

namespace tcpcraft::cli {

namespace {

constexpr std::size_t largest_file = 16U << 20U;

Expected<std::string> contents(const std::string& name) {
    errno = 0;
    std::ifstream file{name, std::ios::binary};
    std::string text(largest_file + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    const auto size = static_cast<std::size_t>(file.gcount());
    if (!file.is_open() || file.bad() || (size == 0 && errno != 0)) {
        return failure(last_system_error(), name + ": cannot be read");
    }
    if (size > largest_file) {
        return failure({}, name + ": is larger than 16 MiB");
    }
    text.resize(size);
    return text;
}

// Who opens follows from the first packet line; the command line says who we are.
std::optional<std::string> wrong_role(const Script& script, const ScriptToolOptions& options) {
    const ScriptSegment* first = script.first_segment();
    if (first == nullptr) {
        return "there is no packet line in it";
    }
    if (!options.sut_netns.empty()) {
        return std::nullopt;
    }
    const bool inbound = first->direction == ScriptDirection::inbound;
    if (options.common.peer.listen && inbound) {
        return "its first packet line is <: we open the connection, so name a TARGET in place of "
               "-l";
    }
    if (!options.common.peer.listen && !inbound) {
        return "its first packet line is >: the tested host opens the connection, so listen with "
               "-l PORT in place of a TARGET";
    }
    return std::nullopt;
}

std::optional<std::string> wrong_family(const Script& script, const ScriptToolOptions& options) {
    using Version = ScriptOptions::Version;
    const bool v6 = script.options.ip_version == Version::ipv6;
    const bool v4 = script.options.ip_version == Version::ipv4;
    if ((v6 && options.common.peer.only_v4) || (v4 && options.common.peer.only_v6)) {
        return fmt::format("its --ip_version={} contradicts -{}", v6 ? "ipv6" : "ipv4",
                           v6 ? "4" : "6");
    }
    return std::nullopt;
}

// Left out, it would leave a script that tests something else than it says.
std::optional<ScriptError> refused_command(const Script& script, const ScriptToolOptions& options) {
    const ScriptShell* command = script.first_command();
    if (options.allow_code || command == nullptr) {
        return std::nullopt;
    }
    return ScriptError{command->at, "a command is refused unless --allow-code is given"};
}

std::optional<std::string> load(const std::string& name, const ScriptToolOptions& options,
                                ScriptFile& made) {
    const auto text = contents(name);
    if (!text) {
        return text.error().message();
    }
    auto script = read_script(*text, options.defines);
    if (!script) {
        return script.error().text(name);
    }
    if (const auto cannot = cannot_play(*script)) {
        return cannot->text(name);
    }
    if (!options.sut_netns.empty()) {
        if (const auto cannot = SocketCalls::cannot_make(*script)) {
            return cannot->text(name);
        }
        if (const auto refused = refused_command(*script, options)) {
            return refused->text(name);
        }
    }
    for (const auto& said : {wrong_role(*script, options), wrong_family(*script, options)}) {
        if (said) {
            return fmt::format("{}: {}", name, *said);
        }
    }
    made = {name, std::move(*script)};
    return std::nullopt;
}

}  // namespace

ScriptFiles read_script_files(const ScriptToolOptions& options) {
    ScriptFiles made;
    for (const std::string& name : options.files) {
        ScriptFile file;
        if (const auto mistake = load(name, options, file)) {
            made.mistakes.push_back(*mistake);
        } else {
            made.files.push_back(std::move(file));
        }
    }
    return made;
}

}  // namespace tcpcraft::cli
