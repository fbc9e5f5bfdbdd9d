#include <array>
#include <variant>

#include <tests/support/packed_crowd.hpp>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::test {

namespace {

constexpr std::size_t ports = 50'000;

// 198.18.0.0/15 (RFC 2544) and 2001:db8::/32 (RFC 3849): nobody's.
Endpoint end_of(std::size_t number, Family family) {
    const auto last = static_cast<std::byte>(2 + number / ports);
    const Port port{static_cast<std::uint16_t>(10'000 + number % ports)};
    if (family == Family::v4) {
        return {Address::v4(std::array{std::byte{198}, std::byte{18}, std::byte{0}, last}), port};
    }
    std::array<std::byte, 16> octets{std::byte{0x20}, std::byte{0x01}, std::byte{0x0d},
                                     std::byte{0xb8}};
    octets.back() = last;
    return {Address::v6(octets), port};
}

}  // namespace

PackedCrowd::PackedCrowd(Link& link, Alarm& alarm, Endpoint server, std::size_t clients)
    : link_{link}, alarm_{alarm}, clients_{HashKey{1, 2}} {
    for (std::size_t number = 0; number < clients; ++number) {
        indices_.push_back(clients_.insert({end_of(number, server.address.family()), server}));
    }
    link_.on_arrivals([this](std::span<const Arrival> arrivals) {
        for (const Arrival& arrival : arrivals) {
            arrives(arrival);
        }
    });
}

PackedCrowd::~PackedCrowd() { link_.on_arrivals({}); }

void PackedCrowd::come() {
    const std::uint32_t index = indices_.at(came_++);
    step(index, ActiveOpen{.id = clients_.id(index)});
}

void PackedCrowd::arrives(const Arrival& arrival) {
    const auto datagram = parse(arrival.octets, arrival.checksum_ready);
    if (!datagram || datagram->checksum != Checksum::ok) {
        return;
    }
    const Segment& segment = datagram->segment;
    const std::uint32_t index = clients_.find(
        {{datagram->ip.destination, segment.destination}, {datagram->ip.source, segment.source}});
    if (index == clients_.none) {
        return;
    }
    clients_[index].heard += clients_[index].tcb.state == State::established ? 1U : 0U;
    step(index, SegmentArrives{segment, datagram->ip.source, datagram->ip.destination});
}

void PackedCrowd::step(std::uint32_t index, const Event& event) {
    const ConnectionId id = clients_.id(index);
    actions_.clear();
    const Tcb tcb =
        advance(unpack(clients_[index].tcb, id), event, alarm_.now(), policy_, actions_);
    clients_[index].tcb = pack(tcb).value();
    for (const Action& action : actions_) {
        if (const auto* out = std::get_if<Transmit>(&action)) {
            const Datagram leaving{
                .ip = {.source = id.local.address, .destination = id.remote.address},
                .segment = out->segment};
            const Outgoing packet{.octets = serialize_into(scratch_, leaving),
                                  .destination = id.remote.address};
            (void)link_.transmit({&packet, 1});
        }
    }
}

}  // namespace tcpcraft::test
