#include <array>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <tests/kernel/differences/peer_wire.hpp>
#include <tests/support/namespace.hpp>

#include <libtcpcraft/base/error.hpp>
#include <libtcpcraft/wire/checksum.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::test {
namespace {

constexpr std::array<unsigned char, 6> kernels_card{2, 0, 0, 0, 0, 1};
constexpr std::size_t largest_packet = 65600;

void must(bool good, const std::string& what) {
    if (!good) {
        throw std::runtime_error{what + ": " + last_system_error().message()};
    }
}

void shell(const std::string& command) {
    must(std::system(("PATH=$PATH:/usr/sbin:/sbin; " + command).c_str()) == 0, command);
}

// The order of what the kernel does is the order of one processor's backlog.
void stay_on_one_processor() {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<unsigned>(sched_getcpu()), &here);
    must(sched_setaffinity(0, sizeof here, &here) == 0, "stay on one processor");
}

std::array<std::byte, 32> echo_request(std::uint32_t number) {
    std::array<std::byte, 32> packet{};
    const auto put16 = [&packet](std::size_t at, unsigned value) {
        packet[at] = std::byte(value >> 8);
        packet[at + 1] = std::byte(value & 0xffU);
    };
    const auto checksum = [&packet](std::size_t from, std::size_t size) {
        ChecksumSum sum;
        sum.add(std::span{packet}.subspan(from, size));
        return ~static_cast<unsigned>(sum.folded()) & 0xffffU;
    };
    packet[0] = std::byte{0x45};
    put16(2, packet.size());
    packet[8] = std::byte{64};
    packet[9] = std::byte{1};
    const Address from = PeerWire::peer(Family::v4);
    const Address to = PeerWire::kernel(Family::v4);
    std::memcpy(&packet[12], from.octets().data(), 4);
    std::memcpy(&packet[16], to.octets().data(), 4);
    put16(10, checksum(0, 20));
    packet[20] = std::byte{8};
    std::memcpy(&packet[28], &number, sizeof number);
    put16(22, checksum(20, 12));
    return packet;
}

}  // namespace

PeerWire::PeerWire() {
    if (const auto why = testing::enter_private_network()) {
        missing_ = *why;
        return;
    }
    stay_on_one_processor();
    tune();
    join();
    wait_for(Family::v4);
    wait_for(Family::v6);
}

Address PeerWire::kernel(Family family) {
    return Address::read(family == Family::v4 ? "10.79.0.1" : "fd79::1").value();
}

Address PeerWire::peer(Family family) {
    return Address::read(family == Family::v4 ? "10.79.0.2" : "fd79::2").value();
}

// What is left to chance or to the clock goes: each of these is an operator's choice.
void PeerWire::tune() const {
    const std::array<std::pair<const char*, const char*>, 12> choices{{
        {"tcp_invalid_ratelimit", "0"},
        {"tcp_early_retrans", "0"},
        {"tcp_recovery", "0"},
        {"tcp_comp_sack_nr", "0"},
        {"tcp_autocorking", "0"},
        {"tcp_fastopen", "0"},
        {"tcp_ecn", "0"},
        {"tcp_syncookies", "0"},
        {"tcp_no_metrics_save", "1"},
        {"tcp_moderate_rcvbuf", "0"},
        {"tcp_congestion_control", "reno"},
        {"ip_local_port_range", "61000 65000"},
    }};
    for (const auto& [name, value] : choices) {
        std::ofstream{std::string{"/proc/sys/net/ipv4/"} + name} << value;
    }
}

void PeerWire::join() {
    shell(
        "ip link add k0 address 02:00:00:00:00:01 type veth peer name p0 address "
        "02:00:00:00:00:02");
    std::ofstream{"/proc/sys/net/ipv6/conf/p0/disable_ipv6"} << "1";
    std::ofstream{"/proc/sys/net/ipv6/conf/k0/accept_dad"} << "0";
    shell("ip link set k0 up && ip link set p0 up");
    const std::string nobody = " lladdr 02:00:00:00:00:99 dev k0 nud permanent";
    for (const Family family : {Family::v4, Family::v6}) {
        shell("ip addr add " + kernel(family).text() + (family == Family::v4 ? "/24" : "/64") +
              " dev k0" + (family == Family::v4 ? "" : " nodad") + " && ip neigh replace " +
              peer(family).text() + nobody);
    }
    interface_ = static_cast<int>(if_nametoindex("p0"));
    packets_ = Descriptor{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    sockaddr_ll at{};
    at.sll_family = AF_PACKET;
    at.sll_protocol = htons(ETH_P_ALL);
    at.sll_ifindex = interface_;
    const int yes = 1;
    must(packets_.open() &&
             ::setsockopt(packets_.raw(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) ==
                 0 &&
             ::bind(packets_.raw(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0,
         "read packets");
}

// An interface that is up may still take a moment until its addresses answer.
void PeerWire::wait_for(Family family) {
    const Port closed{1};
    Segment stray;
    stray.source = closed;
    stray.destination = closed;
    stray.flags = {Flag::ack};
    for (int tries = 0; answers(closed, closed).empty(); ++tries) {
        must(tries < 2000, "no RST from a closed port");
        ::poll(nullptr, 0, tries == 0 ? 0 : 5);
        write(stray, family);
    }
}

void PeerWire::put(std::span<const std::byte> packet, bool v6) const {
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(v6 ? ETH_P_IPV6 : ETH_P_IP);
    to.sll_ifindex = interface_;
    to.sll_halen = kernels_card.size();
    std::memcpy(to.sll_addr, kernels_card.data(), kernels_card.size());
    must(::sendto(packets_.raw(), packet.data(), packet.size(), 0,
                  reinterpret_cast<const sockaddr*>(&to),
                  sizeof to) == static_cast<ssize_t>(packet.size()),
         "write a packet");
}

void PeerWire::write(const Segment& segment, Family family) const {
    Datagram datagram;
    datagram.ip.source = peer(family);
    datagram.ip.destination = kernel(family);
    datagram.segment = segment;
    put(serialize(datagram), family == Family::v6);
}

void PeerWire::ping() { put(echo_request(++pings_), false); }

bool PeerWire::is_the_pong(std::span<const std::byte> packet) const {
    const auto wanted = echo_request(pings_);
    return packet.size() >= wanted.size() && packet[9] == std::byte{1} &&
           packet[20] == std::byte{0} && std::memcmp(&packet[28], &wanted[28], 4) == 0;
}

std::vector<Heard> PeerWire::answers(Port kernels, Port ours) {
    ping();
    std::vector<Heard> heard;
    static std::vector<std::byte> buffer(largest_packet);
    for (;;) {
        const ssize_t size = ::recv(packets_.raw(), buffer.data(), buffer.size(), 0);
        if (size < 0) {
            pollfd waiting{packets_.raw(), POLLIN, 0};
            must(::poll(&waiting, 1, 60'000) == 1, "the kernel answers no ping");
            continue;
        }
        const auto packet = std::span{buffer}.first(static_cast<std::size_t>(size));
        if (is_the_pong(packet)) {
            return heard;
        }
        const auto datagram = parse(packet);
        if (datagram && datagram->segment.source == kernels &&
            datagram->segment.destination == ours) {
            heard.push_back(
                {datagram->segment, static_cast<std::uint32_t>(datagram->segment.payload.size())});
            heard.back().segment.payload = {};
        }
    }
}

}  // namespace tcpcraft::test
