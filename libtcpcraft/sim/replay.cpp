#include <fmt/format.h>

#include <libtcpcraft/sim/replay.hpp>
#include <libtcpcraft/sim/retell.hpp>

namespace tcpcraft {
namespace {

using Kind = Move::Kind;

void learn_iss(const World& world, std::array<Seq, 2>& iss) {
    for (const Side side : both_sides) {
        const Tcb& tcb = world.at(side).tcb;
        if (tcb.state != State::closed && tcb.snd.iss != tcb.snd.nxt) {
            iss[index(side)] = tcb.snd.iss;
        }
    }
}

std::array<Seq, 2> first_iss(const World& start, const Setting& setting) {
    std::array<Seq, 2> iss{};
    for (const Side side : both_sides) {
        const auto& script = setting.script_of(side);
        if (!script.empty()) {
            iss[index(side)] = script.front().iss;
        }
    }
    learn_iss(start, iss);
    return iss;
}

std::string call_text(const UserCall& call) {
    switch (call.kind) {
        case UserCall::Kind::open_actively:
            return "OPEN (active)";
        case UserCall::Kind::open_passively:
            return "OPEN (passive)";
        case UserCall::Kind::send:
            return fmt::format("SEND {}", call.octets);
        case UserCall::Kind::close:
            return "CLOSE";
        case UserCall::Kind::abort:
            return "ABORT";
    }
    return "?";
}

std::string move_text(const Scene& scene, const Setting& setting) {
    const Move& move = scene.move;
    const std::string_view side = name(move.side);
    switch (move.kind) {
        case Kind::deliver:
            return fmt::format("{} < {}", side, scene.flight_text());
        case Kind::lose:
            return fmt::format("lost on the way to {}: {}", side, scene.flight_text());
        case Kind::duplicate:
            return fmt::format("doubled on the way to {}: {}", side, scene.flight_text());
        case Kind::timer:
            return fmt::format("{}: {} timer", side, text(static_cast<Timer>(move.which)));
        case Kind::call: {
            const auto& script = setting.script_of(move.side);
            return fmt::format("{}: {}", side, call_text(script[scene.before.at(move.side).calls]));
        }
        case Kind::abort:
            return fmt::format("{}: ABORT", side);
        case Kind::close:
            return fmt::format("{}: CLOSE", side);
        case Kind::time_passes:
            return "time passes";
    }
    return "?";
}

struct InWords {
    const Scene& scene;

    [[nodiscard]] std::string_view who() const { return name(scene.move.side); }
    std::string operator()(const Transmit& did) const {
        const std::string what = segment_text(did.segment, scene.origin(scene.move.side));
        return fmt::format("{} > {}  [{}]", who(), what, tcpcraft::name(did.rule));
    }
    std::string operator()(const Deliver& did) const {
        return fmt::format("{} delivers {}", who(), did.data.size());
    }
    std::string operator()(const Entered& did) const {
        return fmt::format("{}: {} -> {}  [{}]", who(), text(did.from), text(did.to),
                           tcpcraft::name(did.rule));
    }
    std::string operator()(const Discarded& did) const {
        return fmt::format("{} discards: {}  [{}]", who(), text(did.why), tcpcraft::name(did.rule));
    }
    std::string operator()(const Notified& did) const {
        return fmt::format("{} is told: {}", who(), text(did.notice));
    }
};

}  // namespace

std::string Scene::flight_text() const {
    return segment_text(flight().segment(move.side), origin(other(move.side)));
}

Replay replay(const World& start, const Setting& setting, const std::vector<Move>& path) {
    Replay scenes;
    std::array<Seq, 2> iss = first_iss(start, setting);
    const World* before = &start;
    for (const Move& move : path) {
        Scene& scene = scenes.emplace_back(Scene{*before, move});
        apply(*before, move, setting, scene.after, scene.did);
        learn_iss(scene.after, iss);
        scene.iss = iss;
        before = &scene.after;
    }
    return scenes;
}

std::string notation_of(const Replay& scenes, const Setting& setting,
                        std::size_t faults_end_after) {
    std::string told;
    std::size_t number = 0;
    for (const Scene& scene : scenes) {
        if (number == faults_end_after && number + 1 < scenes.size()) {
            told += "    from here on nothing goes wrong any more\n";
        }
        told += fmt::format("{:3} {}\n", ++number, move_text(scene, setting));
        for (const Action& action : scene.did) {
            told += "        " + std::visit(InWords{scene}, action) + "\n";
        }
    }
    return told;
}

std::string retell(const World& start, const Setting& setting, const Counterexample& found) {
    World normal = start;
    for (const Side side : both_sides) {
        normalise(normal.at(side), side, setting);
    }
    const Replay scenes = replay(normal, setting, found.path);
    const Side side = found.path.empty() ? Side::a : found.path.back().side;
    return fmt::format("{}\n\nA is {}, B is {}\n{}\n{}\n{}", found.broken,
                       text(normal.at(Side::a).tcb.state), text(normal.at(Side::b).tcb.state),
                       notation_of(scenes, setting, found.faults_end_after), ladder_of(scenes),
                       dialogue_of(scenes, setting, side));
}

}  // namespace tcpcraft
