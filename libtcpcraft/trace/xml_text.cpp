#include <algorithm>

#include <libtcpcraft/trace/xml_text.hpp>

namespace tcpcraft {

namespace {

struct Rune {
    std::size_t length{0};  ///< in octets; 0: this is no UTF-8
    char32_t value{};
};

Rune rune_at(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : 3;
    Rune made{lead < 0xf0 ? length : lead < 0xf5 ? 4 : 0, lead};
    if (made.length < 2 || made.length > text.size()) {
        return {made.length == 1 ? 1U : 0U, lead};
    }
    made.value = lead & (0x7fU >> made.length);
    for (const char c : text.substr(1, made.length - 1)) {
        const auto octet = static_cast<unsigned char>(c);
        if ((octet & 0xc0U) != 0x80U) {
            return {};
        }
        made.value = (made.value << 6U) | (octet & 0x3fU);
    }
    const bool overlong = made.value < (made.length == 3 ? 0x800U : 0x10000U) && made.length > 2;
    const bool surrogate = made.value >= 0xd800 && made.value < 0xe000;
    return overlong || surrogate || made.value > 0x10ffff ? Rune{} : made;
}

/// C1 controls, and what turns the direction of the text behind it: nobody would see what is there.
bool misleads(char32_t value) noexcept {
    return (value >= 0x7f && value < 0xa0) || (value >= 0x202a && value <= 0x202e) ||
           (value >= 0x2066 && value <= 0x2069);
}

}  // namespace

std::string mended_utf8(std::string_view text) {
    std::string made;
    while (!text.empty()) {
        const Rune rune = rune_at(text);
        const bool bad = rune.length == 0 || rune.value == 0xfffe || rune.value == 0xffff ||
                         misleads(rune.value);
        const std::size_t length = std::max<std::size_t>(1, rune.length);
        made += bad ? std::string_view{"\xef\xbf\xbd"} : text.substr(0, length);
        text.remove_prefix(length);
    }
    return made;
}

std::string xml_text(std::string_view text) {
    std::string made;
    for (const char c : mended_utf8(text)) {
        switch (c) {
            case '&':
                made += "&amp;";
                break;
            case '<':
                made += "&lt;";
                break;
            case '>':
                made += "&gt;";
                break;
            case '"':
                made += "&quot;";
                break;
            default:
                made += static_cast<unsigned char>(c) < 0x20 && c != '\n' ? ' ' : c;
        }
    }
    return made;
}

}  // namespace tcpcraft
