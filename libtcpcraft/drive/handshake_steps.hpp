#pragma once

// Private to handshake*.cpp: the demonstrations and the pieces that scenarios share.

#include <string>
#include <vector>

#include <libtcpcraft/drive/handshake.hpp>

namespace tcpcraft {

[[nodiscard]] inline Say say(std::string text, Note::Kind kind = Note::Kind::explanation) {
    return Say{Note{std::move(text), kind}};
}

void add_close(std::vector<Step>& steps, const HandshakeRequest& request);
void add_exchange(std::vector<Step>& steps, const HandshakeRequest& request);
void add_ending(std::vector<Step>& steps, const HandshakeRequest& request);

[[nodiscard]] Scenario old_duplicate_syn(const HandshakeRequest& request);
[[nodiscard]] Scenario two_way(const HandshakeRequest& request);
[[nodiscard]] Scenario simultaneous_open(const HandshakeRequest& request);
[[nodiscard]] Scenario refused(const HandshakeRequest& request);
[[nodiscard]] Scenario syn_flood_view(const HandshakeRequest& request);

/// How far behind the connection's ISN the old duplicates of the demonstrations lie.
inline constexpr std::uint32_t old_duplicate_distance = 1000;

}  // namespace tcpcraft
