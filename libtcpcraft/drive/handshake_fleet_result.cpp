#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/drive/handshake_fleet.hpp>

// What is said of one handshake of a fleet: as of a single one, where the same has come of it.

namespace tcpcraft {

namespace {

int exit_status_of(HandshakeOutcome outcome) noexcept {
    switch (outcome) {
        case HandshakeOutcome::established:
        case HandshakeOutcome::answered:
            return 0;
        case HandshakeOutcome::refused:
        case HandshakeOutcome::reset:
        case HandshakeOutcome::icmp:
            return 1;
        case HandshakeOutcome::unreachable:
        case HandshakeOutcome::no_answer:
        case HandshakeOutcome::deadline:
            return 3;
        case HandshakeOutcome::unsent:
            return 4;
        case HandshakeOutcome::interrupted:
            return 130;
    }
    return 4;
}

std::string tries(const HandshakeReport& report) {
    return report.syns == 1 ? "1 SYN" : fmt::format("{} SYNs", report.syns);
}

std::string answered(const HandshakeReport& report) {
    std::string told = report.outcome == HandshakeOutcome::established
                           ? "ESTABLISHED with " + report.id.remote.text()
                           : "the peer answered the SYN; it got no ACK: no connection";
    if (report.rtt) {
        told += fmt::format(", round trip {}{}", spoken(*report.rtt),
                            report.rtt_from_kernel ? " (kernel timestamps)" : " (our clock)");
    } else {
        told += fmt::format(", after {}", tries(report));
    }
    return told;
}

std::string sentence(const HandshakeReport& report) {
    switch (report.outcome) {
        case HandshakeOutcome::established:
        case HandshakeOutcome::answered:
            return answered(report);
        case HandshakeOutcome::refused:
            return "connection refused: nothing listens there";
        case HandshakeOutcome::reset:
            return "the peer reset the connection";
        case HandshakeOutcome::icmp:
        case HandshakeOutcome::unreachable:
        case HandshakeOutcome::unsent:
            return std::string{report.why};
        case HandshakeOutcome::no_answer:
            return fmt::format("no answer to {}", tries(report));
        case HandshakeOutcome::interrupted:
            return "interrupted: stopped by a signal";
        case HandshakeOutcome::deadline:
            return "the deadline of the run was over";
    }
    return {};
}

}  // namespace

HandshakeResult result_of(const HandshakeReport& report) {
    HandshakeResult made;
    made.exit_status = exit_status_of(report.outcome);
    made.summary = sentence(report);
    made.established = report.established;
    made.rtt = report.rtt;
    made.isn = report.syns == 0 ? std::nullopt : std::optional{report.isn};
    made.peer_isn = report.peer_isn;
    made.negotiated = report.negotiated;
    made.state = report.state;
    return made;
}

}  // namespace tcpcraft
