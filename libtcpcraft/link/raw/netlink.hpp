#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft {

/// A structure at the start of octets that may be too short for it.
template <typename T>
[[nodiscard]] std::optional<T> take_as(std::span<const std::byte> octets) {
    if (octets.size() < sizeof(T)) {
        return std::nullopt;
    }
    T value{};
    std::memcpy(&value, octets.data(), sizeof value);
    return value;
}

/// A request of rtnetlink, written piece by piece.
class NetlinkRequest {
public:
    NetlinkRequest(std::uint16_t type, std::uint16_t flags);

    template <typename T>
    NetlinkRequest& append(const T& value) {
        append_octets(std::as_bytes(std::span{&value, 1}));
        return *this;
    }
    NetlinkRequest& attribute(std::uint16_t type, std::span<const std::byte> value);
    [[nodiscard]] std::vector<std::byte> finish() &&;

private:
    void append_octets(std::span<const std::byte> octets);

    nlmsghdr header_{};
    std::vector<std::byte> octets_{};
};

using EachAttribute = std::function<void(std::uint16_t type, std::span<const std::byte> value)>;
/// The attributes in `octets`, up to the first that does not fit.
void each_attribute(std::span<const std::byte> octets, const EachAttribute& call);
/// Four octets or sixteen.
[[nodiscard]] std::optional<Address> address_in(std::span<const std::byte> value);

using EachMessage = std::function<void(const nlmsghdr& header, std::span<const std::byte> body)>;
/// The messages of one datagram, up to the first that does not fit.
void each_message(std::span<const std::byte> octets, const EachMessage& call);

/// Questions to rtnetlink.
class Netlink {
public:
    /// `groups` of notifications (RTMGRP_...), 0 for none.
    [[nodiscard]] static Expected<Netlink> open(std::uint32_t groups = 0);
    [[nodiscard]] int raw() const noexcept { return socket_.raw(); }

    /// All messages of the answer to a dump, or the one of a get. An error names the question.
    [[nodiscard]] Expected<void> ask(std::span<const std::byte> request, const EachMessage& call,
                                     const char* about);
    /// What has come uncalled for. False: some of it was lost for lack of room.
    [[nodiscard]] bool drain(const EachMessage& call);

private:
    explicit Netlink(Descriptor socket);

    Descriptor socket_;
    std::vector<std::byte> buffer_;
};

}  // namespace tcpcraft
