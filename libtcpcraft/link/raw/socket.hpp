#pragma once

#include <cstddef>
#include <string>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft {

/// socket(2), close-on-exec and non-blocking. `purpose` names it in the error ("capture").
[[nodiscard]] Expected<Descriptor> make_socket(int domain, int type, int protocol,
                                               const std::string& purpose);
/// setsockopt(2) with a value of any plain type; `what` names the option in the error.
[[nodiscard]] Expected<void> set_option(int fd, int level, int option, const void* value,
                                        std::size_t size, const std::string& what);
[[nodiscard]] Expected<void> set_option(int fd, int level, int option, int value,
                                        const std::string& what);
/// Ties the socket to an interface; an empty name does nothing.
[[nodiscard]] Expected<void> bind_to_interface(int fd, const std::string& name);
/// A raw socket receives all TCP of the host: this makes it receive nothing (its error queue, where
/// timestamps and ICMP errors arrive, stays open).
[[nodiscard]] Expected<void> drop_all(int fd);

}  // namespace tcpcraft
