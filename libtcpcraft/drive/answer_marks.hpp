#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <libtcpcraft/drive/answer.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// In what an answer differs from what the peer sent before segment number `before`, as far as that
/// tells of another sender: hop limit, timestamps left out or off the peer's clock (RFC 7323 §3.2,
/// §5.4). A clause for each, joined; empty: nothing speaks against the peer. A box that borrows all
/// of it from the peer is not found out; after a change of the path the hop limit may differ, too.
[[nodiscard]] TCPCRAFT_API std::string foreign_marks(const Sighting& answer,
                                                     std::span<const Sighting> seen,
                                                     std::size_t before);

}  // namespace tcpcraft
