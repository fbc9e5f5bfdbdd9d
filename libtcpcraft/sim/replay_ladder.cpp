#include <sstream>

#include <fmt/format.h>

#include <libtcpcraft/sim/replay.hpp>
#include <libtcpcraft/trace/ladder_sink.hpp>

namespace tcpcraft {
namespace {

using Kind = Move::Kind;

/// Draws scenes; A is "us".
class Ladder {
public:
    [[nodiscard]] std::string draw(const Replay& scenes) {
        if (!scenes.empty()) {
            begin(scenes.front().before);
        }
        for (const Scene& scene : scenes) {
            now_ += std::chrono::seconds{1};
            draw(scene);
        }
        if (!scenes.empty()) {
            draw_what_is_under_way(scenes.back());
        }
        sink_.finish();
        return out_.str();
    }

private:
    void begin(const World& world) {
        write(Lifelines{std::string{name(Side::a)}, std::string{name(Side::b)}});
        for (const Side side : both_sides) {
            const State state = world.at(side).tcb.state;
            if (state != State::closed) {
                write(StateChanged{.who = side == Side::a ? Who::us : Who::peer,
                                   .to = state,
                                   .cause = "where this begins"});
            }
        }
    }

    void draw(const Scene& scene) {
        switch (scene.move.kind) {
            case Kind::deliver:
                draw(scene, scene.move.side, scene.flight(), {});
                return draw_state(scene);
            case Kind::lose:
                return draw(scene, scene.move.side, scene.flight(), "lost");
            case Kind::timer:
                draw_timer(scene);
                return draw_state(scene);
            default:
                return draw_state(scene);
        }
    }

    void draw(const Scene& scene, Side to, const InFlight& flight, std::string fault) {
        SegmentSeen seen;
        seen.number = number_++;
        seen.direction = to == Side::b ? Direction::out : Direction::in;
        seen.datagram.segment = flight.segment(to);
        seen.origin = scene.origin(other(to));
        seen.state = scene.after.at(Side::a).tcb.state;
        seen.peer_state = scene.after.at(Side::b).tcb.state;
        seen.fault = std::move(fault);
        write(std::move(seen));
    }

    void draw_state(const Scene& scene) {
        const State from = scene.before.at(scene.move.side).tcb.state;
        const State to = scene.after.at(scene.move.side).tcb.state;
        if (from != to) {
            const Who who = scene.move.side == Side::a ? Who::us : Who::peer;
            write(StateChanged{.who = who, .from = from, .to = to, .cause = cause(scene)});
        }
    }

    static std::string cause(const Scene& scene) {
        const bool user = scene.move.kind == Kind::call || scene.move.kind == Kind::abort ||
                          scene.move.kind == Kind::close;
        return user ? fmt::format("{}'s user", name(scene.move.side)) : "";
    }

    void draw_timer(const Scene& scene) {
        const auto timer = static_cast<Timer>(scene.move.which);
        write(Note{fmt::format("{}: {} timer", name(scene.move.side), text(timer))});
    }

    void draw_what_is_under_way(const Scene& last) {
        if (last.after.at(Side::a).arriving.empty() && last.after.at(Side::b).arriving.empty()) {
            return;
        }
        write(Note{"still under way:", Note::Kind::heading});
        for (const Side to : both_sides) {
            for (const InFlight& flight : last.after.at(to).arriving) {
                draw(last, to, flight, {});
            }
        }
    }

    template <typename What>
    void write(What what) {
        sink_.write(Record{now_, 1, connection_of(Side::a), std::move(what)});
    }

    std::ostringstream out_{};
    LadderSink sink_{out_, TextOptions{.unicode = false}};
    Instant now_{};
    std::size_t number_{0};
};

}  // namespace

std::string ladder_of(const Replay& scenes) { return Ladder{}.draw(scenes); }

}  // namespace tcpcraft
