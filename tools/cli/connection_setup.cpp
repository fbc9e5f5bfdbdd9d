#include <cstdint>
#include <variant>

#include <tools/cli/connection_setup.hpp>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/host/setup.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

ConnectionSetup connection_setup(const CommonOptions& options, World& world, const Policy& policy,
                                 std::size_t index) {
    ConnectionId id{world.local(), world.remote()};
    if (!options.peer.listen) {
        id.local.port.value = static_cast<std::uint16_t>(id.local.port.value + index);
    }
    return connection_setup(options, id, policy, world.alarm().now());
}

ConnectionSetup connection_setup(const CommonOptions& options, const ConnectionId& id,
                                 const Policy& policy, Instant now) {
    const CraftOptions& craft = options.craft;
    ConnectionSetup made = tcpcraft::connection_setup(id, policy, now);
    made.passive = options.peer.listen.has_value();
    made.ip.hop_limit = craft.ttl;
    made.ip.traffic_class = static_cast<std::uint8_t>((craft.dscp << 2U) | craft.ecn_codepoint);
    made.show_tcb = options.output.show_tcb;
    if (craft.isn) {
        made.iss = Seq{*craft.isn};
    } else if (made.passive) {
        made.iss.reset();
    }
    return made;
}

std::string first_segment_text(const ConnectionSetup& setup, bool absolute) {
    if (setup.passive) {
        return "nothing is sent before a SYN arrives";
    }
    Actions actions;
    Tcb tcb;
    tcb.id = setup.id;
    tcb = advance(tcb, ActiveOpen{setup.id, setup.iss, setup.timestamp_offset, {}}, Instant{},
                  setup.policy, actions);
    for (const Action& action : actions) {
        if (const auto* transmit = std::get_if<Transmit>(&action)) {
            return segment_text(transmit->segment,
                                absolute ? SeqOrigin{} : SeqOrigin{setup.iss, {}});
        }
    }
    return "nothing";
}

}  // namespace tcpcraft::cli
