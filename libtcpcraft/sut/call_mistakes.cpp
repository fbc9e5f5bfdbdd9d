#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <libtcpcraft/sut/call_arguments.hpp>
#include <libtcpcraft/sut/socket_calls.hpp>

namespace tcpcraft {

namespace {

using Kind = ScriptValue::Kind;

/// Calls, and how many arguments each has.
struct Known {
    std::string_view name{};
    std::size_t arguments{0};
};
constexpr std::array<Known, 18> known_calls{{{"socket", 3},
                                             {"bind", 3},
                                             {"listen", 2},
                                             {"accept", 3},
                                             {"connect", 3},
                                             {"read", 3},
                                             {"recv", 4},
                                             {"write", 3},
                                             {"send", 4},
                                             {"sendto", 6},
                                             {"recvfrom", 6},
                                             {"close", 1},
                                             {"shutdown", 2},
                                             {"setsockopt", 5},
                                             {"getsockopt", 5},
                                             {"fcntl", 0},
                                             {"ioctl", 3},
                                             {"poll", 3}}};

// Symbols that stand for what is no number here are found before anything is done.
const ScriptValue* unknown_symbol(const ScriptValue& value) {
    if (value.kind == Kind::symbol) {
        return symbol(value.text) ? nullptr : &value;
    }
    const bool named = value.kind == Kind::named;
    for (std::size_t i = named ? 1 : 0; i < value.parts.size(); ++i) {
        if (const auto* found = unknown_symbol(value.parts[i])) {
            return found;
        }
    }
    return nullptr;
}

// Other requests of ioctl() read and write more than one number, each as much as it likes.
bool gives_one_number(const ScriptCall& call) {
    const auto request = number_of(call.arguments[1]);
    return request == SIOCINQ || request == SIOCOUTQ;
}

std::optional<ScriptError> mistake_in(const ScriptCall& call, ScriptPlace at) {
    const auto found = std::ranges::find(known_calls, call.name, &Known::name);
    if (found == known_calls.end()) {
        return ScriptError{at, fmt::format("the call {}() cannot be made here", call.name)};
    }
    if (found->arguments != 0 && found->arguments != call.arguments.size()) {
        return ScriptError{at, fmt::format("{}() has {} arguments, not {}", call.name,
                                           found->arguments, call.arguments.size())};
    }
    for (const ScriptValue& argument : call.arguments) {
        if (const auto* strange = unknown_symbol(argument)) {
            return ScriptError{strange->at, fmt::format("'{}' is not known (--define {}=NUMBER)",
                                                        strange->text, strange->text)};
        }
    }
    if (call.name == "ioctl" && !gives_one_number(call)) {
        return ScriptError{call.arguments[1].at,
                           "of ioctl() SIOCINQ and SIOCOUTQ can be made here"};
    }
    return std::nullopt;
}

}  // namespace

std::optional<ScriptError> SocketCalls::cannot_make(const Script& script) {
    for (const ScriptEvent& event : script.events) {
        if (const auto* call = std::get_if<ScriptCall>(&event.what)) {
            if (auto mistake = mistake_in(*call, event.at)) {
                return mistake;
            }
        }
    }
    return std::nullopt;
}

}  // namespace tcpcraft
