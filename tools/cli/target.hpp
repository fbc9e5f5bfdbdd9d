#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tools/cli/options.hpp>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft::cli {

/// Whom the command line names, not yet resolved.
struct Target {
    std::string host{};  ///< a name or a literal, without brackets
    Port port{};
};

/// The target, or `listen [ADDR:]PORT`, as it was typed.
[[nodiscard]] std::string typed_target(const PeerOptions& peer);

/// HOST:PORT, [V6]:PORT, [V6%ZONE]:PORT, HOST PORT, or HOST with -p. The port is a number or a
/// service's name. Errors are sentences for a usage error.
[[nodiscard]] Expected<Target> read_target(const PeerOptions& peer);

/// Whether one word names host and port, so that no port follows as the next word.
[[nodiscard]] bool has_port(const std::string& word);

/// Where to listen: [ADDR:]PORT. Without an address: every address of each family that -4 and -6
/// leave.
struct ListenAt {
    std::optional<Address> address{};
    Port port{};
};
[[nodiscard]] Expected<ListenAt> read_listen(const PeerOptions& peer);

/// The literal, or the first address that the resolver has for the name, within -4 and -6. Errors
/// are of the environment.
[[nodiscard]] Expected<Address> resolve(const std::string& host, const PeerOptions& peer);

/// Not multicast, broadcast or unspecified.
[[nodiscard]] Expected<void> can_be_a_peer(const Address& address);

/// The source address of --source, if there is one.
[[nodiscard]] Expected<std::optional<Address>> read_source(const PeerOptions& peer);

/// Whether a family is left by -4 and -6.
[[nodiscard]] bool allows(const PeerOptions& peer, Family family) noexcept;

}  // namespace tcpcraft::cli
