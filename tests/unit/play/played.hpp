#pragma once

#include <string>
#include <vector>

#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/play/player.hpp>
#include <libtcpcraft/sim/sim_network.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::test {

/// A script against a tested host whose segments the test writes, in virtual time. Its numbers
/// count from the two ISNs, and wrap.
class Played {
public:
    static constexpr Seq ours{5000};
    static constexpr Seq theirs{0xffff'fffeU};

    explicit Played(const std::string& script, Duration latency = std::chrono::milliseconds{10});

    PlayOptions options{};
    Application* application{nullptr};
    Duration starts_after{};

    /// The tested host sends that, so long after it has got its `count`th segment.
    struct Answer {
        std::size_t count{1};
        std::string notation{};
        Duration after{};
        std::string payload{};  ///< in place of zeros
    };
    std::vector<Answer> answers{};

    const PlayResult& run();
    /// What the tested host has got, in the notation.
    [[nodiscard]] const std::vector<std::string>& got() const noexcept { return got_; }
    [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return sink_.notes; }
    /// The payload of the last segment that it has got, and its header.
    [[nodiscard]] const std::string& payload() const noexcept { return payload_; }
    [[nodiscard]] const IpHeader& header() const noexcept { return header_; }
    [[nodiscard]] SimNetwork& network() noexcept { return network_; }

    void send(const Answer& answer);

private:
    void take(const Arrival& arrival);

    SimNetwork network_;
    KeepingSink sink_{};
    Script script_{};
    PlayResult result_{};
    std::vector<std::string> got_{};
    std::string payload_{};
    IpHeader header_{};
};

/// The first three lines of a script, and the answer that they want.
inline constexpr const char* opens =
    "+0 < S 0:0(0) win 9000 <mss 1460>\n+0 > S. 0:0(0) ack 1 <...>\n+0 < . 1:1(0) ack 1 win 9000\n";
[[nodiscard]] inline Played::Answer syn_ack() { return {1, "S. 0:0(0) ack 1 win 7", {}, {}}; }

}  // namespace tcpcraft::test
