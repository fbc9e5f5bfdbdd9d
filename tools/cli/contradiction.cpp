#include <tools/cli/options.hpp>
#include <tools/cli/target.hpp>

#include <libtcpcraft/sim/scenario.hpp>

namespace tcpcraft::cli {

namespace {

using Sentence = std::optional<std::string>;

template <typename T>
Sentence sentence_of(const Expected<T>& read) {
    return read ? Sentence{} : Sentence{read.error().attempt};
}

Sentence about_server(const PeerOptions& peer) {
    if (!peer.target.empty()) {
        return "-l waits for a connection, a target asks for one: give either";
    }
    if (peer.port != 0 || peer.source_port != 0) {
        return "with -l the only port is its own: -l [ADDR:]PORT";
    }
    if (!peer.source.empty()) {
        return "with -l the address stands before the port: -l ADDR:PORT";
    }
    return sentence_of(read_listen(peer));
}

Sentence about_peer(const CommonOptions& options) {
    const PeerOptions& peer = options.peer;
    if (peer.only_v4 && peer.only_v6) {
        return "-4 and -6 exclude each other";
    }
    if (peer.listen) {
        return about_server(peer);
    }
    if (peer.accept != 1) {
        return "--accept belongs to the server role: -l PORT";
    }
    if (const auto source = read_source(peer); !source) {
        return source.error().attempt;
    }
    if (auto meant = meant_for_simulate(options)) {
        return meant;
    }
    const bool needs_no_target = peer.listed || (options.simulate && peer.target.empty());
    return needs_no_target ? Sentence{} : sentence_of(read_target(peer));
}

Sentence about_output(const OutputOptions& output) {
    if (output.json != JsonMode::off && output.write == "-") {
        return "--json and -w - both want stdout; write the packets to a file";
    }
    if (output.json != JsonMode::off && output.lines) {
        return "--json and --lines exclude each other";
    }
    if (output.quiet && (output.verbosity > 0 || output.lines)) {
        return "-q leaves out what -v and --lines would show";
    }
    if (output.absolute && output.symbols) {
        return "-S and --symbols exclude each other";
    }
    return {};
}

Sentence about_segments(const CraftOptions& craft) {
    const bool one_by_one = craft.mss || craft.wscale || craft.sack || craft.timestamps;
    if (!craft.options_hex.empty() && one_by_one) {
        return "--options gives all of the SYN's options; --mss, --wscale, --sack and --timestamps "
               "would change them";
    }
    return {};
}

}  // namespace

std::optional<std::string> meant_for_simulate(const CommonOptions& options) {
    const std::vector<std::string>& target = options.peer.target;
    if (!options.simulate || !options.simulated.empty() || target.size() != 1 ||
        (target[0] != "all" && target[0] != "list" && find_sim_scenario(target[0]) == nullptr)) {
        return std::nullopt;
    }
    return "--simulate " + target[0] + ": write --simulate=" + target[0];
}

std::optional<std::string> contradiction(const CommonOptions& options) {
    if (auto found = about_peer(options)) {
        return found;
    }
    if (auto found = about_output(options.output)) {
        return found;
    }
    return about_segments(options.craft);
}

}  // namespace tcpcraft::cli
