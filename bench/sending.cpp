// Sends the same SYN many times and says what each took of this thread's processor time:
//   sending HOW SOURCE DESTINATION COUNT      HOW: ring (RingLink), sendto (a raw socket), libnet
// What bench/sending.py compares; the segments that leave are the same octet for octet.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <libnet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <libtcpcraft/link/raw/ring_link.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace {

using namespace tcpcraft;

template <typename T>
T must(Expected<T> made) {
    if (!made) {
        std::fprintf(stderr, "sending: %s\n", made.error().message().c_str());
        std::exit(4);
    }
    return std::move(*made);
}

double processor_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Work {
    Address source{};
    Address destination{};
    std::vector<std::byte> octets{};
    std::size_t count{0};
};

double by_ring(const Work& work) {
    Runtime runtime = must(Runtime::create());
    RawLinkOptions where;
    where.scopes = {CaptureScope{{work.source, Port{2000}}, {}, {}}};
    where.escaped_resets = false;
    const auto link = must(RingLink::open(runtime, where));
    const std::vector<Outgoing> batch(64, Outgoing{work.octets, work.destination, 0});
    const auto send = [&] {
        if (!link->transmit(batch)) {
            std::exit(4);
        }
    };
    send();
    runtime.run_for(std::chrono::milliseconds{50});  // the neighbour is known then
    const double before = processor_time();
    for (std::size_t i = 0; i < work.count; i += batch.size()) {
        send();
    }
    return processor_time() - before;
}

double by_sendto(const Work& work) {
    const int fd = ::socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, work.destination.octets().data(), 4);
    const double before = processor_time();
    for (std::size_t i = 0; i < work.count; ++i) {
        if (::sendto(fd, work.octets.data(), work.octets.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0) {
            std::exit(4);
        }
    }
    return processor_time() - before;
}

double by_libnet(const Work& work) {
    std::array<char, LIBNET_ERRBUF_SIZE> why{};
    libnet_t* libnet = ::libnet_init(LIBNET_RAW4, nullptr, why.data());
    if (libnet == nullptr) {
        std::exit(4);
    }
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::memcpy(&from, work.source.octets().data(), 4);
    std::memcpy(&to, work.destination.octets().data(), 4);
    libnet_ptag_t tcp = 0;
    libnet_ptag_t ip = 0;
    const double before = processor_time();
    for (std::size_t i = 0; i < work.count; ++i) {
        tcp = ::libnet_build_tcp(2000, 8080, 1, 0, TH_SYN, 65535, 0, 0, LIBNET_TCP_H, nullptr, 0,
                                 libnet, tcp);
        ip = ::libnet_build_ipv4(LIBNET_IPV4_H + LIBNET_TCP_H, 0, 0, IP_DF, 64, IPPROTO_TCP, 0,
                                 from, to, nullptr, 0, libnet, ip);
        if (::libnet_write(libnet) < 0) {
            std::exit(4);
        }
    }
    const double took = processor_time() - before;
    ::libnet_destroy(libnet);
    return took;
}

Work work_of(char** argv) {
    Datagram datagram;
    datagram.ip.source = must(Address::read(argv[2]));
    datagram.ip.destination = must(Address::read(argv[3]));
    datagram.segment.source = Port{2000};
    datagram.segment.destination = Port{8080};
    datagram.segment.seq = Seq{1};
    datagram.segment.flags = Flags{Flag::syn};
    datagram.segment.wnd = 65535;
    return {datagram.ip.source, datagram.ip.destination, serialize(datagram),
            std::strtoul(argv[4], nullptr, 10)};
}

}  // namespace

int main(int argc, char** argv) {
    const std::map<std::string, double (*)(const Work&)> ways{
        {"ring", by_ring}, {"sendto", by_sendto}, {"libnet", by_libnet}};
    const auto way = argc == 5 ? ways.find(argv[1]) : ways.end();
    if (way == ways.end()) {
        std::fprintf(stderr, "usage: sending ring|sendto|libnet SOURCE DESTINATION COUNT\n");
        return 2;
    }
    const Work work = work_of(argv);
    std::printf("%.1f\n", way->second(work) / static_cast<double>(work.count));
}
