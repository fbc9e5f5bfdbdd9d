#include <memory>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <tools/cli/read_number.hpp>
#include <tools/cli/target.hpp>

namespace tcpcraft::cli {

namespace {

Unexpected<Error> wrong(std::string sentence) { return failure({}, std::move(sentence)); }

/// A number from 1 to 65535, or a name out of /etc/services.
Expected<Port> read_port(const std::string& text) {
    if (const auto number = read_number(text)) {
        if (*number == 0 || *number > 65535) {
            return wrong(fmt::format("port {} does not exist; ports are 1 to 65535", text));
        }
        return Port{static_cast<std::uint16_t>(*number)};
    }
    if (const servent* service = ::getservbyname(text.c_str(), "tcp")) {
        return Port{ntohs(static_cast<std::uint16_t>(service->s_port))};
    }
    return wrong(fmt::format("'{}' is neither a port number nor the name of a TCP service", text));
}

/// What was probably meant by a URL: its host and port.
std::string from_url(const std::string& text) {
    const std::size_t scheme_end = text.find("://");
    const std::string scheme = text.substr(0, scheme_end);
    std::string authority = text.substr(scheme_end + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    authority = authority.substr(authority.find('@') + 1);
    const bool has_port = authority.find(':', authority.rfind(']') + 1) != std::string::npos;
    const auto port = read_port(scheme);
    if (has_port || authority.empty()) {
        return authority.empty() ? "HOST:PORT" : authority;
    }
    return fmt::format("{}:{}", authority, port ? std::to_string(port->value) : "PORT");
}

struct Parts {
    std::string host{};
    std::optional<std::string> port{};
};

Expected<Parts> split_bracketed(const std::string& text) {
    const std::size_t close = text.find(']');
    if (close == std::string::npos) {
        return wrong(fmt::format("'{}' lacks its closing bracket: [V6]:PORT", text));
    }
    const std::string rest = text.substr(close + 1);
    if (rest.empty()) {
        return Parts{text.substr(1, close - 1), std::nullopt};
    }
    if (rest[0] != ':') {
        return wrong(fmt::format("'{}': after the bracket comes :PORT", text));
    }
    return Parts{text.substr(1, close - 1), rest.substr(1)};
}

/// One word: with its port, or without.
Expected<Parts> split(const std::string& text) {
    if (text.find("://") != std::string::npos) {
        return wrong(fmt::format("'{}' is a URL; write {}", text, from_url(text)));
    }
    if (text.find('/') != std::string::npos) {
        return wrong(fmt::format("'{}' has a path in it; a target is HOST:PORT", text));
    }
    if (text.starts_with('[')) {
        return split_bracketed(text);
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || text.find(':', colon + 1) != std::string::npos) {
        return Parts{text, std::nullopt};  // a name, or a bare IPv6 literal
    }
    return Parts{text.substr(0, colon), text.substr(colon + 1)};
}

std::string no_port_sentence(const std::string& host) {
    const std::size_t last = host.rfind(':');
    if (last == std::string::npos) {
        return fmt::format("no port: write {}:PORT", host);
    }
    const std::string before = host.substr(0, last);
    const std::string after = host.substr(last + 1);
    return fmt::format("no port: write [{}]:PORT, the address in brackets{}", host,
                       Address::read(before) && read_port(after)
                           ? fmt::format("; [{}]:{} if that was the port", before, after)
                           : "");
}

Expected<Port> choose_port(const PeerOptions& peer, const Parts& parts) {
    const bool second_word = peer.target.size() > 1;
    if ((parts.port ? 1 : 0) + (second_word ? 1 : 0) + (peer.port != 0 ? 1 : 0) > 1) {
        return wrong("the port is given twice");
    }
    if (peer.port != 0) {
        return Port{peer.port};
    }
    if (!parts.port && !second_word) {
        return wrong(no_port_sentence(parts.host));
    }
    return read_port(second_word ? peer.target[1] : *parts.port);
}

Expected<void> family_fits(const PeerOptions& peer, const Address& address) {
    if (allows(peer, address.family())) {
        return {};
    }
    return wrong(fmt::format("{} is not an {} address, and {} allows no other", address.text(),
                             address.is_v6() ? "IPv4" : "IPv6", address.is_v6() ? "-4" : "-6"));
}

Address address_of(const addrinfo& found) {
    if (found.ai_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(found.ai_addr);
        const auto octets = std::as_bytes(std::span<const std::uint8_t, 16>{v6->sin6_addr.s6_addr});
        return Address::v6(octets, v6->sin6_scope_id);
    }
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(found.ai_addr);
    return Address::v4(std::as_bytes(std::span<const in_addr_t, 1>{&v4->sin_addr.s_addr, 1}));
}

Unexpected<Error> unresolved(const std::string& host, const PeerOptions& peer, int code) {
    const std::string_view kind = peer.only_v4 ? " to an IPv4 address" : " to an IPv6 address";
    const bool narrowed = peer.only_v4 || peer.only_v6;
    const std::string why = code == EAI_SYSTEM ? last_system_error().message() : gai_strerror(code);
    return wrong(
        fmt::format("cannot resolve {}{}: {}", host, narrowed ? kind : std::string_view{}, why));
}

}  // namespace

bool allows(const PeerOptions& peer, Family family) noexcept {
    return family == Family::v4 ? !peer.only_v6 : !peer.only_v4;
}

std::string typed_target(const PeerOptions& peer) {
    std::string shown = peer.listen ? "listen " + *peer.listen : "";
    for (const std::string& word : peer.target) {
        shown += (shown.empty() ? "" : " ") + word;
    }
    return shown;
}

Expected<Target> read_target(const PeerOptions& peer) {
    if (peer.target.empty()) {
        return wrong("no target: give HOST:PORT, or -l PORT to wait for a connection");
    }
    const auto parts = split(peer.target[0]);
    if (!parts) {
        return Unexpected<Error>{parts.error()};
    }
    if (parts->host.empty()) {
        return wrong(fmt::format("'{}' names no host", peer.target[0]));
    }
    const auto port = choose_port(peer, *parts);
    if (!port) {
        return Unexpected<Error>{port.error()};
    }
    if (const auto literal = Address::read(parts->host)) {
        if (const auto fits = family_fits(peer, *literal); !fits) {
            return Unexpected<Error>{fits.error()};
        }
    }
    return Target{parts->host, *port};
}

bool has_port(const std::string& word) {
    const auto parts = split(word);
    return !parts || parts->port;  // behind a mistake nothing is to be looked for either
}

Expected<ListenAt> read_listen(const PeerOptions& peer) {
    const auto parts = split(peer.listen.value_or(""));
    if (!parts) {
        return Unexpected<Error>{parts.error()};
    }
    const bool port_alone = !parts->port && !peer.listen->starts_with('[');
    const auto port = read_port(port_alone ? parts->host : parts->port.value_or(""));
    if (!port) {
        return wrong(fmt::format("-l {}: {}", *peer.listen, port.error().attempt));
    }
    if (port_alone || parts->host.empty() || parts->host == "*") {
        return ListenAt{std::nullopt, *port};
    }
    const auto address = Address::read(parts->host);
    if (!address) {
        return wrong(fmt::format("-l wants an address of this host, not '{}'", parts->host));
    }
    if (const auto fits = family_fits(peer, *address); !fits) {
        return Unexpected<Error>{fits.error()};
    }
    return ListenAt{*address, *port};
}

Expected<std::optional<Address>> read_source(const PeerOptions& peer) {
    if (peer.source.empty()) {
        return std::optional<Address>{};
    }
    const auto address = Address::read(peer.source);
    if (!address) {
        return wrong(fmt::format("--source wants an address of this host, not '{}'", peer.source));
    }
    if (const auto fits = family_fits(peer, *address); !fits) {
        return Unexpected<Error>{fits.error()};
    }
    return std::optional<Address>{*address};
}

Expected<void> can_be_a_peer(const Address& address) {
    if (address.is_multicast_or_broadcast()) {
        return failure({}, fmt::format("{} is a multicast or broadcast address; a TCP connection "
                                       "has one peer (RFC 9293 §3.9.2.3, MUST-46, MUST-57)",
                                       address.text()));
    }
    if (address.is_unspecified()) {
        return failure({}, fmt::format("{} is no peer's address", address.text()));
    }
    return {};
}

Expected<Address> resolve(const std::string& host, const PeerOptions& peer) {
    if (const auto literal = Address::read(host)) {
        return *literal;
    }
    if (host.find('%') != std::string::npos) {
        return wrong(
            fmt::format("{}: there is no such address, or no interface of that name", host));
    }
    addrinfo wanted{};
    wanted.ai_family = peer.only_v4 ? AF_INET : (peer.only_v6 ? AF_INET6 : AF_UNSPEC);
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list{nullptr};
    const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list);
    if (code != 0) {
        return unresolved(host, peer, code);
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found{list, &::freeaddrinfo};
    return address_of(*found);
}

}  // namespace tcpcraft::cli
