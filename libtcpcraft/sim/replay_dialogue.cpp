#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/sim/replay.hpp>

namespace tcpcraft {
namespace {

using Kind = Move::Kind;

/// As the enumerator is written: `State::fin_wait_1`.
std::string enumerator(State state) {
    std::string made{text(state)};
    std::transform(made.begin(), made.end(), made.begin(), [](char c) {
        return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return "State::" + made;
}

std::string milliseconds(Duration length) {
    return fmt::format("{}ms", length / std::chrono::milliseconds{1});
}

/// Where this policy differs from the default that a Dialogue begins with.
std::vector<std::string> policy_lines(const Policy& policy) {
    const Policy usual;
    std::vector<std::string> lines;
    const auto line = [&](bool differs, std::string_view member, const std::string& value) {
        if (differs) {
            lines.push_back(fmt::format("policy.{} = {};", member, value));
        }
    };
    line(policy.rcv_wnd != usual.rcv_wnd, "rcv_wnd", fmt::format("{}", policy.rcv_wnd));
    line(policy.mms_s.has_value(), "mms_s", fmt::format("{}", policy.mms_s.value_or(0)));
    line(policy.challenge_spacing != usual.challenge_spacing, "challenge_spacing",
         milliseconds(policy.challenge_spacing));
    line(!policy.challenge_ack, "challenge_ack", "false");
    line(policy.fin_wait_2.has_value(), "fin_wait_2",
         milliseconds(policy.fin_wait_2.value_or(Duration{})));
    line(policy.delayed_ack.has_value(), "delayed_ack",
         milliseconds(policy.delayed_ack.value_or(Duration{})));
    line(policy.deviations.two_way_handshake, "deviations.two_way_handshake", "true");
    line(policy.deviations.no_time_wait, "deviations.no_time_wait", "true");
    return lines;
}

std::string call_line(const UserCall& call) {
    switch (call.kind) {
        case UserCall::Kind::open_actively:
            return "active_open();";
        case UserCall::Kind::open_passively:
            return "passive_open();";
        case UserCall::Kind::send:
            return fmt::format("send(\"{}\");", std::string(call.octets, 'x'));
        case UserCall::Kind::close:
            return "close();";
        case UserCall::Kind::abort:
            return "abort();";
    }
    return {};
}

std::string event_line(const Scene& scene, const Setting& setting) {
    switch (scene.move.kind) {
        case Kind::deliver:
            return fmt::format("arrives(\"{}\");", scene.flight_text());
        case Kind::timer:
            return fmt::format("wait_for_timer();  // {}",
                               text(static_cast<Timer>(scene.move.which)));
        case Kind::call:
            return call_line(
                setting.script_of(scene.move.side)[scene.before.at(scene.move.side).calls]);
        case Kind::abort:
            return "abort();";
        case Kind::close:
            return "close();";
        default:
            return {};
    }
}

struct ActionLine {
    SeqOrigin origin{};

    std::string operator()(const Transmit& did) const {
        return fmt::format("sends(\"{}\");", segment_text(did.segment, origin));
    }
    std::string operator()(const Deliver& did) const {
        return fmt::format("delivers(std::size_t{{{}}});", did.data.size());
    }
    std::string operator()(const Entered& did) const {
        return fmt::format("enters({});", enumerator(did.to));
    }
    std::string operator()(const Discarded&) const { return {}; }
    std::string operator()(const Notified&) const { return {}; }
};

void append_line(std::string& body, const std::string& line) {
    if (!line.empty()) {
        body += "    " + line + "\n";
    }
}

}  // namespace

std::string dialogue_of(const Replay& scenes, const Setting& setting, Side side) {
    std::string body = fmt::format("TEST_P(Exploration, BreaksALaw) {{  // {}\n", name(side));
    for (const std::string& line : policy_lines(setting.policy_of(side))) {
        append_line(body, line);
    }
    const State start = scenes.empty() ? State::closed : scenes.front().before.at(side).tcb.state;
    if (start != State::closed) {
        append_line(body, fmt::format("go_to({});", enumerator(start)));
    }
    for (const Scene& scene : scenes) {
        if (scene.move.side != side) {
            continue;
        }
        append_line(body, event_line(scene, setting));
        for (const Action& action : scene.did) {
            append_line(body, std::visit(ActionLine{scene.origin(side)}, action));
        }
    }
    return body + "}\n";
}

}  // namespace tcpcraft
