#include <array>

#include <libtcpcraft/engine/action.hpp>

namespace tcpcraft {
namespace {

template <std::size_t N, typename Enumeration>
std::string_view entry(const std::array<std::string_view, N>& texts, Enumeration value) noexcept {
    const auto index = static_cast<std::size_t>(value);
    return index < N ? texts[index] : "?";
}

constexpr std::array<std::string_view, 13> reasons{
    "no connection",
    "reset ignored",
    "reset out of window",
    "sequence not acceptable",
    "old timestamp",
    "timestamp missing",
    "SYN unexpected",
    "ACK missing",
    "ACK not acceptable",
    "ACK of what was acknowledged before",
    "nothing for this state",
    "text after FIN",
    "ICMP error of no segment in flight",
};

constexpr std::array<std::string_view, 14> notices{
    "connection established",
    "connection closing",
    "connection closed",
    "connection refused",
    "connection reset",
    "connection aborted due to user timeout",
    "connection aborted: retransmissions unanswered",
    "connection aborted: keep-alive probes unanswered",
    "connection does not exist",
    "connection already exists",
    "remote socket unspecified",
    "soft error",
    "urgent data",
    "many retransmissions unanswered",
};

static_assert(reasons.size() == static_cast<std::size_t>(DiscardReason::icmp_unrelated) + 1);
static_assert(notices.size() == static_cast<std::size_t>(Notice::excessive_retransmissions) + 1);

}  // namespace

std::string_view text(DiscardReason why) noexcept { return entry(reasons, why); }
std::string_view text(Notice notice) noexcept { return entry(notices, notice); }

std::span<const std::byte> Actions::keep(std::vector<std::byte>&& octets) {
    return kept_.emplace_back(std::move(octets));
}

}  // namespace tcpcraft
