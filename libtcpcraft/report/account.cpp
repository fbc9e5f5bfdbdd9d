#include <libtcpcraft/report/account.hpp>

namespace tcpcraft {

std::string_view status_words(int exit_status) noexcept {
    switch (exit_status) {
        case 0:
            return "the peer behaved as expected";
        case 1:
            return "the peer behaved differently";
        case 2:
            return "wrong usage; nothing was sent";
        case 3:
            return "no answer in time, or none that decides";
        case 4:
            return "the environment stood in the way";
        case 130:
            return "interrupted; this is what was learnt until then";
        default:
            return "";
    }
}

std::string_view text(TimelineEnd end) noexcept {
    switch (end) {
        case TimelineEnd::alive:
            return "alive";
        case TimelineEnd::silent:
            return "silent";
        case TimelineEnd::reset:
            return "RST";
        case TimelineEnd::reset_by_peer:
            return "RST by the peer";
        case TimelineEnd::reset_by_path:
            return "RST by the path";
        case TimelineEnd::fin:
            return "FIN";
        case TimelineEnd::icmp:
            return "ICMP error";
        case TimelineEnd::probe:
            return "probed";
        case TimelineEnd::ended:
            return "ended by us";
        case TimelineEnd::unseen:
            return "goes on";
    }
    return "";
}

}  // namespace tcpcraft
