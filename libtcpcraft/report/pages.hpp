#pragma once

#include <iosfwd>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/report/account.hpp>
#include <libtcpcraft/report/book.hpp>

namespace tcpcraft {

// Reports for people. All three are made of the same account and book; whatever came from the
// network or from the command line is escaped.

/// A page that needs nothing else, neither file nor network, and nothing but its own two scripts
/// of style and behaviour is allowed to run in it. Works without JavaScript.
TCPCRAFT_API void write_html(std::ostream& out, const RunAccount& account, const RunBook& book);
/// The pictures alone, below each other; text stays text.
TCPCRAFT_API void write_svg(std::ostream& out, const RunAccount& account, const RunBook& book);
/// For tickets: summary, verdicts, ladders in characters, rules.
TCPCRAFT_API void write_markdown(std::ostream& out, const RunAccount& account, const RunBook& book);

}  // namespace tcpcraft
