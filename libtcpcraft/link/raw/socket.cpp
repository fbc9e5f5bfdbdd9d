#include <array>

#include <linux/filter.h>
#include <sys/socket.h>

#include <libtcpcraft/link/raw/socket.hpp>

namespace tcpcraft {

Expected<Descriptor> make_socket(int domain, int type, int protocol, const std::string& purpose) {
    Descriptor made{::socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)};
    if (made.open()) {
        return made;
    }
    const std::error_code code = last_system_error();
    if (code == std::errc::operation_not_permitted) {
        return failure(code, "cannot open the " + purpose +
                                 " socket (needs CAP_NET_RAW: run as root, or give the program "
                                 "cap_net_raw,cap_net_admin with setcap)");
    }
    return failure(code, "cannot open the " + purpose + " socket");
}

Expected<void> set_option(int fd, int level, int option, const void* value, std::size_t size,
                          const std::string& what) {
    if (::setsockopt(fd, level, option, value, static_cast<socklen_t>(size)) != 0) {
        return failure(last_system_error(), "cannot set " + what);
    }
    return {};
}

Expected<void> set_option(int fd, int level, int option, int value, const std::string& what) {
    return set_option(fd, level, option, &value, sizeof value, what);
}

Expected<void> bind_to_interface(int fd, const std::string& name) {
    if (name.empty()) {
        return {};
    }
    if (::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                     static_cast<socklen_t>(name.size() + 1)) != 0) {
        return failure(last_system_error(), "cannot use interface '" + name + "'");
    }
    return {};
}

Expected<void> drop_all(int fd) {
    std::array<sock_filter, 1> nothing{{{BPF_RET | BPF_K, 0, 0, 0}}};
    const sock_fprog program{static_cast<unsigned short>(nothing.size()), nothing.data()};
    return set_option(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program,
                      "the filter that drops everything");
}

}  // namespace tcpcraft
