#include <span>
#include <utility>

#include <tests/unit/trace/story.hpp>

namespace tcpcraft::test {

namespace {

Instant instant(double seconds) {
    return Instant{Duration{static_cast<std::int64_t>(seconds * 1e6 + 0.5)}};
}

}  // namespace

Story::Story(ConnectionId id, std::size_t connection, State peer)
    : id_{id}, connection_{connection}, peer_{peer} {}

Story& Story::at(double seconds) {
    now_ = instant(seconds);
    return *this;
}

Story& Story::our_isn(std::uint32_t isn) {
    our_isn_ = isn;
    return *this;
}

Story& Story::out(Flags flags, std::uint32_t seq, std::uint32_t ack, Told told) {
    Segment made{.source = id_.local.port, .destination = id_.remote.port, .flags = flags};
    made.seq = Seq{our_isn_} + seq;
    made.ack = flags.has(Flag::ack) ? Seq{peer_isn_} + ack : Seq{};
    made.wnd = flags.has(Flag::rst) ? 0 : flags.has(Flag::syn) ? 64240 : 502;
    return segment(Direction::out, made, std::move(told));
}

Story& Story::in(Flags flags, std::uint32_t seq, std::uint32_t ack, Told told) {
    Segment made{.source = id_.remote.port, .destination = id_.local.port, .flags = flags};
    const bool refusal = flags == Flags{Flag::rst, Flag::ack};
    made.seq = refusal ? Seq{} : Seq{peer_isn_} + seq;
    made.ack = flags.has(Flag::ack) ? Seq{our_isn_} + ack : Seq{};
    made.wnd = flags.has(Flag::rst) ? 0 : flags.has(Flag::syn) ? 65160 : 510;
    return segment(Direction::in, made, std::move(told));
}

Story& Story::segment(Direction direction, Segment segment, Told told) {
    const bool out = direction == Direction::out;
    segment.options = told.options;
    const auto payload = std::as_bytes(std::span{told.payload});
    octets_.emplace_back(payload.begin(), payload.end());
    segment.payload = octets_.back();
    Datagram datagram{.segment = segment};
    datagram.ip.source = out ? id_.local.address : id_.remote.address;
    datagram.ip.destination = out ? id_.remote.address : id_.local.address;
    octets_.push_back(serialize(datagram));
    datagram.checksum = told.checksum;
    const State peer_before = peer_.state();
    if (!out && told.checksum != Checksum::bad) {
        peer_.arrived(segment);
    } else if (out && told.fault != "drop") {
        peer_.sent(segment);
    }
    const auto ours = std::optional{Seq{our_isn_}};
    what(SegmentSeen{.number = segments_++,
                     .direction = direction,
                     .datagram = datagram,
                     .octets = octets_.back(),
                     .origin = out ? SeqOrigin{ours, peer_.isn()} : SeqOrigin{peer_.isn(), ours},
                     .state = told.state,
                     .peer_state = peer_.state(),
                     .at = now_,
                     .kernel_timestamp = true,
                     .retransmission = told.retransmission,
                     .altered = told.altered,
                     .fault = told.fault,
                     .step = told.step,
                     .note = told.note,
                     .rule = told.rule});
    if (peer_.state() != peer_before) {
        state(Who::peer, peer_before, peer_.state(), out ? "sent" : "seen");
    }
    return *this;
}

Story& Story::state(Who who, State from, State to, std::string cause, Rule rule) {
    return what(StateChanged{who, from, to, std::move(cause), rule});
}

Story& Story::timer(Timer timer, TimerChange change, double deadline) {
    return what(TimerChanged{timer, change, instant(deadline)});
}

Story& Story::note(std::string text, Note::Kind kind) { return what(Note{std::move(text), kind}); }

Story& Story::what(decltype(Record::what) what) {
    records_.push_back(Record{now_, connection_, id_, std::move(what)});
    return *this;
}

void Story::tell(TraceSink& sink) const {
    for (const Record& record : records_) {
        sink.write(record);
    }
}

ConnectionId connection_v4() {
    return {*Endpoint::read("192.0.2.1:40000"), *Endpoint::read("192.0.2.80:80")};
}

ConnectionId connection_v6() {
    return {*Endpoint::read("[2001:db8:1:2:3:4:5:6]:40000"),
            *Endpoint::read("[2001:db8:a:b:c:d:e:f]:8080")};
}

Options syn_options(std::uint32_t val, std::uint32_t ecr) {
    return {MaximumSegmentSize{1460}, SackPermitted{}, Timestamps{val, ecr}, NoOperation{},
            WindowScale{7}};
}

Story normal_handshake() {
    Story story{connection_v4()};
    story.out({Flag::syn}, 0, 0,
              {.state = State::syn_sent, .rule = Rule::open_active, .options = syn_options(1, 0)});
    story.state(Who::us, State::closed, State::syn_sent, "OPEN", Rule::open_active);
    story.timer(Timer::retransmission, TimerChange::set, 1.0);
    story.at(0.000213).in({Flag::syn, Flag::ack}, 0, 1,
                          {.state = State::established,
                           .rule = Rule::syn_sent_establishes,
                           .checksum = Checksum::offloaded,
                           .options = syn_options(9, 1)});
    story.state(Who::us, State::syn_sent, State::established, "SEGMENT ARRIVES",
                Rule::syn_sent_establishes);
    story.timer(Timer::retransmission, TimerChange::cleared, 1.0);
    story.at(0.000251).out({Flag::ack}, 1, 1,
                           {.state = State::established,
                            .rule = Rule::syn_sent_establishes,
                            .options = {NoOperation{}, NoOperation{}, Timestamps{2, 9}}});
    return story;
}

Story polite_close_over_ipv6() {
    Story story{connection_v6()};
    story.out({Flag::syn}, 0, 0, {.state = State::syn_sent, .rule = Rule::open_active});
    story.at(0.0002).in({Flag::syn, Flag::ack}, 0, 1, {.state = State::established});
    story.out({Flag::ack}, 1, 1, {.state = State::established});
    story.at(0.01).out({Flag::psh, Flag::ack}, 1, 1,
                       {.state = State::established, .payload = "GET / HTTP/1.0\r\n\r\n"});
    story.at(0.0103).in({Flag::ack}, 1, 19, {.state = State::established});
    story.at(0.02).out({Flag::fin, Flag::ack}, 19, 1, {.state = State::fin_wait_1});
    story.at(0.021).in({Flag::ack}, 1, 20, {.state = State::fin_wait_2});
    story.at(0.022).in({Flag::psh, Flag::ack}, 1, 20,
                       {.state = State::fin_wait_2, .payload = "hello"});
    story.out({Flag::ack}, 20, 6, {.state = State::fin_wait_2});
    story.at(0.023).in({Flag::fin, Flag::ack}, 6, 20, {.state = State::time_wait});
    story.out({Flag::ack}, 20, 7, {.state = State::time_wait});
    story.timer(Timer::time_wait, TimerChange::set, 240.023);
    story.at(240.023).timer(Timer::time_wait, TimerChange::fired, 240.023);
    story.state(Who::us, State::time_wait, State::closed, "TIME-WAIT timeout");
    return story;
}

Story refused() {
    Story story{connection_v4()};
    story.out({Flag::syn}, 0, 0,
              {.state = State::syn_sent, .rule = Rule::open_active, .options = syn_options(1, 0)});
    story.at(0.000187).in({Flag::rst, Flag::ack}, 0, 1,
                          {.state = State::closed, .rule = Rule::syn_sent_reset});
    story.state(Who::us, State::syn_sent, State::closed, "SEGMENT ARRIVES", Rule::syn_sent_reset);
    story.what(Judged{"H-01",
                      Verdict::conforms,
                      "RFC 9293 §3.10.7.1",
                      "A closed port answers a SYN with RST,ACK, sequence number 0, and "
                      "acknowledges the SYN.",
                      {0, 1}});
    return story;
}

Story lost_syn() {
    Story story{connection_v4()};
    story.what(FaultDone{"drop", Direction::out, {Flag::syn}});
    story.out({Flag::syn}, 0, 0,
              {.state = State::syn_sent,
               .rule = Rule::open_active,
               .fault = "drop",
               .options = syn_options(1, 0)});
    story.timer(Timer::retransmission, TimerChange::set, 1.0);
    story.at(1.00002).timer(Timer::retransmission, TimerChange::fired, 1.0);
    story.out({Flag::syn}, 0, 0,
              {.state = State::syn_sent,
               .rule = Rule::retransmission,
               .retransmission = true,
               .options = syn_options(1001, 0)});
    story.timer(Timer::retransmission, TimerChange::set, 3.00002);
    story.at(1.00024).in({Flag::syn, Flag::ack}, 0, 1,
                         {.state = State::established, .options = syn_options(9, 1001)});
    story.timer(Timer::retransmission, TimerChange::cleared, 3.00002);
    story.at(1.000291).out({Flag::ack}, 1, 1, {.state = State::established});
    return story;
}

Story old_duplicate_syn() {
    Story story{connection_v4()};
    story.note("An old duplicate SYN arrives first (RFC 9293 §3.5, Figure 8)", Note::Kind::heading);
    story.our_isn(90).out({Flag::syn}, 0, 0,
                          {.state = State::syn_sent, .altered = true, .note = "the old SYN"});
    story.our_isn(100).at(0.1).out({Flag::syn}, 0, 0, {.state = State::syn_sent, .fault = "drop"});
    story.our_isn(90).at(0.2).in({Flag::syn, Flag::ack}, 0, 1,
                                 {.state = State::syn_sent,
                                  .rule = Rule::syn_sent_resets_bad_ack,
                                  .note = "acknowledges a SYN that is not ours"});
    story.at(0.2001).out({Flag::rst}, 1, 0,
                         {.state = State::syn_sent, .rule = Rule::syn_sent_resets_bad_ack});
    story.note(
        "The server took the old SYN for a new one. The RST tells it so, and it goes back "
        "to LISTEN: this is what the third segment is for.",
        Note::Kind::explanation);
    story.our_isn(100).at(1.1).out({Flag::syn}, 0, 0,
                                   {.state = State::syn_sent, .retransmission = true});
    story.at(1.2).in({Flag::syn, Flag::ack}, 300, 1, {.state = State::established});
    story.at(1.2001).out({Flag::ack}, 1, 301, {.state = State::established});
    return story;
}

}  // namespace tcpcraft::test
