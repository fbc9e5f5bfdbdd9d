#include <algorithm>

#include <sys/random.h>

#include <libtcpcraft/engine/iss.hpp>
#include <libtcpcraft/host/setup.hpp>

namespace tcpcraft {

namespace {

/// A value at random, from the kernel. Zero where it has none to give.
template <typename T>
[[nodiscard]] T drawn() {
    T value{};
    if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
        value = T{};
    }
    return value;
}

}  // namespace

std::uint16_t mss_of(Family family, std::uint32_t mtu) noexcept {
    const std::uint32_t headers = family == Family::v4 ? 40 : 60;
    const std::uint32_t usable = std::min<std::uint32_t>(mtu, 65535);  // lo has an MTU of 65536
    return static_cast<std::uint16_t>(usable > headers ? usable - headers : 0);
}

Options usual_syn_options(Family family, std::uint32_t mtu) {
    Options list;
    list.append(MaximumSegmentSize{mss_of(family, mtu)});
    list.append(SackPermitted{});
    list.append(Timestamps{});
    list.append(NoOperation{});
    list.append(WindowScale{7});
    return list;
}

Policy usual_policy(Family family, std::uint32_t mtu) {
    Policy policy;
    policy.rcv_wnd = 64240;
    policy.syn_options = usual_syn_options(family, mtu);
    policy.isn_key = IsnKey{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}};
    return policy;
}

Policy usual_policy(const Host& host) {
    return usual_policy(host.local().address.family(), host.mtu());
}

ConnectionSetup connection_setup(const ConnectionId& id, const Policy& policy, Instant now) {
    ConnectionSetup made;
    made.id = id;
    made.policy = policy;
    made.iss = initial_sequence_number(id, policy.isn_key, now);
    made.timestamp_offset = drawn<std::uint32_t>();
    return made;
}

ConnectionSetup connection_setup(Host& host, const Policy& policy, std::size_t index) {
    ConnectionId id{host.local(), host.remote().value_or(Endpoint{})};
    if (!host.remote()) {
        ConnectionSetup made = connection_setup(id, policy, host.alarm().now());
        made.passive = true;
        made.iss.reset();  // chosen when the SYN has come
        return made;
    }
    id.local.port.value = static_cast<std::uint16_t>(id.local.port.value + index);
    return connection_setup(id, policy, host.alarm().now());
}

}  // namespace tcpcraft
