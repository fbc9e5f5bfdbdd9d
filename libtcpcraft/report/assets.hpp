#pragma once

#include <string>
#include <string_view>

// Private: what every page brings along. Made from assets/ by CMake, so that a page needs no other
// file and no build needs another tool.

namespace tcpcraft::assets {

[[nodiscard]] std::string_view picture_css() noexcept;
/// What stands in the page's <style>, with picture_css(), and in its <script>.
[[nodiscard]] std::string_view page_css() noexcept;
[[nodiscard]] std::string_view page_js() noexcept;
/// SHA-256 of page_css() and page_js(), in hexadecimal.
[[nodiscard]] std::string_view page_css_digest() noexcept;
[[nodiscard]] std::string_view page_js_digest() noexcept;

/// As a Content-Security-Policy names it: `'sha256-…'`, from hexadecimal.
[[nodiscard]] std::string policy_source(std::string_view digest);

}  // namespace tcpcraft::assets
