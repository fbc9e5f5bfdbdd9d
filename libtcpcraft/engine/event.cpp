#include <array>

#include <libtcpcraft/engine/event.hpp>

namespace tcpcraft {

std::string_view text(const Event& event) noexcept {
    static constexpr std::array<std::string_view, std::variant_size_v<Event>> words{
        "OPEN (active)", "OPEN (passive)",  "SEND",         "CLOSE",  "ABORT",
        "keep-alive",    "SEGMENT ARRIVES", "ICMP ARRIVES", "TIMEOUT"};
    return words[event.index()];
}

}  // namespace tcpcraft
