#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <libtcpcraft/seq/seq.hpp>
#include <libtcpcraft/wire/flags.hpp>

namespace tcpcraft::wire {

// Words that the writing and the reading side of the notation share.

struct FlagName {
    Flag flag{};
    char letter{};
    std::string_view word{};
};
inline constexpr std::array<FlagName, 9> flag_names{{{Flag::fin, 'F', "fin"},
                                                     {Flag::syn, 'S', "syn"},
                                                     {Flag::rst, 'R', "rst"},
                                                     {Flag::psh, 'P', "psh"},
                                                     {Flag::ack, '.', "ack"},
                                                     {Flag::urg, 'U', "urg"},
                                                     {Flag::ece, 'E', "ece"},
                                                     {Flag::cwr, 'W', "cwr"},
                                                     {Flag::ae, 'A', "ae"}}};

/// MPTCP subtypes 0 to 8 (RFC 8684 §7.2), as tcpdump calls them. None reads as hexadecimal digits.
inline constexpr std::array<std::string_view, 9> multipath_names{
    "capable", "join", "dss", "add-addr", "rem-addr", "prio", "mp-fail", "fast-close", "tcp-rst"};

/// The counters of AccECN by their order, kind 172 first (RFC 9768 §3.2.3).
inline constexpr std::array<std::array<std::string_view, 3>, 2> accurate_ecn_names{
    {{"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}}};

/// A number as the text has it, counted from `origin`.
[[nodiscard]] constexpr std::uint32_t relative(Seq seq, Seq origin) noexcept {
    return seq.raw() - origin.raw();
}

}  // namespace tcpcraft::wire
