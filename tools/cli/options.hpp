#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/link/fault_rule.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/pattern.hpp>

namespace CLI {
class App;
}

namespace tcpcraft::cli {

enum class JsonMode : std::uint8_t { off, document, events };
enum class ColorMode : std::uint8_t { automatic, always, never };
enum class FirewallMode : std::uint8_t { iptables, nft, socket, none };

/// Who talks to whom (product's target, source and server role).
struct PeerOptions {
    std::vector<std::string> target{};  ///< as typed: HOST:PORT, [V6%ZONE]:PORT, or HOST PORT
    std::uint16_t port{0};              ///< -p, --port: the target's, where it is not in there
    bool listed{false};                 ///< the targets are those of a list
    bool only_v4{false};
    bool only_v6{false};
    std::string source{};                 ///< --source ADDR
    std::uint16_t source_port{0};         ///< -g, --source-port
    std::string interface {};             ///< -I, --interface
    std::optional<std::string> listen{};  ///< -l, --listen [ADDR:]PORT
    std::size_t accept{1};                ///< --accept N; 0: until interrupted
};

struct OutputOptions {
    JsonMode json{JsonMode::off};
    bool lines{false};
    bool quiet{false};
    int verbosity{0};
    bool absolute{false};  ///< -S
    bool symbols{false};
    bool explain{false};
    bool show_tcb{false};
    ColorMode color{ColorMode::automatic};
    std::string write{};                 ///< -w FILE, `-` for stdout
    std::vector<std::string> reports{};  ///< -o FILE, each with an ending that says its format
};

/// What is chosen of the segments that are sent.
struct CraftOptions {
    std::optional<std::uint32_t> isn{};
    std::optional<std::uint16_t> window{};
    std::optional<std::uint16_t> mss{};  ///< 0: no MSS option
    std::optional<int> wscale{};         ///< -1: no window scale option
    std::optional<bool> sack{};
    std::optional<bool> timestamps{};
    std::string options_hex{};     ///< raw option octets of the SYN
    std::optional<Flags> flags{};  ///< of the first segment
    std::uint8_t ttl{64};
    std::uint8_t dscp{0};
    std::uint8_t ecn_codepoint{0};
    bool bad_checksum{false};   ///< of the first segment
    std::string like{"linux"};  ///< linux, windows, macos, freebsd, bare
};

struct CommonOptions {
    PeerOptions peer{};
    OutputOptions output{};
    CraftOptions craft{};
    std::vector<FaultRule> faults{};
    FirewallMode firewall{FirewallMode::iptables};
    Duration timeout{std::chrono::seconds{10}};
    std::optional<Duration> deadline{};
    bool simulate{false};
    std::string simulated{};  ///< --simulate=SCENARIO; empty: the run itself
    bool dry_run{false};
};

/// `200ms`, `5`, `5s`, `2m`, `2h4m`, `1.5s`; a bare number is seconds. Not negative.
[[nodiscard]] Expected<Duration> read_duration(std::string_view text);

/// Declares the options that every tool shares; values land in `options`, which must outlive the
/// app. Bad values are CLI11 validation errors (exit status 2).
void add_common_options(CLI::App& app, CommonOptions& options);
/// A target that is a scenario's name: --simulate takes its value behind `=` only, or it would
/// swallow the target. A sentence, or nothing.
[[nodiscard]] std::optional<std::string> meant_for_simulate(const CommonOptions& options);
/// What CLI11 cannot see: contradictions between options. A sentence, or nothing.
[[nodiscard]] std::optional<std::string> contradiction(const CommonOptions& options);

/// The SYN's shape (--like and what overrides it) as a policy; `mtu` of the route decides the MSS.
[[nodiscard]] Policy policy_of(const CraftOptions& craft, Family family, std::uint32_t mtu);

}  // namespace tcpcraft::cli
