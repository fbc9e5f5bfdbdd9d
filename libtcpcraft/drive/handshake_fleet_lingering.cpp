#include <libtcpcraft/drive/handshake_fleet_parts.hpp>

// Members that only wait in TIME-WAIT, the oldest first; and the end of all members.

namespace tcpcraft {

void HandshakeFleet::Crew::release(Number number) {
    if (members[number].phase == Phase::lingering) {
        unlink_lingering(number);
    }
    deadlines.cancel(number);
    members.erase(number);
}

// As many are under way as there may be: whoever waits longest in TIME-WAIT goes.
void HandshakeFleet::Crew::make_room() {
    if (members.size() >= most_members && oldest_lingering != Member::nobody) {
        release(oldest_lingering);
    }
}

void HandshakeFleet::Crew::linger(Number number) {
    Member& member = members[number];
    member.phase = Phase::lingering;
    member.until = never;
    member.before = newest_lingering;
    (newest_lingering == Member::nobody ? oldest_lingering : members[newest_lingering].after) =
        number;
    newest_lingering = number;
    ++lingering;
    enter(number);
}

void HandshakeFleet::Crew::unlink_lingering(Number number) {
    const Member& member = members[number];
    (member.before == Member::nobody ? oldest_lingering : members[member.before].after) =
        member.after;
    (member.after == Member::nobody ? newest_lingering : members[member.after].before) =
        member.before;
    --lingering;
}

}  // namespace tcpcraft
