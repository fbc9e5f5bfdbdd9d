#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include <libtcpcraft/link/raw/netlink.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t answer_room = 64 * 1024;

int error_in(std::span<const std::byte> body) {
    const auto told = take_as<nlmsgerr>(body);
    return told ? -told->error : EBADMSG;
}

}  // namespace

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags) {
    header_.nlmsg_type = type;
    header_.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    append(header_);
}

void NetlinkRequest::append_octets(std::span<const std::byte> octets) {
    octets_.insert(octets_.end(), octets.begin(), octets.end());
    octets_.resize(NLMSG_ALIGN(octets_.size()));
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, std::span<const std::byte> value) {
    const rtattr header{static_cast<std::uint16_t>(RTA_LENGTH(value.size())), type};
    append(header);
    append_octets(value);
    return *this;
}

std::vector<std::byte> NetlinkRequest::finish() && {
    header_.nlmsg_len = static_cast<std::uint32_t>(octets_.size());
    std::memcpy(octets_.data(), &header_, sizeof header_);
    return std::move(octets_);
}

void each_attribute(std::span<const std::byte> octets, const EachAttribute& call) {
    for (auto header = take_as<rtattr>(octets); header; header = take_as<rtattr>(octets)) {
        if (header->rta_len < sizeof(rtattr) || header->rta_len > octets.size()) {
            return;
        }
        call(header->rta_type, octets.first(header->rta_len).subspan(sizeof(rtattr)));
        octets = octets.subspan(std::min(octets.size(), std::size_t{RTA_ALIGN(header->rta_len)}));
    }
}

std::optional<Address> address_in(std::span<const std::byte> value) {
    switch (value.size()) {
        case 4:
            return Address::v4(value.first<4>());
        case 16:
            return Address::v6(value.first<16>());
        default:
            return std::nullopt;
    }
}

void each_message(std::span<const std::byte> octets, const EachMessage& call) {
    for (auto header = take_as<nlmsghdr>(octets); header; header = take_as<nlmsghdr>(octets)) {
        if (header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > octets.size()) {
            return;
        }
        call(*header, octets.first(header->nlmsg_len).subspan(sizeof(nlmsghdr)));
        octets =
            octets.subspan(std::min(octets.size(), std::size_t{NLMSG_ALIGN(header->nlmsg_len)}));
    }
}

Netlink::Netlink(Descriptor socket) : socket_{std::move(socket)}, buffer_(answer_room) {}

Expected<Netlink> Netlink::open(std::uint32_t groups) {
    auto socket = make_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "routing");
    if (!socket) {
        return Unexpected<Error>{socket.error()};
    }
    sockaddr_nl here{};
    here.nl_family = AF_NETLINK;
    here.nl_groups = groups;
    if (::bind(socket->raw(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) {
        return failure(last_system_error(), "follow the kernel's routes");
    }
    return Netlink{std::move(*socket)};
}

Expected<void> Netlink::ask(std::span<const std::byte> request, const EachMessage& call,
                            const char* about) {
    // The kernel answers a get before send() returns, and a dump as it is read.
    const auto header = take_as<nlmsghdr>(request);
    bool more = ::send(raw(), request.data(), request.size(), 0) >= 0;
    if (!more) {
        return failure(last_system_error(), std::string{"ask the kernel for "} + about);
    }
    int error = 0;
    while (more) {
        const ssize_t size = ::recv(raw(), buffer_.data(), buffer_.size(), 0);
        if (size < 0) {
            return failure(last_system_error(), std::string{"ask the kernel for "} + about);
        }
        more = (header->nlmsg_flags & NLM_F_DUMP) != 0;
        each_message(std::span{buffer_}.first(static_cast<std::size_t>(size)),
                     [&](const nlmsghdr& got, std::span<const std::byte> body) {
                         if (got.nlmsg_type == NLMSG_ERROR) {
                             error = error_in(body);
                             more = false;
                         } else if (got.nlmsg_type == NLMSG_DONE) {
                             more = false;
                         } else {
                             call(got, body);
                         }
                     });
    }
    if (error != 0) {
        return failure({error, std::system_category()}, std::string{"ask the kernel for "} + about);
    }
    return {};
}

bool Netlink::drain(const EachMessage& call) {
    for (;;) {
        const ssize_t size = ::recv(raw(), buffer_.data(), buffer_.size(), 0);
        if (size < 0) {
            return errno != ENOBUFS;
        }
        each_message(std::span{buffer_}.first(static_cast<std::size_t>(size)), call);
    }
}

}  // namespace tcpcraft
