#pragma once

#include <string>
#include <string_view>

// Private: text of the network and of users, made fit for XML and HTML.

namespace tcpcraft {

/// What a file's name or a peer's octets may bring along, but XML 1.0 cannot hold as a character,
/// becomes U+FFFD;
/// so does what steers a terminal or turns the direction of the text.
[[nodiscard]] std::string mended_utf8(std::string_view text);
/// The same with `& < > "` escaped, for elements and for attributes in double quotes. Controls
/// become blanks, but for the newline.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace tcpcraft
