#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/options.hpp>
#include <tools/cli/target_list.hpp>
#include <tools/cli/world.hpp>

namespace tcpcraft::cli {

/// A target that can be reached, or why it cannot.
struct PlacedTarget {
    ListedTarget listed{};
    Endpoint remote{};
    std::size_t origin{0};  ///< of TargetPlaces::origins
    /// The port there, counted from its first. Connections to different targets share a port; those
    /// to the same one do not.
    std::uint16_t port{0};
    std::uint32_t mtu{1500};
    std::optional<Error> failure{};  ///< not resolved, no route: of the environment
};

struct TargetPlaces {
    std::vector<PlacedTarget> targets{};  ///< in the list's order
    std::vector<Origin> origins{};        ///< one for each address of this host that is used
    std::vector<Endpoint> simulated{};    ///< --simulate: who is to be there
};

/// Resolves every name once, several at a time, and finds the routes. Sends nothing but the
/// resolver's questions; with --simulate not even those: every name has an address of its own then,
/// but for those below `.invalid`, which do not resolve.
[[nodiscard]] TargetPlaces place_targets(std::vector<ListedTarget> listed,
                                         const CommonOptions& options);

}  // namespace tcpcraft::cli
