#include <array>
#include <charconv>

#include <libtcpcraft/report/assets.hpp>

namespace tcpcraft::assets {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

unsigned octet(std::string_view hexadecimal, std::size_t index) noexcept {
    unsigned value = 0;
    if (2 * index + 2 <= hexadecimal.size()) {
        const char* const at = hexadecimal.data() + 2 * index;
        std::from_chars(at, at + 2, value, 16);
    }
    return value;
}

}  // namespace

std::string policy_source(std::string_view digest) {
    const std::size_t octets = digest.size() / 2;
    std::string made = "'sha256-";
    for (std::size_t at = 0; at < octets; at += 3) {
        const unsigned three =
            octet(digest, at) << 16U | octet(digest, at + 1) << 8U | octet(digest, at + 2);
        made += alphabet[three >> 18U & 63U];
        made += alphabet[three >> 12U & 63U];
        made += at + 1 < octets ? alphabet[three >> 6U & 63U] : '=';
        made += at + 2 < octets ? alphabet[three & 63U] : '=';
    }
    return made + "'";
}

}  // namespace tcpcraft::assets
