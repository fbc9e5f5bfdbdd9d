#include <array>
#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/socket.h>

#include <libtcpcraft/guard/backends.hpp>
#include <libtcpcraft/guard/command.hpp>
#include <libtcpcraft/guard/liveness.hpp>
#include <libtcpcraft/guard/spawn.hpp>

namespace tcpcraft {

namespace {

// `nft -i` that reads its commands from us. When we end, however we do, it reads the end of its
// input, ends, and the kernel removes the tables that it owned.
class NftProcess {
public:
    [[nodiscard]] static Expected<NftProcess> start();
    NftProcess(NftProcess&& other) noexcept = default;
    NftProcess& operator=(NftProcess&&) = delete;
    NftProcess(const NftProcess&) = delete;
    NftProcess& operator=(const NftProcess&) = delete;
    ~NftProcess() { end(); }

    /// Sends it a line and waits until it has answered `list counters` of the table.
    [[nodiscard]] Expected<std::string> ask(const std::string& line, const std::string& table);
    /// Whether it has died, and its table with it.
    [[nodiscard]] bool gone() const noexcept;
    void end() noexcept;

private:
    NftProcess(Descriptor conversation, pid_t process) noexcept
        : conversation_{std::move(conversation)}, process_{process} {}
    [[nodiscard]] Expected<std::string> listen();
    void forget_late_answers() noexcept;

    Descriptor conversation_;
    pid_t process_;
};

Expected<NftProcess> NftProcess::start() {
    const Expected<std::string> path = find_program("nft");
    if (!path) {
        return Unexpected<Error>{path.error()};
    }
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return failure(last_system_error(), "make a pair of sockets for nft");
    }
    Descriptor ours{ends[0]};
    const Descriptor theirs{ends[1]};
    const Expected<pid_t> process =
        spawn({*path, {"nft", "-i"}, {theirs.raw(), theirs.raw(), theirs.raw()}, true});
    if (!process) {
        return Unexpected<Error>{process.error()};
    }
    return NftProcess{std::move(ours), *process};
}

bool is_whole_listing(const std::string& text) { return text.ends_with("\n}\n"); }

bool is_error(const std::string& text) {
    const auto error = text.find("Error:");
    return error != std::string::npos && text.find('\n', error) != std::string::npos;
}

Expected<std::string> NftProcess::listen() {
    constexpr int patience_ms = 10'000;
    std::string heard;
    std::array<char, 4096> buffer{};
    while (!is_whole_listing(heard) && !is_error(heard)) {
        pollfd waiting{conversation_.raw(), POLLIN, 0};
        const int ready = poll(&waiting, 1, patience_ms);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        const ssize_t size =
            ready > 0 ? recv(conversation_.raw(), buffer.data(), buffer.size(), 0) : -1;
        if (size <= 0) {
            return failure({}, "nft -i: " + std::string{ready > 0 ? "ended" : "does not answer"} +
                                   (heard.empty() ? "" : " (" + heard + ")"));
        }
        heard.append(buffer.data(), static_cast<std::size_t>(size));
    }
    if (is_error(heard)) {
        const std::string error = heard.substr(heard.find("Error:"));
        return failure({}, "nft: " + error.substr(0, error.find('\n')) +
                               "; needs CAP_NET_ADMIN and a kernel with nftables");
    }
    return heard;
}

// After an error the answer to the second command of a question may still come.
void NftProcess::forget_late_answers() noexcept {
    std::array<char, 4096> buffer{};
    while (recv(conversation_.raw(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
    }
}

Expected<std::string> NftProcess::ask(const std::string& line, const std::string& table) {
    forget_late_answers();
    const std::string text = line + "list counters table inet " + table + "\n";
    if (send(conversation_.raw(), text.data(), text.size(), MSG_NOSIGNAL) < 0) {
        return failure(last_system_error(), "talk to nft -i");
    }
    return listen();
}

bool NftProcess::gone() const noexcept { return ends_within(process_, std::chrono::seconds{0}); }

void NftProcess::end() noexcept {
    constexpr std::chrono::seconds patience{2};
    if (conversation_.open()) {
        conversation_.reset();
        if (!ends_within(process_, patience)) {
            kill(process_, SIGKILL);  // its table goes with it, however it ends
        }
        reap(process_);
    }
}

class NftGuard final : public RstGuard {
public:
    NftGuard(RstRule rule, Liveness liveness, NftProcess nft)
        : rule_{std::move(rule)}, liveness_{std::move(liveness)}, nft_{std::move(nft)} {}

    Expected<void> narrow(const Endpoint& remote) override {
        rule_.remote = remote;
        return nft_.ask(nft_replace(rule_), nft_table(rule_)).map([](const std::string&) {});
    }

    Expected<void> lower() override {
        static_cast<void>(dropped());
        lowered_ = true;
        nft_.end();
        return {};
    }

    Expected<void> standing() override {
        if (!lowered_ && nft_.gone()) {
            return failure({}, "the nft process that owned table inet " + nft_table(rule_) +
                                   " has ended, and the table went with it");
        }
        return {};
    }

    std::optional<std::uint64_t> dropped() override {
        if (!lowered_) {
            if (const auto listing = nft_.ask({}, nft_table(rule_))) {
                dropped_ = nft_packets(*listing);
            }
        }
        return dropped_;
    }

    [[nodiscard]] std::string description() const override {
        return "nft table inet " + nft_table(rule_) + " drops " + what_is_dropped(rule_);
    }

private:
    RstRule rule_;
    Liveness liveness_;
    NftProcess nft_;
    std::optional<std::uint64_t> dropped_{};
    bool lowered_{false};
};

}  // namespace

Expected<std::unique_ptr<RstGuard>> raise_nft_guard(RstRule rule) {
    std::optional<Liveness> liveness = Liveness::take_new();
    if (!liveness) {
        return failure(last_system_error(), "name the nftables table by an abstract unix socket");
    }
    rule.token = liveness->token();
    Expected<NftProcess> nft = NftProcess::start();
    if (!nft) {
        return Unexpected<Error>{nft.error()};
    }
    return nft->ask(nft_create(rule), nft_table(rule)).map([&](const std::string&) {
        return std::unique_ptr<RstGuard>{
            std::make_unique<NftGuard>(rule, std::move(*liveness), std::move(*nft))};
    });
}

}  // namespace tcpcraft
