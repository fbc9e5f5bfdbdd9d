#include <algorithm>

#include <libtcpcraft/engine/iss.hpp>
#include <libtcpcraft/engine/rfc9293/steps.hpp>

// RFC 9293 §3.10.1 to §3.10.5. RECEIVE is the action Deliver; STATUS is the TCB itself.

namespace tcpcraft::rfc9293 {
namespace {

bool names_a_socket(const Endpoint& remote) noexcept {
    return !remote.address.is_unspecified() && remote.port != Port{} &&
           !remote.address.is_multicast_or_broadcast();  // §3.9.1.1 (MUST-46)
}

void queue(Step& s, const Send& call) {
    auto& octets = s.tcb.buffers.use().send;
    octets.insert(octets.end(), call.data.begin(), call.data.end());
    s.push = call.push;
}

}  // namespace

// §3.10.1, active
void open(Step& s, const ActiveOpen& call) {
    if (s.tcb.state != State::closed && s.tcb.state != State::listen) {
        return notify(s, Notice::connection_already_exists, Rule::open_exists);
    }
    if (!names_a_socket(call.id.remote)) {
        return notify(s, Notice::remote_socket_unspecified, Rule::open_active);
    }
    s.tcb = opened(call.id, call.timestamp_offset, s.tcb.state, s.policy);
    Tcb& tcb = s.tcb;
    tcb.snd.iss = call.iss.value_or(initial_sequence_number(call.id, s.policy.isn_key, s.now));
    tcb.snd.una = tcb.snd.iss;
    tcb.snd.nxt = tcb.snd.iss;
    tcb.snd.up = tcb.snd.iss;
    if (!call.syn_data.empty()) {
        queue(s, Send{call.syn_data});
    }
    send_syn(s, Rule::open_active,
             s.policy.ecn ? Flags{Flag::ece, Flag::cwr} : Flags{});  // RFC 3168 §6.1.1
    enter(s, State::syn_sent, Rule::open_active);
}

// §3.10.1, passive
void open(Step& s, const PassiveOpen& call) {
    if (s.tcb.state == State::listen) {  // only an active OPEN changes anything there
        return notify(s, Notice::remote_socket_unspecified, Rule::open_passive);
    }
    if (s.tcb.state != State::closed) {
        return notify(s, Notice::connection_already_exists, Rule::open_exists);
    }
    const Endpoint anyone{Address::unspecified(call.local.address.family()), Port{}};
    s.tcb = opened({call.local, anyone}, call.timestamp_offset, s.tcb.state, s.policy);
    s.tcb.opened_passively = true;
    if (call.iss) {
        s.tcb.snd.iss = *call.iss;
        s.tcb.snd.una = *call.iss;
        s.tcb.snd.nxt = *call.iss + 1;
    }
    enter(s, State::listen, Rule::open_passive);
}

// §3.10.2
void send(Step& s, const Send& call) {
    switch (s.tcb.state) {
        case State::closed:
            return notify(s, Notice::connection_does_not_exist, Rule::call_without_connection);
        case State::listen:
            return notify(s, Notice::remote_socket_unspecified, Rule::send_call);
        case State::syn_sent:
        case State::syn_received:
        case State::established:
        case State::close_wait:
            if (s.tcb.close_called) {
                break;
            }
            queue(s, call);
            return output_and_ack(s, Rule::send_call);
        default:
            break;
    }
    notify(s, Notice::connection_closing, Rule::send_call);
}

// §3.10.4
void close(Step& s) {
    Tcb& tcb = s.tcb;
    switch (tcb.state) {
        case State::closed:
            return notify(s, Notice::connection_does_not_exist, Rule::call_without_connection);
        case State::listen:
        case State::syn_sent:
            enter_closed(s, Rule::close_call);
            return notify(s, Notice::connection_closed, Rule::close_call);
        case State::syn_received:
            tcb.close_called = true;
            if (queued(tcb).empty()) {
                output(s, Rule::close_call);
            }
            if (tcb.fin_sent) {
                enter(s, State::fin_wait_1, Rule::close_call);
            }
            return;  // else it waits for ESTABLISHED, or for room
        case State::established:
            tcb.close_called = true;
            output(s, Rule::close_call);
            return enter(s, State::fin_wait_1, Rule::close_call);
        case State::close_wait:
            if (!tcb.close_called) {
                tcb.close_called = true;
                return output(s, Rule::close_call);  // LAST-ACK once the FIN is out
            }
            break;
        default:
            break;
    }
    notify(s, Notice::connection_closing, Rule::close_call);
}

// §3.10.5
void abort(Step& s) {
    switch (s.tcb.state) {
        case State::closed:
            return notify(s, Notice::connection_does_not_exist, Rule::call_without_connection);
        case State::syn_received:
        case State::established:
        case State::fin_wait_1:
        case State::fin_wait_2:
        case State::close_wait:
            reset_to_abort(s, Rule::abort_call);
            break;
        default:
            break;  // LISTEN, SYN-SENT, CLOSING, LAST-ACK, TIME-WAIT: nothing is sent
    }
    enter_closed(s, Rule::abort_call);
}

void probe_keep_alive(Step& s, const ProbeKeepAlive& call) {
    if (!synchronized(s.tcb.state)) {
        return notify(s, Notice::connection_does_not_exist, Rule::call_without_connection);
    }
    send_keep_alive_probe(s, call.octet);
}

}  // namespace tcpcraft::rfc9293
