#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <tests/kernel/differences/dialogue_run.hpp>

namespace tcpcraft::test {
namespace {

ConnectionId named(Family family, std::uint32_t number) {
    const auto port = [](std::uint32_t n) { return Port{static_cast<std::uint16_t>(n)}; };
    return {{PeerWire::kernel(family), port(2000 + number % 58000)},
            {PeerWire::peer(family), port(2000 + number / 58000 + number % 58000)}};
}

Policy policy_for(const Setup& setup) {
    Policy policy = linux_policy();
    policy.challenge_spacing = Duration{0};  // net.ipv4.tcp_invalid_ratelimit=0
    policy.delayed_ack = std::nullopt;       // TCP_QUICKACK
    policy.half_duplex_close = setup.half_duplex;
    policy.rfc6191 = setup.keeps_listening;  // a SYN needs somebody who listens
    return policy;
}

std::vector<Rule> rules_of(const Actions& actions) {
    std::vector<Rule> rules;
    for (const Action& action : actions) {
        std::visit(
            [&rules](const auto& a) {
                if constexpr (requires { a.rule; }) {
                    rules.push_back(a.rule);
                }
            },
            action);
    }
    return rules;
}

Chance chance_of(std::uint64_t seed, std::uint32_t number) {
    return Chance{seed * 0x9e3779b97f4a7c15U + number};
}

}  // namespace

DialogueRun::DialogueRun(PeerWire& wire, std::uint64_t seed, std::uint32_t number, Step step)
    : wire_{wire},
      seed_{seed},
      number_{number},
      chance_{chance_of(seed, number)},
      setup_{draw_setup(chance_)},
      id_{named(setup_.family, number)},
      kernel_{id_},
      machine_{id_, policy_for(setup_), step},
      peer_{setup_, id_, chance_},
      step_{std::move(step)} {}

DialogueRun::Result DialogueRun::play(std::vector<bool>& flags_seen) {
    Result result;
    open();
    bool going = judged(result);
    while (going && result.segments < setup_.segments) {
        if (!user_call()) {
            result.states.insert(machine_.tcb().state);
            segment(flags_seen);
            ++result.segments;
        }
        going = judged(result);
    }
    clean_up();
    result.repetitions = repetitions_;
    return result;
}

void DialogueRun::open() {
    if (setup_.active) {
        kernel_.connect();
        const auto heard = wire_.answers(id_.local.port, id_.remote.port);
        const Seq iss = heard.empty() ? Seq{} : heard.front().segment.seq;
        Outcome theirs;
        for (const Heard& one : heard) {
            hear(one);
            add(theirs.sent, reduced(one.segment, one.size));
        }
        sent_before_ = theirs.sent;
        theirs.state = kernel_.status().state;
        const Outcome ours = machine_.take(ActiveOpen{.id = id_, .iss = iss});
        told_.push_back("connect: " + in_notation(theirs, origin()));
        if (ours != theirs) {
            difference_ = Difference{{}, ours, theirs, {}, "connect", {}};
        }
        return;
    }
    kernel_.listen();
    (void)machine_.take(PassiveOpen{.local = id_.local});
    machine_.listen(true);
    told_.emplace_back("listen");
}

// Rarely, and only where the kernel has a socket to call.
bool DialogueRun::user_call() {
    const State state = machine_.tcb().state;
    const bool may = kernel_.has_connection() && !machine_.tcb().close_called &&
                     (state == State::established || state == State::close_wait);
    if (!may || !chance_.percent(22)) {
        return false;
    }
    if (machine_.unacknowledged() < 3000 && chance_.percent(60)) {
        to_send_.assign(1 + chance_.below(1500), std::byte{'x'});
        kernel_.send(to_send_);
        meet(Send{to_send_}, fmt::format("SEND {} octets", to_send_.size()));
        return true;
    }
    setup_.half_duplex ? kernel_.close() : kernel_.shutdown();
    meet(Close{}, setup_.half_duplex ? "CLOSE (close)" : "CLOSE (shutdown)");
    return true;
}

void DialogueRun::segment(std::vector<bool>& flags_seen) {
    const Segment arriving = peer_.next(machine_.tcb());
    flags_seen.at(arriving.flags.bits() & 0xffU) = true;
    wire_.write(arriving, setup_.family);
    const SeqOrigin ours = origin();
    std::string text = segment_text(arriving, {ours.ack, ours.seq});
    if (!arriving.has(Flag::ack)) {
        text += fmt::format(" (ack field {})", arriving.ack.raw() - kernels_iss_.raw());
    }
    meet(SegmentArrives{arriving, id_.remote.address, id_.local.address}, text);
}

void DialogueRun::meet(const Event& event, const std::string& told) {
    const Machine was = machine_;
    const Tcb& before = was.tcb();
    Outcome theirs = kernels_outcome();
    Outcome ours = machine_.take(event);
    std::vector<Rule> rules = rules_of(machine_.actions());
    adopt(machine_, ours, theirs, before.state);
    told_.push_back(fmt::format("{:14} {}\n        kernel: {}", text(before.state), told,
                                in_notation(theirs, origin())));
    if (ours == theirs) {
        follow_unseen(was, event, theirs, step_);
    } else {
        difference_ = Difference{before, ours, theirs, rules, told, {}};
        if (!explain(was, event) && without_repetitions(difference_->theirs)) {
            ++repetitions_;
            if (difference_->theirs == ours || explain(was, event)) {
                difference_ = difference_->kinds.empty() ? std::nullopt : std::move(difference_);
            }
        }
    }
    for (const Answer& answer : theirs.sent) {
        if (answer.len() > 0) {
            sent_before_.push_back(answer);
        }
    }
    if (!setup_.active && !setup_.keeps_listening && kernel_.has_connection()) {
        kernel_.stop_listening();
        machine_.listen(false);
    }
    follow_window();
}

Outcome DialogueRun::kernels_outcome() {
    Outcome outcome;
    for (const bool after_the_user : {false, true}) {
        if (after_the_user) {
            outcome.delivered = kernel_.settle();
        }
        for (const Heard& heard : wire_.answers(id_.local.port, id_.remote.port)) {
            hear(heard);
            add(outcome.sent, reduced(heard.segment, heard.size));
        }
    }
    const KernelEnd::Status status = kernel_.status();
    outcome.state = status.state;
    switch (status.state) {
        case State::established:
        case State::close_wait:
        case State::fin_wait_1:
        case State::closing:
        case State::last_ack:
            outcome.unacknowledged = status.unacknowledged;
            break;
        default:
            break;
    }
    return outcome;
}

void DialogueRun::hear(const Heard& heard) {
    const Segment& segment = heard.segment;
    if (segment.has(Flag::rst)) {
        return;
    }
    // until it is established, a request takes no echo but of its SYN,ACK
    const auto stamps = segment.options.find<Timestamps>();
    if (stamps && (segment.has(Flag::syn) || machine_.tcb().state != State::syn_received)) {
        peer_.hear_stamp(stamps->val);
    }
    if (segment.has(Flag::syn)) {
        const auto scale = segment.options.find<WindowScale>();
        // Linux scales after a simultaneous open whatever the peer has offered
        const bool both = setup_.scale || (setup_.active && segment.has(Flag::ack));
        kernels_shift_ = scale && both ? scale->shift : std::uint8_t{0};
        kernels_iss_ = segment.seq;
    }
    if (segment.has(Flag::ack)) {
        const unsigned shift = segment.has(Flag::syn) ? 0 : kernels_shift_;
        kernels_edge_ = segment.ack + (std::uint32_t{segment.wnd} << shift);
        kernels_ack_ = segment.ack;
    }
}

// The ISS is the kernel's to choose: what follows is compared number for number.
void DialogueRun::adopt(Machine& machine, Outcome& ours, const Outcome& theirs, State from) {
    const bool chose = from == State::listen || from == State::time_wait;
    const auto answers_syn = [](const Outcome& outcome) {
        return !outcome.sent.empty() && outcome.sent.front().flags == Flags{Flag::syn, Flag::ack};
    };
    if (chose && answers_syn(ours) && answers_syn(theirs)) {
        machine.adopt_iss(theirs.sent.front().seq, ours);
    }
}

void DialogueRun::follow_window() {
    const Tcb& tcb = machine_.tcb();
    if (tcb.state >= State::syn_received && at_or_before(tcb.rcv.nxt, kernels_edge_)) {
        machine_.adopt_window(kernels_edge_.raw() - tcb.rcv.nxt.raw());
    }
}

bool DialogueRun::judged(Result& result) {
    bool going = true;
    if (!unseen_.empty()) {
        going = !any_ends(unseen_);
        result.explained.push_back({std::exchange(unseen_, {}), told_.back()});
    }
    if (!difference_) {
        return going;
    }
    Difference difference = std::move(*difference_);
    difference_.reset();
    if (difference.kinds.empty()) {
        result.unexplained = story(difference);
        return false;
    }
    result.explained.push_back(
        {difference.kinds,
         fmt::format("in {}, {}\n    Linux: {}\n    ours:  {}", text(difference.before.state),
                     difference.arrived_text, in_notation(difference.theirs, origin()),
                     in_notation(difference.ours, origin()))});
    told_.push_back("        ours:   " + in_notation(difference.ours, origin()));
    return going && !any_ends(difference.kinds);
}

SeqOrigin DialogueRun::origin() const { return {kernels_iss_, peer_.isn()}; }

std::string DialogueRun::story(const Difference& difference) const {
    std::string all = fmt::format(
        "seed {}, dialogue {}: {} {}{}{}{}{}{}\n", seed_, number_,
        setup_.family == Family::v4 ? "IPv4" : "IPv6", setup_.active ? "active" : "passive",
        setup_.keeps_listening ? ", keeps listening" : "",
        setup_.half_duplex ? ", half-duplex" : "", setup_.stamps ? ", timestamps" : "",
        setup_.scale ? ", scale" : "", setup_.sack ? ", SACK" : "");
    for (const std::string& line : told_) {
        all += "  " + line + "\n";
    }
    all += "  ours:   " + in_notation(difference.ours, origin()) + "\n  rules: ";
    for (const Rule rule : difference.rules) {
        all += fmt::format(" {}", name(rule));
    }
    const Tcb& tcb = difference.before;
    return all + fmt::format("\n  before: una {} nxt {} max_wnd {} wnd {}, rcv.nxt {} wnd {}\n",
                             tcb.snd.una.raw() - kernels_iss_.raw(),
                             tcb.snd.nxt.raw() - kernels_iss_.raw(), tcb.snd.max_wnd, tcb.snd.wnd,
                             tcb.rcv.nxt.raw() - peer_.isn().raw(), tcb.rcv.wnd);
}

// A socket that was closed lives on without a descriptor; an exact reset ends it.
void DialogueRun::clean_up() {
    const State state = kernel_.status().state;
    if (state == State::closed || state == State::listen) {
        return;
    }
    Segment reset;
    reset.source = id_.remote.port;
    reset.destination = id_.local.port;
    reset.seq = kernels_ack_;
    reset.flags = {Flag::rst};
    wire_.write(reset, setup_.family);
}

}  // namespace tcpcraft::test
