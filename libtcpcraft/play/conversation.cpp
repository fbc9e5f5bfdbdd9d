#include <algorithm>

#include <libtcpcraft/play/conversation.hpp>

namespace tcpcraft::play {

namespace {

Seq on_wire(const ScriptNumber& number, Seq origin) noexcept {
    return number.absolute ? Seq{number.value} : origin + number.value;
}

std::vector<std::byte> octets_of(const ScriptSegment& line) {
    std::vector<std::byte> made(line.length.value_or(0));
    if (line.payload) {
        std::ranges::transform(*line.payload, made.begin(),
                               [](char c) { return static_cast<std::byte>(c); });
    }
    return made;
}

}  // namespace

Segment Conversation::segment_of(const ScriptSegment& line, const ConnectionId& id,
                                 std::vector<std::byte>& payload) const {
    payload = octets_of(line);
    Segment made;
    made.source = id.local.port;
    made.destination = id.remote.port;
    made.flags = line.flags.value_or(Flags{});
    made.seq = line.seq ? on_wire(*line.seq, iss_) : snd_nxt_;
    if (line.ack) {
        made.ack = on_wire(*line.ack, peer_origin());
    } else if (line.ack_all) {
        made.ack = rcv_nxt();
    }
    made.wnd = line.wnd.value_or(0);
    made.up = line.up.value_or(0);
    made.options = live_options(line.options.value_or(Options{}));
    made.payload = payload;
    return made;
}

// SACK edges count from the peer's ISN, and an echo is of what the peer really sent.
Options Conversation::live_options(const Options& options) const {
    Options made;
    std::size_t used = 0;
    for (auto at = options.begin(); at != options.end(); ++at) {
        used += at.octets().size();
        if (const auto* sack = std::get_if<Sack>(&*at)) {
            Sack live = *sack;
            for (SackBlock& block : std::span{live.block}.first(live.count)) {
                block = {peer_origin() + block.left.raw(), peer_origin() + block.right.raw()};
            }
            made.append(live);
        } else if (const auto* stamps = std::get_if<Timestamps>(&*at)) {
            made.append(Timestamps{stamps->val, live_echo(stamps->ecr)});
        } else {
            made.append_octets(at.octets());
        }
    }
    made.append_octets(options.octets().subspan(used));
    return made;
}

std::uint32_t Conversation::live_echo(std::uint32_t script) const {
    if (script == 0) {
        return 0;
    }
    if (const auto known = timestamps_.find(script); known != timestamps_.end()) {
        return known->second;
    }
    if (first_timestamp_) {
        return script - first_timestamp_->script + first_timestamp_->live;
    }
    return last_live_timestamp_.value_or(script);
}

std::uint32_t Conversation::script_timestamp(std::uint32_t live) const noexcept {
    return first_timestamp_ ? live - first_timestamp_->live + first_timestamp_->script : live;
}

void Conversation::sent(const Segment& segment) noexcept {
    if (segment.has(Flag::syn) && !segment.has(Flag::ack)) {
        new_isn_expected_ = true;
    }
    const Seq end = segment.seq + segment.len();
    if (before(snd_nxt_, end)) {
        snd_nxt_ = end;
    }
}

void Conversation::arrived(const Segment& segment) noexcept {
    if (segment.has(Flag::ack) && !segment.has(Flag::rst)) {
        acknowledged_ = segment.ack;
    }
    if (const auto stamps = segment.options.find<Timestamps>()) {
        last_live_timestamp_ = stamps->val;
    }
    const Seq end = segment.seq + segment.len();
    if (segment.has(Flag::syn) ||
        (rcv_nxt_ && at_or_before(segment.seq, *rcv_nxt_) && before(*rcv_nxt_, end))) {
        rcv_nxt_ = end;
    }
}

void Conversation::learn(const ScriptSegment& line, const Segment& segment) noexcept {
    const bool syn = segment.has(Flag::syn) && line.flags && line.flags->has(Flag::syn);
    if (!syn || (line.seq && line.seq->absolute)) {
        return;
    }
    if (new_isn_expected_ || !peer_isn_) {
        peer_isn_ = segment.seq - (line.seq ? line.seq->value : 0);
        new_isn_expected_ = false;
    }
}

void Conversation::matched(const ScriptSegment& line, const Segment& segment) {
    const auto script = line.options ? line.options->find<Timestamps>() : std::nullopt;
    const auto live = segment.options.find<Timestamps>();
    if (script && live) {
        timestamps_[script->val] = live->val;
        if (!first_timestamp_) {
            first_timestamp_ = TimestampPair{script->val, live->val};
        }
    }
}

}  // namespace tcpcraft::play
