#pragma once

#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/trace/kept_records.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft::cli {

/// Passes records on when the run has a moment to spare: so that no segment waits for a drawing. A
/// moment is a millisecond without a record; nobody waits for longer than 20 ms.
class UnhurriedSink final : public TraceSink {
public:
    /// Passes on at once, until it is told to give way. `next` must outlive it.
    explicit UnhurriedSink(TraceSink& next) : next_{next} {}
    UnhurriedSink(const UnhurriedSink&) = delete;
    UnhurriedSink& operator=(const UnhurriedSink&) = delete;
    /// What has not been passed on is lost: see catch_up().
    ~UnhurriedSink() override;

    /// The alarm must outlive this.
    void give_way(Alarm& alarm) { alarm_ = &alarm; }
    void write(const Record& record) override;
    /// Passes on whatever is still here.
    void catch_up() { kept_.give(next_); }

private:
    void await_turn();

    TraceSink& next_;
    KeptRecords kept_{};
    Alarm* alarm_{nullptr};
    AlarmId turn_{AlarmId::none};
    Instant oldest_{};  ///< of those that are here
    Instant newest_{};
};

}  // namespace tcpcraft::cli
