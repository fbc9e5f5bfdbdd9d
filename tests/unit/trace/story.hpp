#pragma once

#include <deque>
#include <string>
#include <vector>

#include <libtcpcraft/trace/peer_view.hpp>
#include <libtcpcraft/trace/record.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft::test {

/// What a story says about one segment beyond its numbers.
struct Told {
    State state{};  ///< ours, after it
    Rule rule{};
    std::string fault{};
    bool retransmission{false};
    bool altered{false};
    std::string note{};
    Checksum checksum{Checksum::ok};
    Options options{};
    std::string payload{};
    std::string step{};
};

/// Records in the order in which a connection writes them, with the peer inferred by PeerView.
/// Numbers are relative to `our_isn` and `peer_isn`.
class Story {
public:
    explicit Story(ConnectionId id, std::size_t connection = 1, State peer = State::listen);

    Story& at(double seconds);
    Story& out(Flags flags, std::uint32_t seq, std::uint32_t ack, Told told);
    Story& in(Flags flags, std::uint32_t seq, std::uint32_t ack, Told told);
    Story& state(Who who, State from, State to, std::string cause, Rule rule = Rule::none);
    Story& timer(Timer timer, TimerChange change, double deadline);
    Story& note(std::string text, Note::Kind kind = Note::Kind::plain);
    Story& what(decltype(Record::what) what);
    Story& our_isn(std::uint32_t isn);

    void tell(TraceSink& sink) const;
    [[nodiscard]] const std::vector<Record>& records() const noexcept { return records_; }

private:
    Story& segment(Direction direction, Segment segment, Told told);

    ConnectionId id_;
    std::size_t connection_;
    Instant now_{};
    std::uint32_t our_isn_{305419896};
    std::uint32_t peer_isn_{2596069104};
    std::size_t segments_{0};
    PeerView peer_;
    std::deque<std::vector<std::byte>> octets_{};
    std::vector<Record> records_{};
};

[[nodiscard]] ConnectionId connection_v4();
[[nodiscard]] ConnectionId connection_v6();
[[nodiscard]] Options syn_options(std::uint32_t val, std::uint32_t ecr);

// The stories of the golden files.
[[nodiscard]] Story normal_handshake();
[[nodiscard]] Story polite_close_over_ipv6();
[[nodiscard]] Story refused();
[[nodiscard]] Story lost_syn();
[[nodiscard]] Story old_duplicate_syn();

}  // namespace tcpcraft::test
