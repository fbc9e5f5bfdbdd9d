#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

#include <libtcpcraft/link/raw/filter.hpp>

namespace tcpcraft {

namespace {

constexpr std::uint32_t whole_packet = 0xffffffffU;

std::uint16_t code(int bits) noexcept { return static_cast<std::uint16_t>(bits); }

/// Writes a chain of conditions; whichever fails jumps to the last instruction, which rejects.
class Conditions {
public:
    void load(int size_and_mode, std::uint32_t offset) {
        add({code(BPF_LD | size_and_mode), 0, 0, offset});
    }
    void mask(std::uint32_t bits) { add({code(BPF_ALU | BPF_AND | BPF_K), 0, 0, bits}); }
    void load_v4_header_length() { add({code(BPF_LDX | BPF_MSH | BPF_B), 0, 0, 0}); }
    void require_equal(std::uint32_t value) { condition(BPF_JEQ, value, true); }
    void require_at_least(std::uint32_t value) { condition(BPF_JGE, value, true); }
    void require_at_most(std::uint32_t value) { condition(BPF_JGT, value, false); }
    void require_none_of(std::uint32_t bits) { condition(BPF_JSET, bits, false); }
    void require_some_of(std::uint32_t bits) { condition(BPF_JSET, bits, true); }
    void accept() { add({code(BPF_RET | BPF_K), 0, 0, whole_packet}); }
    /// When A is one of these, the packet is accepted at once; else the chain goes on.
    void accept_if_any_of(std::span<const std::uint8_t> values) {
        std::ranges::for_each(values, [this](std::uint8_t value) {
            add({code(BPF_JMP | BPF_JEQ | BPF_K), 0, 1, value});
            accept();
        });
    }
    /// The program, with every failing condition sent to a final "reject".
    [[nodiscard]] FilterProgram finish() && {
        accept();
        const std::size_t reject = program_.size();
        add({code(BPF_RET | BPF_K), 0, 0, 0});
        for (const auto& [at, when_true] : conditions_) {
            const auto jump = static_cast<std::uint8_t>(reject - at - 1);
            (when_true ? program_[at].jf : program_[at].jt) = jump;
        }
        return std::move(program_);
    }

private:
    struct Condition {
        std::size_t at{0};
        bool holds_when_true{true};
    };
    void add(sock_filter instruction) { program_.push_back(instruction); }
    void condition(int test, std::uint32_t value, bool holds_when_true) {
        conditions_.push_back({program_.size(), holds_when_true});
        add({code(BPF_JMP | test | BPF_K), 0, 0, value});
    }

    FilterProgram program_{};
    std::vector<Condition> conditions_{};
};

void require_address(Conditions& out, std::uint32_t offset, const Address& wanted) {
    if (wanted.is_unspecified()) {
        return;
    }
    const auto octets = wanted.octets();
    for (std::uint32_t i = 0; i < octets.size(); i += 4) {
        std::uint32_t word = 0;
        for (const std::byte b : octets.subspan(i, 4)) {
            word = word << 8U | std::to_integer<std::uint32_t>(b);
        }
        out.load(BPF_W | BPF_ABS, offset + i);
        out.require_equal(word);
    }
}

void require_port(Conditions& out, int mode, std::uint32_t offset, Port first, Port last) {
    if (first == last) {
        out.load(BPF_H | mode, offset);
        out.require_equal(first.value);
        return;
    }
    out.load(BPF_H | mode, offset);
    out.require_at_least(first.value);
    out.require_at_most(last.value);
}

/// Offsets of the pair that is ours and of the pair that is the peer's.
struct Places {
    std::uint32_t local{0};
    std::uint32_t remote{0};
};

struct View {
    const CaptureScope& scope;
    bool arriving{true};

    [[nodiscard]] Places places(std::uint32_t source, std::uint32_t destination) const {
        return arriving ? Places{destination, source} : Places{source, destination};
    }
};

void require_addresses(Conditions& out, const View& view, Places at) {
    require_address(out, at.local, view.scope.local.address);
    if (view.scope.remote) {
        require_address(out, at.remote, view.scope.remote->address);
    }
}

void require_ports(Conditions& out, const View& view, int mode, Places at) {
    require_port(out, mode, at.local, view.scope.local.port, view.scope.last());
    if (view.scope.remote && view.scope.remote->port.value != 0) {
        require_port(out, mode, at.remote, view.scope.remote->port, view.scope.remote->port);
    }
}

void require_version(Conditions& out, std::uint32_t version) {
    out.load(BPF_B | BPF_ABS, 0);
    out.mask(0xf0);
    out.require_equal(version << 4U);
}

/// IPv4 up to the ports; X holds the header length afterwards.
void require_v4(Conditions& out, const View& view) {
    constexpr std::uint32_t fragment_offset = 0x1fff;
    require_version(out, 4);
    out.load(BPF_B | BPF_ABS, 9);
    out.require_equal(IPPROTO_TCP);
    out.load(BPF_H | BPF_ABS, 6);
    out.require_none_of(fragment_offset);
    require_addresses(out, view, view.places(12, 16));
    out.load_v4_header_length();
    require_ports(out, view, BPF_IND, view.places(0, 2));
}

constexpr std::uint32_t v6_header = 40;
constexpr std::array<std::uint8_t, 5> extension_kinds{
    IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT, IPPROTO_AH, IPPROTO_DSTOPTS};

void require_v6(Conditions& out, const View& view) {
    require_version(out, 6);
    require_addresses(out, view, view.places(8, 24));
    out.load(BPF_B | BPF_ABS, 6);
    if (view.arriving) {
        out.accept_if_any_of(extension_kinds);
    }
    out.require_equal(IPPROTO_TCP);
    require_ports(out, view, BPF_ABS, view.places(v6_header, v6_header + 2));
}

}  // namespace

FilterProgram arrivals_filter(const CaptureScope& scope) {
    Conditions out;
    const View view{scope, true};
    scope.family() == Family::v4 ? require_v4(out, view) : require_v6(out, view);
    return std::move(out).finish();
}

FilterProgram departing_resets_filter(const CaptureScope& scope) {
    constexpr std::uint32_t rst = 0x04;
    constexpr std::uint32_t flags_at = 13;
    Conditions out;
    const View view{scope, false};
    out.load(BPF_B | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE));
    out.require_equal(PACKET_OUTGOING);
    out.load(BPF_H | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL));
    out.require_equal(scope.family() == Family::v4 ? ETH_P_IP : ETH_P_IPV6);
    if (scope.family() == Family::v4) {
        require_v4(out, view);
        out.load(BPF_B | BPF_IND, flags_at);
    } else {
        require_v6(out, view);
        out.load(BPF_B | BPF_ABS, v6_header + flags_at);
    }
    out.require_some_of(rst);
    return std::move(out).finish();
}

}  // namespace tcpcraft
