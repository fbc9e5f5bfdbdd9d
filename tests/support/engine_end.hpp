#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <libtcpcraft/engine/advance.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::support {

[[nodiscard]] inline Endpoint endpoint(std::string_view text) { return *Endpoint::read(text); }

/// One connection driven by the engine over a Link, which writes down all that happens.
class EngineEnd {
public:
    EngineEnd(Link& link, Alarm& alarm, ConnectionId id, Policy policy = {})
        : link_{link}, alarm_{alarm}, id_{id}, policy_{policy} {
        link_.on_arrivals([this](std::span<const Arrival> arrivals) {
            for (const Arrival& arrival : arrivals) {
                arrives(arrival);
            }
        });
    }
    EngineEnd(const EngineEnd&) = delete;
    EngineEnd& operator=(const EngineEnd&) = delete;
    ~EngineEnd() {
        alarm_.cancel(timer_);
        link_.on_arrivals({});
    }

    void open(Seq iss) { perform(ActiveOpen{.id = id_, .iss = iss}); }
    void send(std::string_view text) {
        perform(Send{.data = std::as_bytes(std::span{text.data(), text.size()})});
    }
    void close() { perform(Close{}); }
    /// A segment that no TCB of ours has sent: an old duplicate, say.
    void inject(const Segment& segment) { transmit(segment); }
    /// The host is off: what arrives is written down, but nothing is done about it.
    void switch_off() {
        off_ = true;
        alarm_.cancel(timer_);
    }

    void perform(const Event& event) {
        actions_.clear();
        tcb_ = advance(std::move(tcb_), event, alarm_.now(), policy_, actions_);
        for (const Action& action : actions_) {
            if (const auto* out = std::get_if<Transmit>(&action)) {
                transmit(out->segment);
            } else if (const auto* in = std::get_if<Deliver>(&action)) {
                for (const std::byte octet : in->data) {
                    received_.push_back(static_cast<char>(octet));
                }
            } else if (const auto* entered = std::get_if<Entered>(&action)) {
                states_.push_back(entered->to);
            } else if (const auto* notified = std::get_if<Notified>(&action)) {
                notices_.push_back(notified->notice);
            }
        }
        alarm_.cancel(timer_);
        timer_ = alarm_.call_at(next_deadline(tcb_), [this] { perform(TimePasses{}); });
    }

    [[nodiscard]] const Tcb& tcb() const { return tcb_; }
    [[nodiscard]] State state() const { return tcb_.state; }
    /// `> S 100`, `< S. 300 ack 101`, `> P. 101+5 ack 301`: direction, flags, SEG.SEQ, octets.
    [[nodiscard]] const std::vector<std::string>& segments() const { return segments_; }
    [[nodiscard]] const std::vector<State>& states() const { return states_; }
    [[nodiscard]] const std::vector<Notice>& notices() const { return notices_; }
    [[nodiscard]] const std::string& received() const { return received_; }

private:
    void arrives(const Arrival& arrival) {
        const auto datagram = parse(arrival.octets, arrival.checksum_ready);
        if (!datagram || datagram->checksum == Checksum::bad) {
            return;  // RFC 9293 §3.1 (MUST-3)
        }
        write_down('<', datagram->segment);
        if (!off_) {
            perform(SegmentArrives{.segment = datagram->segment,
                                   .from = datagram->ip.source,
                                   .to = datagram->ip.destination});
        }
    }
    void transmit(const Segment& segment) {
        write_down('>', segment);
        const std::vector<std::byte> octets = serialize(
            Datagram{.ip = {.source = id_.local.address, .destination = id_.remote.address},
                     .segment = segment});
        const Outgoing out{.octets = octets, .destination = id_.remote.address};
        EXPECT_TRUE(link_.transmit(std::span{&out, 1}));
    }
    void write_down(char direction, const Segment& segment) {
        std::string line =
            fmt::format("{} {} {}", direction, flags_text(segment.flags), segment.seq.raw());
        if (!segment.payload.empty()) {
            line += fmt::format("+{}", segment.payload.size());
        }
        if (segment.has(Flag::ack)) {
            line += fmt::format(" ack {}", segment.ack.raw());
        }
        segments_.push_back(std::move(line));
    }

    Link& link_;
    Alarm& alarm_;
    ConnectionId id_{};
    Policy policy_{};
    Tcb tcb_{};
    Actions actions_{};
    AlarmId timer_{};
    bool off_{false};
    std::vector<std::string> segments_{};
    std::vector<State> states_{};
    std::vector<Notice> notices_{};
    std::string received_{};
};

}  // namespace tcpcraft::support
