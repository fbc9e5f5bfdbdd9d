#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/host/holding.hpp>

namespace tcpcraft {

namespace {

constexpr int attempts_at_a_range = 32;

Expected<std::vector<PortLease>> take_from(const Endpoint& first, std::size_t count) {
    std::vector<PortLease> taken;
    for (Endpoint next = first; taken.size() < count; ++next.port.value) {
        auto lease = PortLease::take(next);
        if (!lease) {
            return Unexpected<Error>{lease.error()};
        }
        next.port = lease->local().port;
        taken.push_back(std::move(*lease));
        if (next.port.value == 65535 && taken.size() < count) {
            return failure(std::make_error_code(std::errc::address_in_use),
                           fmt::format("no {} ports from {} on", count, first.port.value));
        }
    }
    return taken;
}

}  // namespace

Expected<std::vector<PortLease>> take_ports(const Endpoint& first, std::size_t count) {
    if (count == 0) {
        return failure(std::make_error_code(std::errc::invalid_argument), "take no ports at all");
    }
    auto taken = take_from(first, count);
    for (int i = 1; first.port.value == 0 && !taken && i < attempts_at_a_range; ++i) {
        taken = take_from(first, count);
    }
    return taken;
}

RuleSide side_of(const Holding& hold, GuardBackend backend) noexcept {
    const bool by_rule = backend == GuardBackend::iptables || backend == GuardBackend::nft;
    return by_rule && hold.by_frames ? RuleSide::arrivals : RuleSide::departures;
}

std::vector<HeldPorts> ranges_of(Holding& hold) {
    std::vector<HeldPorts> ranges;
    if (hold.range) {
        for (const Address& source : hold.sources) {
            ranges.push_back({{source, hold.range->first()}, hold.range->last(), nullptr});
        }
        return ranges;
    }
    std::vector<std::size_t> begins = hold.origins;
    if (hold.server()) {
        for (std::size_t i = 0; i < hold.leases.size(); ++i) {
            begins.push_back(i);
        }
    } else if (begins.empty()) {
        begins.push_back(0);
    }
    begins.push_back(hold.leases.size());
    for (std::size_t i = 1; i < begins.size(); ++i) {
        PortLease& first = hold.leases[begins[i - 1]];
        ranges.push_back({first.local(), hold.leases[begins[i] - 1].local().port, &first});
    }
    return ranges;
}

std::vector<GuardRequest> guard_requests(Holding& hold, GuardBackend backend) {
    std::vector<GuardRequest> requests;
    const auto add = [&](const HeldPorts& ports) {
        GuardRequest request;
        request.backend = backend;
        request.local = ports.first.address;
        request.first = ports.first.port;
        request.last = ports.last;
        request.remote = hold.remote;
        request.lease = ports.lease;
        request.side = side_of(hold, backend);
        requests.push_back(request);
    };
    if (backend == GuardBackend::socket) {
        for (PortLease& lease : hold.leases) {
            add({lease.local(), lease.local().port, &lease});
        }
        return requests;
    }
    std::ranges::for_each(ranges_of(hold), add);
    return requests;
}

}  // namespace tcpcraft
