// What is printed can be read, and is printed alike again.
#include <gtest/gtest.h>

#include <libtcpcraft/script/script.hpp>

namespace tcpcraft {

namespace {

constexpr std::string_view everything = R"(--ip_version=ipv4
--tolerance_usecs=7000
--tcp_ts_tick_usecs=1000
--local_ip=192.0.2.1
--bind_port=8080
--mtu=1400
--strict_segments
`echo setup`
0.000000 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0.010000...0.200000 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0.000000 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8>
+0.100000 < (ttl 3) 80 > 8080 S. 0:0(0) ack 1 win 5792 <mss 1460,nop,wscale 2>
+0.100000~+0.200000 > (ect0, tos 0x02) .UEWA 1:1(0) ack 1 win 7 urg 1 <...>
* > P. 1:*(*) ack *
0.100000~0.300000 > . *:*(0) <nop,nop,sack 1:2 5:9>
+0.000000 < P. 1:6(5)! ack 9! win 1 "a\"b\x01\n"
+0.500000 ~> R
+0.500000 ?> . 1:1(0) ack 2
+0.500000 ~> *
+0.000000 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]
+0.000000 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0
+0.000000 poll([{fd=3, events=POLLIN|POLLOUT, revents=0x1}], 1, -1) = 1
+0.000000 `ls`
+0.000000 %{ assert 1 == 1 }%
`echo cleanup`
)";

TEST(PrintScript, GivesTheCanonicalForm) {
    const auto read = read_script(everything);
    ASSERT_TRUE(read.has_value()) << read.error().text("script");
    EXPECT_EQ(script_text(*read), everything);
}

TEST(PrintScript, PrintsWhatWasReadInAnotherForm) {
    const auto read = read_script("# x\n+.5 < S 0:0(0) win 1 <mss 1, nop>\n1 close( 3 )=0 // y\n");
    ASSERT_TRUE(read.has_value()) << read.error().text("script");
    EXPECT_EQ(script_text(*read),
              "+0.500000 < S 0:0(0) win 1 <mss 1,nop>\n1.000000 close(3) = 0\n");
}

}  // namespace

}  // namespace tcpcraft
