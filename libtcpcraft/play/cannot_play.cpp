#include <fmt/format.h>

#include <libtcpcraft/play/conversation.hpp>

namespace tcpcraft {

namespace {

std::optional<ScriptError> mistake_in(const ScriptIcmp& line, ScriptPlace at,
                                      ScriptOptions::Version version) {
    using Version = ScriptOptions::Version;
    if (line.direction == ScriptDirection::outbound) {
        return ScriptError{at, "ICMP messages can be sent here, not expected"};
    }
    const bool known = (version != Version::ipv6 && play::knows_icmp(line, Family::v4)) ||
                       ((version == Version::ipv6 || version == Version::any) &&
                        play::knows_icmp(line, Family::v6));
    if (known) {
        return std::nullopt;
    }
    return ScriptError{
        at, fmt::format("'{} {}' is no ICMP message that can be sent", line.type, line.code)};
}

/// As of what the tested host receives.
std::optional<ScriptPorts> ports_of(const ScriptSegment& line) {
    std::optional<ScriptPorts> made = line.ports;
    if (made && line.direction == ScriptDirection::outbound) {
        std::swap(made->source, made->destination);
    }
    return made;
}

}  // namespace

std::optional<ScriptError> cannot_play(const Script& script) {
    std::optional<ScriptPorts> ports;
    for (const ScriptEvent& event : script.events) {
        if (const auto* icmp = std::get_if<ScriptIcmp>(&event.what)) {
            if (auto mistake = mistake_in(*icmp, event.at, script.options.ip_version)) {
                return mistake;
            }
        }
        const auto* segment = std::get_if<ScriptSegment>(&event.what);
        const auto seen = segment == nullptr ? std::nullopt : ports_of(*segment);
        if (ports && seen && *ports != *seen) {
            return ScriptError{event.at,
                               "these ports are of a second connection; a script has one here"};
        }
        ports = seen ? seen : ports;
    }
    return std::nullopt;
}

}  // namespace tcpcraft
