#pragma once

#include <libtcpcraft/report/ladder.hpp>
#include <libtcpcraft/trace/text_options.hpp>

// Private: a segment as the ladder of a page tells it.

namespace tcpcraft {

/// `symbols` may be null.
[[nodiscard]] LadderArrow arrow_of(const Record& record, const SegmentSeen& seen,
                                   const TextOptions& options, const Symbols* symbols);

}  // namespace tcpcraft
