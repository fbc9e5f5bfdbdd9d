#pragma once

#include <optional>
#include <string>

namespace tcpcraft::testing {

/// Moves this whole process into a network of its own: new network and mount namespaces, for an
/// ordinary user inside a new user namespace in which it is root; an empty /run (with the xtables
/// lock in it), lo up. Nothing that is done in it reaches the host, and it is gone with its last
/// process. May be called again: a fresh network each time. The process must have one thread.
/// Returns why it is impossible, none when it was done.
[[nodiscard]] std::optional<std::string> enter_private_network();

}  // namespace tcpcraft::testing
