#include <array>
#include <charconv>
#include <csignal>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <libtcpcraft/guard/capability_sets.hpp>
#include <libtcpcraft/guard/guardian.hpp>
#include <libtcpcraft/guard/spawn.hpp>

namespace tcpcraft {

namespace {

using std::chrono::seconds;

// Longer than an iptables that waits for its lock (5 s) and than 200 that start at once.
constexpr seconds patience{45};
// Then it goes on by itself, and we can end.
constexpr seconds patience_at_the_end{30};

void close_all_but(int one, int other) noexcept {
    const auto low = static_cast<unsigned>(std::min(one, other));
    const auto high = static_cast<unsigned>(std::max(one, other));
    if (low > 3) {
        close_range(3, low - 1, 0);
    }
    if (high > low + 1) {
        close_range(low + 1, high - 1, 0);
    }
    close_range(high + 1, ~0U, 0);
}

// What is left of a group's privileges in a process that outlives its owner: enough to remove.
void keep_what_the_rule_takes() noexcept {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const bool legacy = IptablesVariant::chosen().is_legacy();
    static_cast<void>(keep_capabilities(capability_bit(CAP_NET_ADMIN) |
                                        (legacy ? capability_bit(CAP_NET_RAW) : 0)));
}

// Nothing that befalls its owner may befall the guardian: not a signal to the process group, not
// the end of the terminal. Nor may it keep a pipe open that the owner's reader waits to end.
void settle(int channel, int liveness) noexcept {
    setsid();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2}) {
        std::signal(signal, SIG_IGN);
    }
    // The owner's handler for its children, and its signal mask, are not ours.
    std::signal(SIGCHLD, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    prctl(PR_SET_NAME, "tcpcraft-guard");
    if (const int null = open("/dev/null", O_RDWR); null >= 0) {
        for (int stream = 0; stream < 3; ++stream) {
            dup2(null, stream);
        }
    }
    close_all_but(channel, liveness);
    if (chdir("/") != 0) {
        return;
    }
    if (geteuid() != 0) {
        keep_what_the_rule_takes();
    }
}

// While it is forked: a handler of the owner's must not run in the guardian.
class SignalsHeld {
public:
    SignalsHeld() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

private:
    sigset_t before_{};
};

std::string answer(const Expected<void>& result, const std::string& text = {}) {
    return result ? "ok " + text : "no " + result.error().message();
}

std::string answer(const Expected<std::uint64_t>& count) {
    return count ? "ok " + std::to_string(*count) : "no " + count.error().message();
}

std::uint64_t number_in(const std::string& text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string narrow(RuleKeeper& keeper, const std::string& request) {
    const Expected<Endpoint> remote = Endpoint::read(request.substr(request.find(' ') + 1));
    return remote ? answer(keeper.narrow(*remote)) : "no " + remote.error().message();
}

std::string reply_to(const std::string& request, RuleKeeper& keeper) {
    if (request == "count") {
        return answer(keeper.packets());
    }
    if (request == "fate") {
        const Expected<void> standing = keeper.standing();
        return answer({}, standing ? "" : standing.error().message());
    }
    return narrow(keeper, request);
}

// The answer that the owner waits for when it wants the rule gone; none when it is gone itself.
std::optional<std::string> serve(RuleKeeper& keeper, Channel& channel) {
    while (const std::optional<std::string> request = channel.hear()) {
        if (*request == "lower") {
            return answer(keeper.packets());
        }
        channel.say(reply_to(*request, keeper));
    }
    return std::nullopt;
}

[[noreturn]] void keep_until_the_owner_is_gone(RuleKeeper keeper, Channel channel) {
    keeper.sweep_own();
    const Expected<void> installed = keeper.install();
    if (!installed) {
        // It may have been killed at its deadline, with the rule in place.
        static_cast<void>(keeper.remove_if_there());
        channel.say(answer(installed));
        _exit(1);
    }
    channel.say(answer(installed, keeper.warning()));
    const std::optional<std::string> count = serve(keeper, channel);
    const Expected<void> removed = keeper.remove();
    keeper.sweep_others();
    channel.say(removed ? count.value_or("ok ") : answer(removed));
    _exit(removed ? 0 : 1);
}

Error no_answer() {
    return {{},
            "the guardian of the firewall rule is gone; tcpcraft firewall clear removes what "
            "it may have left"};
}

Expected<std::string> understood(const std::optional<std::string>& reply) {
    if (!reply) {
        return Unexpected<Error>{no_answer()};
    }
    if (!reply->starts_with("ok ")) {
        return failure({}, reply->substr(3));
    }
    return reply->substr(3);
}

}  // namespace

Expected<Guardian::Started> Guardian::start(const RstRule& rule, const Liveness& liveness) {
    Expected<std::pair<Channel, Channel>> made = Channel::make();
    if (!made) {
        return Unexpected<Error>{made.error()};
    }
    auto& [ours, theirs] = *made;
    std::optional<SignalsHeld> held{std::in_place};
    const pid_t process = fork();
    if (process < 0) {
        return failure(last_system_error(), "fork the guardian of the firewall rule");
    }
    if (process == 0) {
        ours.close();
        settle(theirs.descriptor(), liveness.descriptor());
        keep_until_the_owner_is_gone(RuleKeeper{rule, liveness.inherited()}, std::move(theirs));
    }
    held.reset();
    theirs.close();
    const Expected<std::string> reply = understood(ours.hear(patience));
    if (!reply) {
        ours.close();
        reap(process);
        return Unexpected<Error>{reply.error()};
    }
    return Started{Guardian{std::move(ours), process}, *reply};
}

Guardian::Guardian(Guardian&& other) noexcept
    : channel_{std::move(other.channel_)}, process_{std::exchange(other.process_, -1)} {}

Guardian::~Guardian() { channel_.close(); }

Expected<std::string> Guardian::ask(const std::string& request) {
    if (!channel_.say(request)) {
        return Unexpected<Error>{no_answer()};
    }
    return understood(channel_.hear(patience));
}

Expected<void> Guardian::narrow(const Endpoint& remote) {
    return ask("narrow " + remote.text()).map([](const std::string&) {});
}

Expected<std::uint64_t> Guardian::packets() { return ask("count").map(number_in); }

Expected<std::string> Guardian::fate_of_the_rule() { return ask("fate"); }

Expected<std::uint64_t> Guardian::dismiss() {
    const bool heard = channel_.say("lower");
    const Expected<std::string> reply =
        understood(heard ? channel_.hear(patience_at_the_end) : std::nullopt);
    // Its descriptors close one after the other: only when it is reaped its name is free for sure.
    lost_ = !reply && (!heard || channel_.ended());
    channel_.close();
    if (reply || lost_) {
        reap(process_);
    }
    return reply.map(number_in);
}

}  // namespace tcpcraft
