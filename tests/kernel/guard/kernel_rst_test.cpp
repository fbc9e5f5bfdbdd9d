// The kernel's RST itself, on lo of a private network: a SYN from a port that no kernel connection
// has draws a SYN,ACK from a listener, and that draws the kernel's RST (RFC 9293 §3.10.7.1).
#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <tests/support/namespace.hpp>
#include <unistd.h>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>

namespace tcpcraft::testing {
namespace {

constexpr std::uint16_t closed_port = 9;
constexpr std::uint16_t marker_port = 50000;

struct Seen {
    std::uint16_t source{0};
    std::uint16_t destination{0};
    bool rst{false};
};

std::uint32_t sum_of(const std::byte* octets, std::size_t size) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < size; i += 2) {
        sum += (std::to_integer<std::uint32_t>(octets[i]) << 8U) +
               std::to_integer<std::uint32_t>(octets[i + 1]);
    }
    return sum;
}

/// A raw TCP socket on loopback: sends bare headers, and sees every segment that arrives there.
class Wire {
public:
    explicit Wire(const Address& loopback)
        : loopback_{loopback}, socket_{::socket(family(), SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP)} {
        EXPECT_TRUE(socket_.open());
    }

    void send(std::uint16_t from, std::uint16_t to, std::uint8_t flags) {
        tcphdr header{};
        header.source = htons(from);
        header.dest = htons(to);
        header.seq = htonl(1000);
        header.doff = 5;
        header.th_flags = flags;
        header.window = htons(1000);
        header.check = checksum(header);
        const auto target = destination();
        EXPECT_EQ(sendto(socket_.raw(), &header, sizeof header, 0,
                         reinterpret_cast<const sockaddr*>(&target),
                         loopback_.is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in)),
                  static_cast<ssize_t>(sizeof header));
    }

    /// The next segment; none when there is none for a long time.
    std::optional<Seen> next() {
        pollfd waiting{socket_.raw(), POLLIN, 0};
        std::array<std::byte, 2048> packet{};
        if (poll(&waiting, 1, 10'000) != 1) {
            return std::nullopt;
        }
        EXPECT_GT(recv(socket_.raw(), packet.data(), packet.size(), 0), 0);
        // IPv4 comes with its header, IPv6 without.
        const std::size_t skip =
            loopback_.is_v6() ? 0 : (std::to_integer<std::size_t>(packet[0]) & 0xfU) * 4;
        tcphdr header{};
        std::memcpy(&header, packet.data() + skip, sizeof header);
        return Seen{ntohs(header.source), ntohs(header.dest), header.rst != 0};
    }

    /// Whether an RST from that port passed before the kernel answered a segment sent just now.
    bool saw_rst_from(std::uint16_t port) {
        send(marker_port, closed_port, TH_SYN);
        bool saw = false;
        while (const std::optional<Seen> seen = next()) {
            if (seen->rst && seen->source == closed_port && seen->destination == marker_port) {
                return saw;
            }
            saw = saw || (seen->rst && seen->source == port);
        }
        ADD_FAILURE() << "a closed port does not answer RST";
        return saw;
    }

private:
    [[nodiscard]] int family() const { return loopback_.is_v6() ? AF_INET6 : AF_INET; }

    [[nodiscard]] sockaddr_storage destination() const {
        sockaddr_storage storage{};
        if (loopback_.is_v6()) {
            sockaddr_in6 v6{};
            v6.sin6_family = AF_INET6;
            v6.sin6_addr = in6addr_loopback;
            std::memcpy(&storage, &v6, sizeof v6);
        } else {
            sockaddr_in v4{};
            v4.sin_family = AF_INET;
            v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            std::memcpy(&storage, &v4, sizeof v4);
        }
        return storage;
    }

    [[nodiscard]] std::uint16_t checksum(const tcphdr& header) const {
        std::array<std::byte, sizeof header> octets{};
        std::memcpy(octets.data(), &header, sizeof header);
        const auto address = loopback_.octets();
        std::uint32_t sum = 2 * sum_of(address.data(), address.size()) + IPPROTO_TCP +
                            static_cast<std::uint32_t>(sizeof header) +
                            sum_of(octets.data(), octets.size());
        sum = (sum & 0xffffU) + (sum >> 16U);
        sum = (sum & 0xffffU) + (sum >> 16U);
        return htons(static_cast<std::uint16_t>(~sum));
    }

    Address loopback_;
    Descriptor socket_;
};

struct Case {
    const char* name;
    GuardBackend backend;
    const char* iptables;
    const char* loopback;
    bool counts;
};

class KernelRstTest : public ::testing::TestWithParam<Case> {
protected:
    void SetUp() override {
        if (const auto why = enter_private_network()) {
            GTEST_SKIP() << *why;
        }
        setenv("TCPCRAFT_IPTABLES", GetParam().iptables, 1);
        loopback_ = Address::read(GetParam().loopback).value();
        // Listening without bind(): on a port that the kernel picks.
        server_ = Descriptor{
            ::socket(loopback_.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        ASSERT_EQ(listen(server_.raw(), 16), 0);
        server_port_ = port_of(server_.raw());
    }
    void TearDown() override { unsetenv("TCPCRAFT_IPTABLES"); }

    static std::uint16_t port_of(int socket) {
        sockaddr_in6 bound{};
        socklen_t size = sizeof bound;
        getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
        return ntohs(bound.sin6_port);  // at the same place in sockaddr_in
    }

    Address loopback_;
    Descriptor server_;
    std::uint16_t server_port_{0};
};

INSTANTIATE_TEST_SUITE_P(
    Way, KernelRstTest,
    ::testing::Values(
        Case{"nf_tables_v4", GuardBackend::iptables, "iptables-nft", "127.0.0.1", true},
        Case{"nf_tables_v6", GuardBackend::iptables, "iptables-nft", "::1", true},
        Case{"legacy_v4", GuardBackend::iptables, "iptables-legacy", "127.0.0.1", true},
        Case{"legacy_v6", GuardBackend::iptables, "iptables-legacy", "::1", true},
        Case{"nft_v4", GuardBackend::nft, "iptables", "127.0.0.1", true},
        Case{"nft_v6", GuardBackend::nft, "iptables", "::1", true},
        Case{"socket_v4", GuardBackend::socket, "iptables", "127.0.0.1", false},
        Case{"socket_v6", GuardBackend::socket, "iptables", "::1", false}),
    [](const ::testing::TestParamInfo<Case>& each) { return std::string{each.param.name}; });

TEST_P(KernelRstTest, kernel_rst_is_held_back_and_counted_and_ours_passes) {
    auto lease = PortLease::take({loopback_, Port{0}});
    ASSERT_TRUE(lease);
    const std::uint16_t port = lease->local().port.value;
    Wire wire{loopback_};

    wire.send(port, server_port_, TH_SYN);
    EXPECT_TRUE(wire.saw_rst_from(port)) << "without a guard the kernel must be seen to reset";

    GuardRequest request;
    request.backend = GetParam().backend;
    request.local = loopback_;
    request.first = lease->local().port;
    request.remote = Endpoint{loopback_, Port{server_port_}};
    request.lease = &*lease;
    auto guard = RstGuard::raise(request);
    ASSERT_TRUE(guard) << guard.error().message();
    wire.send(port, server_port_, TH_SYN);
    EXPECT_FALSE(wire.saw_rst_from(port)) << "the guard let the kernel's RST through";
    if (GetParam().counts) {
        EXPECT_EQ((*guard)->dropped(), 1U);
    } else {
        EXPECT_EQ((*guard)->dropped(), std::nullopt);
    }

    wire.send(port, server_port_, TH_RST);
    EXPECT_TRUE(wire.saw_rst_from(port)) << "our own RST must pass";

    ASSERT_TRUE((*guard)->lower());
    if (GetParam().counts) {
        EXPECT_EQ((*guard)->dropped(), 1U) << "the evidence outlasts the rule";
    }
}

TEST_P(KernelRstTest, counter_goes_on_over_narrowing) {
    auto lease = PortLease::take({loopback_, Port{0}});
    ASSERT_TRUE(lease);
    const std::uint16_t port = lease->local().port.value;
    Wire wire{loopback_};
    GuardRequest request{GetParam().backend, loopback_, lease->local().port, {}, {}, &*lease};
    auto guard = RstGuard::raise(request);
    ASSERT_TRUE(guard) << guard.error().message();
    wire.send(port, server_port_, TH_SYN);
    EXPECT_FALSE(wire.saw_rst_from(port));
    wire.send(port, server_port_, TH_RST);
    ASSERT_TRUE((*guard)->narrow({loopback_, Port{server_port_}}));
    wire.send(port, server_port_, TH_SYN);
    static_cast<void>(wire.saw_rst_from(port));
    if (GetParam().counts) {
        EXPECT_EQ((*guard)->dropped(), 2U);
    }
}

}  // namespace
}  // namespace tcpcraft::testing
