#include <algorithm>
#include <chrono>

#include <tools/cli/unhurried_sink.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;

constexpr Duration breather = 1ms;
constexpr Duration longest_wait = 20ms;

}  // namespace

UnhurriedSink::~UnhurriedSink() {
    if (alarm_ != nullptr) {
        alarm_->cancel(turn_);
    }
}

void UnhurriedSink::write(const Record& record) {
    if (alarm_ == nullptr) {
        return next_.write(record);
    }
    newest_ = alarm_->now();
    if (kept_.all().empty()) {
        oldest_ = newest_;
    }
    kept_.keep(record);
    if (turn_ == AlarmId::none) {
        await_turn();
    }
}

void UnhurriedSink::await_turn() {
    const Instant when = std::min(newest_ + breather, oldest_ + longest_wait);
    turn_ = alarm_->call_at(when, [this] {
        turn_ = AlarmId::none;
        const Instant now = alarm_->now();
        if (now < newest_ + breather && now < oldest_ + longest_wait) {
            return await_turn();
        }
        catch_up();
    });
}

}  // namespace tcpcraft::cli
