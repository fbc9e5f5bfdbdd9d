#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tools/cli/options.hpp>
#include <tools/cli/target.hpp>

#include <libtcpcraft/base/expected.hpp>

namespace CLI {
class App;
}

namespace tcpcraft::cli {

/// Part `index` (from 1) of `count`: every count-th target of the list.
struct Shard {
    std::size_t index{1};
    std::size_t count{1};
};

/// How many targets are led through a run.
struct TargetListOptions {
    std::string file{};           ///< --targets FILE, `-`: stdin; empty: there is no list
    double rate{10.0};            ///< --rate: connections begun in a second, more than 0
    std::size_t in_flight{1000};  ///< --in-flight: connections at once
    std::optional<Shard> shard{};

    [[nodiscard]] bool given() const noexcept { return !file.empty(); }
};

/// Declares --targets, --rate, --in-flight and --shard. `options` must outlive the app.
void add_target_list(CLI::App& app, TargetListOptions& options, const std::string& group);
/// What goes with --targets, and what only goes with it. A sentence, or nothing. Call it before
/// contradiction(), which wants one target or -l.
[[nodiscard]] std::optional<std::string> contradiction(const CLI::App& app,
                                                       const TargetListOptions& list,
                                                       const CommonOptions& options);

/// `3/8`. Errors say what would have done.
[[nodiscard]] Expected<Shard> read_shard(std::string_view text);
/// `10`, `10/s`, `0.5/s`, `30/m`, as so many in a second.
[[nodiscard]] Expected<double> read_rate(std::string_view text);

/// A line of a list.
struct ListedTarget {
    std::size_t line{0};  ///< from 1
    std::string text{};   ///< as it stands there
    Target target{};
};

struct TargetList {
    std::vector<ListedTarget> targets{};  ///< of the shard
    std::size_t whole{0};                 ///< of all shards
};

/// One target a line: HOST:PORT, [V6]:PORT, HOST PORT, or HOST where `peer` has a port; empty lines
/// and what follows a `#` are skipped. The errors name each bad line: `FILE:LINE: what is wrong`.
[[nodiscard]] tl::expected<TargetList, std::vector<std::string>> read_target_list(
    std::istream& in, const TargetListOptions& options, const PeerOptions& peer);
/// The same of the file that the options name.
[[nodiscard]] tl::expected<TargetList, std::vector<std::string>> load_target_list(
    const TargetListOptions& options, const PeerOptions& peer);

}  // namespace tcpcraft::cli
