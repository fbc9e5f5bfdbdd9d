#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtcpcraft/base/socket_address.hpp>
#include <libtcpcraft/sut/call_arguments.hpp>
#include <libtcpcraft/sut/socket_calls.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t largest_buffer = 64U << 20U;

std::string result_text(std::int64_t result, int error) {
    if (result >= 0 || error == 0) {
        return fmt::format("{}", result);
    }
    const char* name = ::strerrorname_np(error);
    return fmt::format("{} {} ({})", result, name == nullptr ? "E?" : name, std::strerror(error));
}

}  // namespace

struct SocketCalls::Made {
    std::int64_t result{-1};
    int error{0};
    std::string mismatch{};  ///< the result is right, but not what it gave
};

namespace {

/// One call with its real descriptor.
class Caller {
public:
    Caller(const ScriptCall& call, int fd, const SocketCalls::Places& places) noexcept
        : call_{call}, fd_{fd}, places_{places} {}

    std::int64_t make() {
        const std::string& name = call_.name;
        if (name == "socket") {
            return open();
        }
        if (name == "bind" || name == "connect") {
            return with_address(name == "bind");
        }
        if (name == "listen") {
            return ::listen(fd_, plain(1));
        }
        if (name == "accept") {
            return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        }
        if (name == "close") {
            return ::close(fd_);
        }
        if (name == "shutdown") {
            return ::shutdown(fd_, plain(1));
        }
        if (name == "fcntl") {
            return ::fcntl(fd_, plain(1), plain(2));
        }
        if (name == "setsockopt") {
            const auto value = option_octets(call_.arguments[3]);
            return ::setsockopt(fd_, plain(1), plain(2), value.data(),
                                static_cast<socklen_t>(value.size()));
        }
        if (name == "getsockopt") {
            return get_option();
        }
        return name == "ioctl" ? control() : transfer();
    }
    [[nodiscard]] const std::string& mismatch() const noexcept { return mismatch_; }

private:
    [[nodiscard]] static bool begins_with(const std::vector<std::byte>& got,
                                          const std::vector<std::byte>& wanted) {
        return wanted.size() <= got.size() && std::equal(wanted.begin(), wanted.end(), got.begin());
    }
    [[nodiscard]] int plain(std::size_t index) const {
        return static_cast<int>(number_at(call_, index));
    }

    std::int64_t open() {
        const int usual = places_.bind.address.is_v6() ? AF_INET6 : AF_INET;
        return ::socket(static_cast<int>(number_at(call_, 0, usual)), plain(1) | SOCK_CLOEXEC,
                        plain(2));
    }
    std::int64_t with_address(bool bind) {
        const auto address = SocketAddress::of(bind ? places_.bind : places_.connect);
        return bind ? ::bind(fd_, address.generic(), address.size)
                    : ::connect(fd_, address.generic(), address.size);
    }
    std::int64_t get_option() {
        std::vector<std::byte> got(256);
        auto size = static_cast<socklen_t>(got.size());
        const int result = ::getsockopt(fd_, plain(1), plain(2), got.data(), &size);
        const auto wanted = option_octets(call_.arguments[3]);
        got.resize(std::min<std::size_t>(size, got.size()));
        if (result == 0 && !begins_with(got, wanted)) {
            got.resize(std::max(got.size(), sizeof(int)));
            int number = 0;
            std::memcpy(&number, got.data(), sizeof number);
            mismatch_ = fmt::format("0, and the value {}", number);
        }
        return result;
    }
    std::int64_t control() {
        int value = 0;
        const int result = ::ioctl(fd_, static_cast<unsigned long>(number_at(call_, 1)), &value);
        const auto wanted = option_octets(call_.arguments[2]);
        if (result == 0 && wanted.size() == sizeof value &&
            std::memcmp(wanted.data(), &value, sizeof value) != 0) {
            mismatch_ = fmt::format("{}, and the value {}", result, value);
        }
        return result;
    }
    std::int64_t transfer() {
        const auto size = static_cast<std::size_t>(number_at(call_, 2));
        std::vector<std::byte> buffer(std::min(size, largest_buffer));
        const ScriptValue& text = call_.arguments[1];
        if (text.kind == ScriptValue::Kind::string) {
            std::transform(text.text.begin(),
                           text.text.begin() + static_cast<std::ptrdiff_t>(
                                                   std::min(text.text.size(), buffer.size())),
                           buffer.begin(), [](char c) { return static_cast<std::byte>(c); });
        }
        if (call_.name == "read") {
            return ::read(fd_, buffer.data(), buffer.size());
        }
        if (call_.name == "write") {
            return ::write(fd_, buffer.data(), buffer.size());
        }
        if (call_.name == "recv" || call_.name == "recvfrom") {
            return ::recv(fd_, buffer.data(), buffer.size(), plain(3));
        }
        const bool addressed = call_.name == "sendto" && plain(5) != 0;
        const auto address = SocketAddress::of(places_.connect);
        return ::sendto(fd_, buffer.data(), buffer.size(), plain(3) | MSG_NOSIGNAL,
                        addressed ? address.generic() : nullptr, addressed ? address.size : 0);
    }

    const ScriptCall& call_;
    int fd_;
    const SocketCalls::Places& places_;
    std::string mismatch_{};
};

}  // namespace

SocketCalls::~SocketCalls() {
    for (const auto& [of_script, real] : descriptors_) {
        ::close(real);
    }
}

SocketCalls::Made SocketCalls::make(const ScriptCall& call) {
    Made made;
    if (call.name == "poll") {
        std::vector<pollfd> polled;
        for (const ScriptValue& one : call.arguments[0].parts) {
            const auto known = descriptors_.find(member_number(one, "fd").value_or(-1));
            polled.push_back({known == descriptors_.end() ? -1 : known->second,
                              static_cast<short>(member_number(one, "events").value_or(0)), 0});
        }
        made.result = ::poll(polled.data(), polled.size(), static_cast<int>(number_at(call, 2)));
        made.error = errno;
        for (std::size_t i = 0; i < polled.size(); ++i) {
            const auto wanted = member_number(call.arguments[0].parts[i], "revents");
            if (wanted && *wanted != polled[i].revents) {
                made.mismatch = fmt::format("{}, and revents={:#x}", made.result,
                                            static_cast<unsigned>(polled[i].revents));
            }
        }
        return made;
    }
    const auto known = descriptors_.find(number_at(call, 0, -1));
    const int fd = known == descriptors_.end() ? -1 : known->second;
    Caller caller{call, fd, places_};
    made.result = caller.make();
    made.error = errno;
    made.mismatch = caller.mismatch();
    if (call.name == "close" && known != descriptors_.end()) {
        descriptors_.erase(known);
    }
    if ((call.name == "socket" || call.name == "accept") && made.result >= 0) {
        const std::int64_t named = number_of(call.result).value_or(made.result);
        descriptors_[named] = static_cast<int>(made.result);
        made.result = named < 0 ? made.result : named;
    }
    return made;
}

CallOutcome SocketCalls::perform(const ScriptCall& call) {
    const Made made = make(call);
    CallOutcome outcome{.got = made.mismatch.empty() ? result_text(made.result, made.error)
                                                     : made.mismatch};
    const auto wanted = number_of(call.result);
    const char* name = made.result < 0 ? ::strerrorname_np(made.error) : nullptr;
    outcome.as_expected = made.mismatch.empty() && (!wanted || *wanted == made.result) &&
                          (call.error.empty() || (name != nullptr && call.error == name));
    return outcome;
}

}  // namespace tcpcraft
