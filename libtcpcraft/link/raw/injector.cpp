#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>

#include <libnet.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>

#include <libtcpcraft/link/raw/injector.hpp>
#include <libtcpcraft/link/raw/send_failure.hpp>
#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

namespace {

struct Message {
    alignas(cmsghdr) std::array<std::byte, 512> control{};
    msghdr header{};
};

/// One entry of the error queue, without its payload.
bool read_error_queue(int fd, Message& message) noexcept {
    message.header = {};
    message.header.msg_control = message.control.data();
    message.header.msg_controllen = message.control.size();
    return ::recvmsg(fd, &message.header, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0;
}

struct Departure {
    std::optional<Instant> at{};
    std::optional<std::uint32_t> id{};
};

Departure read_departure(Message& message, const KernelClock& clock) noexcept {
    Departure made;
    msghdr* header = &message.header;
    for (cmsghdr* c = CMSG_FIRSTHDR(header); c != nullptr; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET) {
            made.at = clock.stamp_of(*c);
            continue;
        }
        sock_extended_err told{};
        std::memcpy(&told, CMSG_DATA(c), sizeof told);
        if (told.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
            made.id = told.ee_data;
        }
    }
    return made;
}

}  // namespace

void Injector::LibnetDeleter::operator()(libnet_context* context) const noexcept {
    ::libnet_destroy(context);
}

Injector::Injector(std::unique_ptr<libnet_context, LibnetDeleter> libnet, Family family)
    : libnet_{std::move(libnet)}, family_{family} {}

Expected<Injector> Injector::open(Family family, const std::string& interface) {
    std::array<char, LIBNET_ERRBUF_SIZE> why{};
    const int kind = family == Family::v4 ? LIBNET_RAW4_ADV : LIBNET_RAW6_ADV;
    errno = 0;
    std::unique_ptr<libnet_context, LibnetDeleter> libnet{::libnet_init(kind, nullptr, why.data())};
    if (!libnet) {
        return failure(last_system_error(),
                       "open libnet's raw socket (needs CAP_NET_RAW; libnet: " +
                           std::string{why.data()} + ")");
    }
    Injector made{std::move(libnet), family};
    if (auto bound = bind_to_interface(made.raw(), interface); !bound) {
        return Unexpected<Error>{bound.error()};
    }
    if (auto mute = drop_all(made.raw()); !mute) {
        return Unexpected<Error>{mute.error()};
    }
    made.ask_for_stamps();
    return made;
}

int Injector::raw() const noexcept { return ::libnet_getfd(libnet_.get()); }

void Injector::ask_for_stamps() noexcept {
    // Turned off and on again, the kernel counts from 0.
    const int off = 0;
    const int wanted = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
                       SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
    ::setsockopt(raw(), SOL_SOCKET, SO_TIMESTAMPING, &off, sizeof off);
    stamped_ = ::setsockopt(raw(), SOL_SOCKET, SO_TIMESTAMPING, &wanted, sizeof wanted) == 0;
    next_id_ = 0;
}

int Injector::write(const Outgoing& packet) noexcept {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(packet.octets.data());
    const auto size = static_cast<std::uint32_t>(packet.octets.size());
    return family_ == Family::v4 ? ::libnet_adv_write_raw_ipv4(libnet_.get(), octets, size)
                                 : ::libnet_write_raw_ipv6(libnet_.get(), octets, size);
}

Expected<void> Injector::send(const Outgoing& packet, Instant now) {
    errno = 0;
    if (write(packet) >= 0) {
        remember(packet.token, now);
        return {};
    }
    const int error = errno;
    // A packet that fails late has used up a number, one that fails early has not.
    ask_for_stamps();
    return Unexpected<Error>{send_failure(error, packet)};
}

void Injector::remember(std::uint64_t token, Instant now) {
    Pending& slot = pending_[next_id_ % memory];
    report(slot);  // whoever was never told of is not forgotten
    slot = {next_id_, true, {token, now, false}};
    ++next_id_;
    ++waiting_;
}

void Injector::report(Pending& slot) {
    if (!slot.waiting) {
        return;
    }
    slot.waiting = false;
    --waiting_;
    if (on_sent_) {
        on_sent_(slot.sent);
    }
}

void Injector::told(std::uint32_t id, Instant at) {
    Pending& slot = pending_[id % memory];
    if (slot.id == id) {
        slot.sent.at = at;
        slot.sent.kernel_timestamp = true;
        report(slot);
    }
}

bool Injector::read_told(const Alarm& alarm) {
    Message message;
    if (!read_error_queue(raw(), message)) {
        return false;
    }
    const Departure departure = read_departure(message, KernelClock{alarm});
    if (departure.id && departure.at) {
        told(*departure.id, *departure.at);
    }
    return true;
}

void Injector::drain(const Alarm& alarm) {
    if (!stamped_) {
        give_up(never);
        return;
    }
    while (read_told(alarm)) {
    }
}

void Injector::catch_up(const Alarm& alarm) {
    if (!stamped_) {
        give_up(never);
        return;
    }
    while (waiting() && read_told(alarm)) {
    }
}

void Injector::give_up(Instant limit) {
    for (Pending& slot : pending_) {
        if (slot.sent.at < limit) {
            report(slot);
        }
    }
}

}  // namespace tcpcraft
