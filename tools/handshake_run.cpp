#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iostream>

#include <fmt/format.h>
#include <tools/cli/connection_setup.hpp>
#include <tools/cli/drawn.hpp>
#include <tools/cli/exit_code.hpp>
#include <tools/cli/step.hpp>
#include <tools/handshake_json.hpp>
#include <tools/handshake_outcome.hpp>
#include <tools/handshake_run.hpp>

#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

Policy handshake_policy(const HandshakeOptions& options, Family family, std::uint32_t mtu) {
    Policy policy = policy_of(options.common.craft, family, mtu);
    policy.syn_retransmissions = options.retries;
    policy.rto.initial = options.rto;
    policy.rto.least = std::min(policy.rto.least, options.rto);
    policy.ecn = options.ecn;
    policy.deviations.two_way_handshake =
        options.common.peer.listen &&
        (options.two_way || options.scenario == HandshakeScenario::two_way);
    policy.deviations.mute_when_closed = options.mute;
    policy.isn_key = IsnKey{{drawn<std::uint64_t>(), drawn<std::uint64_t>()}};
    if (options.fast_open) {
        policy.syn_options.append(FastOpen{});
    }
    return policy;
}

HandshakeRun::HandshakeRun(const HandshakeOptions& options, World& world, Report& report)
    : options_{options},
      world_{world},
      report_{report},
      policy_{handshake_policy(options, world.local().address.family(), world.mtu())},
      run_{options.common, world, report} {
    if (options.step) {
        step_ = make_step();
    }
}

// Where stdout is taken by JSON or a pcapng file, the conversation is led on stderr.
std::unique_ptr<Interceptor> HandshakeRun::make_step() {
    const OutputOptions& output = options_.common.output;
    const bool taken = output.json != JsonMode::off || output.write == "-";
    std::FILE* file = taken ? stderr : stdout;
    StepSetup setup{.out = taken ? std::cerr : std::cout};
    setup.text = text_options(output, ::fileno(file));
    setup.now = [this] { return run_.engine_now(); };
    setup.stop = [this] { run_.interrupt_soon("stopped at the prompt"); };
    return std::make_unique<StepInterceptor>(std::move(setup), open_step_prompt(stdin, file));
}

ConnectionSetup HandshakeRun::setup(std::size_t index) const {
    ConnectionSetup made = connection_setup(options_.common, world_, policy_, index);
    made.two_way_peer = options_.common.simulate && !made.passive &&
                        (options_.two_way || options_.scenario == HandshakeScenario::two_way);
    return made;
}

HandshakeRequest HandshakeRun::request(const ConnectionSetup& setup) const {
    HandshakeRequest made;
    made.scenario = options_.scenario;
    made.server = options_.common.peer.listen.has_value();
    made.then = options_.then;
    made.hold = options_.hold;
    made.send = options_.send;
    made.syn_data.assign(options_.syn_data, std::byte{'x'});
    made.third = options_.third;
    made.late = options_.late;
    made.timeout = options_.common.timeout;
    made.linger = options_.time_wait;
    made.time_wait_full = options_.time_wait_full;
    made.id = setup.id;
    made.iss = setup.iss.value_or(Seq{});
    made.policy = setup.policy;
    made.mute = options_.mute;
    if (made.third == Third::data && !made.send) {
        made.send.emplace(1, std::byte{'x'});
        made.expect_reply = false;
    }
    if (made.scenario == HandshakeScenario::syn_flood_view) {
        made.third = Third::none;
    }
    return made;
}

void HandshakeRun::launch() {
    ConnectionSetup made = setup(launched_++);
    last_request_ = request(made);
    CraftingRequest lies{.third = last_request_.third, .late = options_.late};
    if (options_.scenario == HandshakeScenario::old_duplicate_syn) {
        lies.delay_syn = std::chrono::milliseconds{500};
    }
    made.interceptor = interceptor(lies);
    run_.fleet().launch(std::move(made), handshake_scenario(last_request_));
}

Interceptor* HandshakeRun::interceptor(CraftingRequest lies) {
    lies.syn_flags = options_.common.craft.flags;
    lies.bad_syn_checksum = options_.common.craft.bad_checksum;
    if (!lies.any()) {
        return step_.get();
    }
    crafting_.push_back(std::make_unique<Crafting>(lies, step_.get()));
    return crafting_.back().get();
}

void HandshakeRun::listen() {
    Listener listener;
    listener.local = world_.local();
    listener.accept = options_.common.peer.accept;
    listener.crossing = options_.scenario == HandshakeScenario::simultaneous_open;
    listener.setup = setup(0);
    listener.setup.interceptor = interceptor({});
    last_request_ = request(listener.setup);
    listener.scenario = handshake_scenario(last_request_);
    listener.accepted = [this](ConnectionSetup& made) {
        made.policy = handshake_policy(options_, made.id.local.address.family(), world_.mtu());
        made.policy.isn_key = policy_.isn_key;
        if (options_.common.peer.accept == 1) {
            world_.narrow(made.id);
        }
    };
    if (policy_.deviations.two_way_handshake) {
        report_.write(Record{.what = Note{"two-way handshake: this server skips SYN-RECEIVED and "
                                          "believes every SYN. That breaks RFC 9293 §3.10.7.2.",
                                          Note::Kind::warning}});
    }
    report_.write(Record{.what = Note{world_.target_text(), Note::Kind::plain}});
    run_.fleet().listen(std::move(listener));
}

int HandshakeRun::run() {
    const bool server = options_.common.peer.listen.has_value();
    run_.fleet().on_finished([this](Session& session) { finished(session); });
    if (server) {
        listen();
    } else {
        run_.soon([this] { launch(); });
    }
    run_.run([this, server] { return server || launched_ >= options_.count; });
    return conclude();
}

void HandshakeRun::finished(Session& session) {
    if (!options_.common.peer.listen && launched_ < options_.count) {
        run_.soon([this] { launch(); });
    }
    const HandshakeResult result = judge_handshake(session, last_request_);
    for (const std::string& line : result.lines) {
        session.connection().note(line);
    }
    if (!result.verdict.rule.empty()) {
        session.connection().write(result.verdict);
    }
    tell(session, result);
}

std::string HandshakeRun::first_segment() const {
    return first_segment_text(setup(0), options_.common.output.absolute);
}

void HandshakeRun::tell(const Session& session, const HandshakeResult& result) {
    // The verdict's line says the summary already, unless that is all the reader wants.
    const bool alone = options_.common.output.quiet || result.verdict.rule.empty() ||
                       result.verdict.text != result.summary;
    if (alone) {
        report_.say(result.summary);
    }
    tell_reply(session);
}

void HandshakeRun::tell_reply(const Session& session) {
    if (!options_.send || session.received().empty()) {
        return;
    }
    std::string shown;
    for (const std::byte octet : session.received()) {
        const auto c = std::to_integer<unsigned char>(octet);
        const bool plain = c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f);
        if (plain || options_.common.output.quiet) {
            shown += static_cast<char>(c);
        } else if (c != '\r') {
            shown += fmt::format("\\x{:02x}", c);
        }
    }
    if (!options_.common.output.quiet) {
        report_.say("--- received:");
    }
    if (!shown.empty() && shown.back() == '\n') {
        shown.pop_back();
    }
    report_.say(shown);
}

// A connection nobody is using: believed in since the SYN, and never heard of again.
void HandshakeRun::tell_two_way_cost() {
    std::size_t unused = 0;
    Duration oldest{};
    const auto count = [&](Duration age) {
        ++unused;
        oldest = std::max(oldest, age);
    };
    if (SimHost* peer = world_.simulated_peer();
        peer != nullptr && (options_.two_way || options_.scenario == HandshakeScenario::two_way)) {
        for (const auto& held : peer->connections()) {
            if (held.state == State::established) {
                count(held.age);
            }
        }
    } else if (policy_.deviations.two_way_handshake) {
        for (const auto& session : run_.fleet().sessions()) {
            const Measurements& measured = session->connection().measured();
            if (session->outcome()->established && measured.segments_in <= 1) {
                count(run_.now() - measured.first_heard);
            }
        }
    } else {
        return;
    }
    report_.say(fmt::format(
        "connections that the two-way server holds and nobody uses: {}{}", unused,
        unused == 0 ? std::string{} : fmt::format(", the oldest for {:.1f} s", seconds(oldest))));
}

int HandshakeRun::conclude() {
    std::vector<HandshakeResult> results;
    for (const auto& session : run_.fleet().sessions()) {
        results.push_back(judge_handshake(*session, last_request_));
    }
    tell_two_way_cost();
    run_.tell_evidence();
    const Conclusion conclusion =
        conclude_handshakes(results, several_connections(options_), run_.interrupted());
    if (results.empty()) {
        report_.say(conclusion.summary);
    }
    report_.conclude(handshake_outcome(results, conclusion, text(options_.scenario)));
    report_.finish(conclusion.json);
    return report_.output_failed() ? number(ExitCode::environment) : conclusion.exit_status;
}

}  // namespace tcpcraft::cli
