#include <libtcpcraft/engine/presets.hpp>

namespace tcpcraft {

using namespace std::chrono_literals;

Policy linux_policy() {
    Policy policy;
    policy.time_wait = 60s;
    policy.fin_wait_2 = 60s;
    policy.rto = {.initial = 1s, .least = 200ms, .most = 120s};
    policy.syn_retransmissions = 6;
    policy.retransmissions = 15;
    policy.delayed_ack = 40ms;
    policy.rcv_wnd = 64240;
    policy.syn_options = {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{}, NoOperation{},
                          WindowScale{7}};
    policy.challenge_ack = true;
    policy.challenge_spacing = 500ms;
    policy.repeat_syn_ack = true;
    policy.rfc1337 = false;
    policy.rfc6191 = true;
    policy.half_duplex_close = true;
    return policy;
}

KeepAlive linux_keep_alive() noexcept {
    return {.idle = 7200s, .interval = 75s, .count = 9, .octet = false};
}

}  // namespace tcpcraft
