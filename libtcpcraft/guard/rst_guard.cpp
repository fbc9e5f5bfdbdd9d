#include <unistd.h>

#include <libtcpcraft/guard/backends.hpp>
#include <libtcpcraft/guard/rst_guard.hpp>

namespace tcpcraft {

namespace {

class NoGuard final : public RstGuard {
public:
    Expected<void> narrow(const Endpoint&) override { return {}; }
    Expected<void> lower() override { return {}; }
    std::optional<std::uint64_t> dropped() override { return std::nullopt; }
    [[nodiscard]] std::string description() const override {
        return "no guard: the kernel's own RST will reach the peer";
    }
};

}  // namespace

std::string_view name_of(GuardBackend backend) noexcept {
    switch (backend) {
        case GuardBackend::iptables:
            return "iptables";
        case GuardBackend::nft:
            return "nft";
        case GuardBackend::socket:
            return "socket";
        case GuardBackend::none:
            break;
    }
    return "none";
}

RstRule rule_of(const GuardRequest& request) {
    RstRule rule;
    rule.local = request.local;
    rule.remote = request.remote;
    rule.first = request.first;
    rule.last = request.last.value == 0 ? request.first : request.last;
    rule.owner = geteuid();
    rule.side = request.side;
    return rule;
}

Expected<std::unique_ptr<RstGuard>> RstGuard::raise(const GuardRequest& request) {
    switch (request.backend) {
        case GuardBackend::iptables:
            return raise_iptables_guard(rule_of(request));
        case GuardBackend::nft:
            return raise_nft_guard(rule_of(request));
        case GuardBackend::socket:
            return raise_socket_guard(rule_of(request), request.lease);
        case GuardBackend::none:
            break;
    }
    return std::make_unique<NoGuard>();
}

}  // namespace tcpcraft
