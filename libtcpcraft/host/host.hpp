#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/trace/record.hpp>

namespace tcpcraft {

/// The host that connections are made from, with its link and its clock: this one (RawHost), or one
/// in virtual time (Simulation). Not thread-safe; whatever uses its link must go before it does.
class TCPCRAFT_API Host {
public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host();

    /// Where packets go and come from, with the fault rules around it.
    [[nodiscard]] virtual Link& link() = 0;
    /// The host's time, counted from when it was opened.
    [[nodiscard]] virtual Alarm& alarm() = 0;
    /// Our end: address and first port. The address is unspecified where any of this host's will do
    /// (server role).
    [[nodiscard]] virtual Endpoint local() const = 0;
    /// The peer that was asked for; none in the server role.
    [[nodiscard]] virtual std::optional<Endpoint> remote() const = 0;
    /// Largest IP packet of the path, in octets, as far as it is known.
    [[nodiscard]] virtual std::uint32_t mtu() const = 0;
    /// The wall clock when alarm() was at zero.
    [[nodiscard]] virtual std::chrono::system_clock::time_point started_at() const = 0;

    /// Lets things happen until `finished`, which is asked before each of them. False when it came
    /// to its end before: interrupted by a signal, or nothing can happen any more (virtual time).
    virtual bool run(const std::function<bool()>& finished) = 0;

    /// For an event loop of somebody else's: readable (poll, epoll) whenever turn() has something
    /// to do. -1 in virtual time, and when the process is out of descriptors.
    [[nodiscard]] virtual int descriptor() { return -1; }
    /// Handles what there is to do now and does not wait; in virtual time the next event. False
    /// when there was nothing.
    virtual bool turn() = 0;

    /// What a reader should know of the run: RSTs of this host's kernel that were held back or
    /// escaped, packets that the capture lost.
    [[nodiscard]] virtual std::vector<Note> evidence() { return {}; }
};

}  // namespace tcpcraft
