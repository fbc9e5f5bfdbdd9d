#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <net/if.h>

#include <libtcpcraft/base/address.hpp>

namespace tcpcraft {

namespace {

Unexpected<Error> not_an_address(std::string_view text, std::string_view why) {
    return failure({}, "'" + std::string{text} + "' is not an IP address" + std::string{why});
}

Expected<std::uint32_t> read_zone(std::string_view zone, std::string_view whole) {
    const std::string name{zone};
    if (const unsigned index = if_nametoindex(name.c_str()); index != 0) {
        return index;
    }
    std::uint32_t index = 0;
    const auto [end, code] = std::from_chars(zone.data(), zone.data() + zone.size(), index);
    if (code != std::errc{} || end != zone.data() + zone.size() || index == 0) {
        return not_an_address(whole, ": there is no interface '" + name + "'");
    }
    return index;
}

Expected<std::uint16_t> read_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (code != std::errc{} || end != text.data() + text.size()) {
        return failure({}, "'" + std::string{text} + "' is not a port: wanted 0 to 65535");
    }
    return port;
}

}  // namespace

Address Address::unspecified(Family family) noexcept {
    Address made;
    made.is_v6_ = family == Family::v6 ? 1U : 0U;
    return made;
}

Address Address::with_zone(std::uint32_t zone) const noexcept {
    Address made = *this;
    made.zone_ = zone & 0x7fffffffU;
    return made;
}

Expected<Address> Address::read(std::string_view text) {
    const auto percent = text.find('%');
    const std::string literal{text.substr(0, percent)};
    std::array<std::byte, 16> octets{};
    if (percent == std::string_view::npos &&
        inet_pton(AF_INET, literal.c_str(), octets.data()) == 1) {
        return v4(std::span{octets}.first<4>());
    }
    if (inet_pton(AF_INET6, literal.c_str(), octets.data()) != 1) {
        return not_an_address(text, "");
    }
    if (percent == std::string_view::npos) {
        return v6(octets);
    }
    return read_zone(text.substr(percent + 1), text).map([&](std::uint32_t zone) {
        return v6(octets, zone);
    });
}

bool Address::is_unspecified() const noexcept {
    return std::ranges::all_of(octets(), [](std::byte b) { return b == std::byte{0}; });
}

bool Address::is_loopback() const noexcept {
    if (!is_v6()) {
        return octets_[0] == std::byte{127};
    }
    return octets_[15] == std::byte{1} &&
           std::all_of(octets_.begin(), octets_.end() - 1,
                       [](std::byte b) { return b == std::byte{0}; });
}

bool Address::is_link_local() const noexcept {
    return is_v6() && octets_[0] == std::byte{0xfe} &&
           (octets_[1] & std::byte{0xc0}) == std::byte{0x80};
}

bool Address::is_multicast_or_broadcast() const noexcept {
    if (is_v6()) {
        return octets_[0] == std::byte{0xff};
    }
    const bool broadcast =
        std::ranges::all_of(octets(), [](std::byte b) { return b == std::byte{0xff}; });
    return broadcast || (octets_[0] & std::byte{0xf0}) == std::byte{0xe0};
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(is_v6() ? AF_INET6 : AF_INET, octets_.data(), buffer.data(), buffer.size());
    std::string printed{buffer.data()};
    if (zone() != 0) {
        std::array<char, IF_NAMESIZE> name{};
        const char* known = if_indextoname(zone(), name.data());
        printed += '%' + (known != nullptr ? std::string{known} : std::to_string(zone()));
    }
    return printed;
}

std::string Endpoint::text() const {
    const std::string shown = address.is_v6() ? '[' + address.text() + ']' : address.text();
    return shown + ':' + std::to_string(port.value);
}

Expected<Endpoint> Endpoint::read(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return failure({}, "'" + std::string{text} + "' lacks a port: wanted ADDR:PORT");
    }
    std::string_view host = text.substr(0, colon);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return failure({}, "'" + std::string{text} + "': write an IPv6 address as [ADDR]:PORT");
    }
    auto address = Address::read(host);
    if (!address) {
        return Unexpected<Error>{address.error()};
    }
    return read_port(text.substr(colon + 1)).map([&](std::uint16_t number) {
        return Endpoint{*address, Port{number}};
    });
}

}  // namespace tcpcraft
