#pragma once

#include <string>
#include <vector>

#include <libtcpcraft/sim/explore.hpp>

namespace tcpcraft::model {

/// Where an exploration begins, and what holds there.
struct Start {
    std::string name{};
    World world{};
    Setting setting{};
    std::vector<Law> laws{laws::all()};
    Bounds bounds{};
};

/// Initial sequence numbers of A and B.
struct Numbers {
    Seq a{};
    Seq b{};
};
/// Two octets and a FIN cross the wrap.
inline constexpr Numbers below_the_wrap{Seq{0xffffffff}, Seq{0xfffffffe}};
inline constexpr Numbers far_from_the_wrap{Seq{1000}, Seq{5000}};

/// Short names for scripts.
[[nodiscard]] UserCall open_actively(Seq iss);
[[nodiscard]] UserCall open_passively(Seq iss);
[[nodiscard]] UserCall sends(std::uint8_t octets);
[[nodiscard]] UserCall closes();
[[nodiscard]] UserCall aborts();

/// What both users do once their connection is open.
struct Scripts {
    UserCalls a{};
    UserCalls b{};
};

/// B listens, A opens.
[[nodiscard]] Start client_server(const Scripts& then, Budget budget,
                                  Numbers numbers = below_the_wrap);
/// Both open.
[[nodiscard]] Start simultaneous_open(const Scripts& then, Budget budget,
                                      Numbers numbers = below_the_wrap);
/// B listens; a SYN of an earlier connection is under way to it. A opens unless `alone`.
[[nodiscard]] Start old_duplicate_syn(bool alone, Budget budget, Numbers numbers = below_the_wrap);
inline constexpr std::uint32_t age_of_old_syn = 1000;  ///< so far its number lies below A's ISS

/// Both ESTABLISHED, nothing under way.
[[nodiscard]] Start established(const Scripts& then, Budget budget,
                                Numbers numbers = below_the_wrap);
/// Both ESTABLISHED, and A has taken one octet that B has never sent: whatever either says, the
/// other cannot accept. Laws that this start breaks are left out.
[[nodiscard]] Start desynchronised(Budget budget, Numbers numbers = below_the_wrap);
/// Both have, and more than a FIN makes up for: only R2 ends it.
[[nodiscard]] Start desynchronised_both_ways(Budget budget, Numbers numbers = below_the_wrap);

}  // namespace tcpcraft::model
