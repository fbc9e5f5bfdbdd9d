#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace tcpcraft {

/// What went wrong outside the program: the system's code, and what was being attempted, in words
/// that a person can act on ("add iptables rule: exit status 4 (xtables lock held)").
struct [[nodiscard]] Error {
    std::error_code code{};  ///< the system's code, or none
    std::string attempt{};   ///< what was attempted, in words

    /// The attempt, then the system's own text where there is a code.
    [[nodiscard]] std::string message() const {
        return code ? attempt + ": " + code.message() : attempt;
    }
};

/// errno as a code, to be taken at once after the failing call.
[[nodiscard]] inline std::error_code last_system_error() noexcept {
    return {errno, std::system_category()};
}

}  // namespace tcpcraft
