#pragma once

#include <cstdint>
#include <functional>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Names a call that is to come.
enum class AlarmId : std::uint64_t { none = 0 };

/// Time of a world: the steady clock of a host, or virtual time.
class TCPCRAFT_API Alarm {
public:
    Alarm() = default;
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    virtual ~Alarm();

    /// Since the start of the run. Does not move while a handler runs in virtual time.
    [[nodiscard]] virtual Instant now() const = 0;
    /// Calls once, from the loop, at `when` or as soon after as possible.
    virtual AlarmId call_at(Instant when, std::function<void()> wake) = 0;
    /// A call that has already happened, or AlarmId::none, is no error.
    virtual void cancel(AlarmId id) = 0;
};

}  // namespace tcpcraft
