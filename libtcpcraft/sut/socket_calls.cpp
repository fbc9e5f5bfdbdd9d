#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtcpcraft/base/socket_address.hpp>
#include <libtcpcraft/sut/socket_calls.hpp>

namespace tcpcraft {

namespace {

using Kind = ScriptValue::Kind;

constexpr std::size_t largest_buffer = 64U << 20U;

/// The number that a value stands for; nothing where it is none.
std::optional<std::int64_t> number_of(const ScriptValue& value) {
    if (value.kind == Kind::number) {
        return value.number;
    }
    if (value.kind == Kind::symbol) {
        return symbol(value.text);
    }
    if (value.kind != Kind::either) {
        return std::nullopt;
    }
    std::int64_t sum = 0;
    for (const ScriptValue& part : value.parts) {
        const auto bits = number_of(part);
        if (!bits) {
            return std::nullopt;
        }
        sum |= *bits;
    }
    return sum;
}

std::int64_t number_at(const ScriptCall& call, std::size_t index, std::int64_t otherwise = 0) {
    return index < call.arguments.size() ? number_of(call.arguments[index]).value_or(otherwise)
                                         : otherwise;
}

/// `{fd=3, events=POLLIN}`: what stands behind `name=`.
const ScriptValue* member(const ScriptValue& structure, std::string_view name) {
    for (const ScriptValue& part : structure.parts) {
        if (part.kind == Kind::named && part.parts.front().text == name) {
            return &part.parts.back();
        }
    }
    return nullptr;
}

std::optional<std::int64_t> member_number(const ScriptValue& structure, std::string_view name) {
    const ScriptValue* found = member(structure, name);
    return found == nullptr ? std::nullopt : number_of(*found);
}

/// The octets of an option's value: [1], {onoff=1, linger=0}, "cubic".
std::vector<std::byte> option_octets(const ScriptValue& value) {
    std::vector<std::byte> made;
    const auto put = [&made](std::int64_t number) {
        const int plain = static_cast<int>(number);
        std::array<std::byte, sizeof plain> octets{};
        std::memcpy(octets.data(), &plain, sizeof plain);
        made.insert(made.end(), octets.begin(), octets.end());
    };
    if (value.kind == Kind::string) {
        std::ranges::transform(value.text, std::back_inserter(made),
                               [](char c) { return static_cast<std::byte>(c); });
    } else if (value.kind == Kind::structure) {
        put(member_number(value, "onoff").value_or(0));
        put(member_number(value, "linger").value_or(0));
    } else if (value.kind == Kind::list && !value.parts.empty()) {
        put(number_of(value.parts.front()).value_or(0));
    }
    return made;
}

/// Calls, and how many arguments each has.
struct Known {
    std::string_view name{};
    std::size_t arguments{0};
};
constexpr std::array<Known, 18> known_calls{{{"socket", 3},
                                             {"bind", 3},
                                             {"listen", 2},
                                             {"accept", 3},
                                             {"connect", 3},
                                             {"read", 3},
                                             {"recv", 4},
                                             {"write", 3},
                                             {"send", 4},
                                             {"sendto", 6},
                                             {"recvfrom", 6},
                                             {"close", 1},
                                             {"shutdown", 2},
                                             {"setsockopt", 5},
                                             {"getsockopt", 5},
                                             {"fcntl", 0},
                                             {"ioctl", 3},
                                             {"poll", 3}}};

// Symbols that stand for what is no number here are found before anything is done.
const ScriptValue* unknown_symbol(const ScriptValue& value) {
    if (value.kind == Kind::symbol) {
        return symbol(value.text) ? nullptr : &value;
    }
    const bool named = value.kind == Kind::named;
    for (std::size_t i = named ? 1 : 0; i < value.parts.size(); ++i) {
        if (const auto* found = unknown_symbol(value.parts[i])) {
            return found;
        }
    }
    return nullptr;
}

// Other requests of ioctl() read and write more than one number, each as much as it likes.
bool gives_one_number(const ScriptCall& call) {
    const auto request = number_of(call.arguments[1]);
    return request == SIOCINQ || request == SIOCOUTQ;
}

std::optional<ScriptError> mistake_in(const ScriptCall& call, ScriptPlace at) {
    const auto found = std::ranges::find(known_calls, call.name, &Known::name);
    if (found == known_calls.end()) {
        return ScriptError{at, fmt::format("the call {}() cannot be made here", call.name)};
    }
    if (found->arguments != 0 && found->arguments != call.arguments.size()) {
        return ScriptError{at, fmt::format("{}() has {} arguments, not {}", call.name,
                                           found->arguments, call.arguments.size())};
    }
    for (const ScriptValue& argument : call.arguments) {
        if (const auto* strange = unknown_symbol(argument)) {
            return ScriptError{strange->at, fmt::format("'{}' is not known (--define {}=NUMBER)",
                                                        strange->text, strange->text)};
        }
    }
    if (call.name == "ioctl" && !gives_one_number(call)) {
        return ScriptError{call.arguments[1].at,
                           "of ioctl() SIOCINQ and SIOCOUTQ can be made here"};
    }
    return std::nullopt;
}

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
        if (text.kind == Kind::string) {
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

std::optional<ScriptError> SocketCalls::cannot_make(const Script& script) {
    for (const ScriptEvent& event : script.events) {
        if (const auto* call = std::get_if<ScriptCall>(&event.what)) {
            if (auto mistake = mistake_in(*call, event.at)) {
                return mistake;
            }
        }
    }
    return std::nullopt;
}

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
