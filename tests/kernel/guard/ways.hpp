#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <tests/kernel/guard/firewall.hpp>

namespace tcpcraft::testing {

using Clock = std::chrono::steady_clock;

/// A backend as a host may have it, and the addresses it is used for.
struct Way {
    const char* name;
    GuardBackend backend;
    const char* iptables;
    const char* local;
    const char* peer;
};

inline constexpr Way nf_tables_v4{"nf_tables_v4", GuardBackend::iptables, "iptables-nft",
                                  "127.0.0.1", "127.0.0.1:80"};
inline constexpr Way nf_tables_v6{"nf_tables_v6", GuardBackend::iptables, "iptables-nft", "::1",
                                  "[::1]:80"};
inline constexpr Way legacy_v4{"legacy_v4", GuardBackend::iptables, "iptables-legacy", "127.0.0.1",
                               "127.0.0.1:80"};
inline constexpr Way legacy_v6{"legacy_v6", GuardBackend::iptables, "iptables-legacy", "::1",
                               "[::1]:80"};
inline constexpr Way nft_v4{"nft_v4", GuardBackend::nft, "iptables", "127.0.0.1", "127.0.0.1:80"};
inline constexpr Way nft_v6{"nft_v6", GuardBackend::nft, "iptables", "::1", "[::1]:80"};

[[nodiscard]] std::string name_of_way(const ::testing::TestParamInfo<Way>& each);
[[nodiscard]] GuardRequest request_for(const Way& way, std::uint16_t port = 40000);
[[nodiscard]] double milliseconds_since(Clock::time_point start);
/// A loss of power: nobody is left to remove the rule.
void kill_with_guardian(Owner& owner);

/// In a private network in which others have rules of their own.
class RstGuardTest : public ::testing::TestWithParam<Way> {
protected:
    void SetUp() override;
    void TearDown() override;

    std::string before_;
};

}  // namespace tcpcraft::testing
