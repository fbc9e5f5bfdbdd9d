#include <libtcpcraft/guard/backends.hpp>

namespace tcpcraft {

namespace {

class SocketGuard final : public RstGuard {
public:
    SocketGuard(Endpoint local, Muteness muteness) noexcept : local_{local}, muteness_{muteness} {}

    // A listener hears everybody; the segments of others are swallowed as well.
    Expected<void> narrow(const Endpoint&) override { return {}; }
    // It ends with the lease, which its owner gives back.
    Expected<void> lower() override { return {}; }
    std::optional<std::uint64_t> dropped() override { return std::nullopt; }
    [[nodiscard]] std::string description() const override {
        return "mute listener on " + local_.text() + ": the kernel answers nothing on this port" +
               (muteness_ == Muteness::complete ? "" : " but what arrives with a TTL of 255");
    }
    [[nodiscard]] std::string warning() const override {
        return muteness_ == Muteness::complete
                   ? ""
                   : "without CAP_NET_ADMIN the mute listener on " + local_.text() +
                         " lets segments through that arrive with a TTL (hop limit) of 255, as "
                         "some hosts on the same link send them: this host's kernel will answer "
                         "those";
    }

private:
    Endpoint local_;
    Muteness muteness_;
};

}  // namespace

Expected<std::unique_ptr<RstGuard>> raise_socket_guard(const RstRule& rule, PortLease* lease) {
    if (rule.first != rule.last || lease == nullptr || lease->local().port != rule.first) {
        return failure({},
                       "a mute listener guards the one port that it holds: use --firewall "
                       "iptables for several");
    }
    return lease->mute().map([&](Muteness muteness) {
        return std::unique_ptr<RstGuard>{std::make_unique<SocketGuard>(lease->local(), muteness)};
    });
}

}  // namespace tcpcraft
