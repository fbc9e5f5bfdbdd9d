#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>  // Asio of Boost 1.7x forgets it

#include <boost/asio/io_context.hpp>

#include <libtcpcraft/link/raw/asio_alarm.hpp>
#include <libtcpcraft/link/raw/readiness.hpp>
#include <libtcpcraft/link/raw/runtime.hpp>

namespace tcpcraft {

/// What a look at a descriptor has brought: something comes so soon that to look again costs less
/// than to be woken; or something has come and been handled.
enum class Lookout : std::uint8_t { nothing, soon, found };

/// What Runtime hides: the rest of this room works with it.
struct Loop {
    boost::asio::io_context context{1};  // one thread: Asio may leave its locks out
    AsioAlarm alarm{context};
    /// Asked before the loop waits, by number.
    std::map<std::uint64_t, std::function<Lookout()>> lookouts{};
    unsigned hurried{0};  ///< turns since Asio was asked

    std::uint64_t look_out(std::function<Lookout()> look) {
        const std::uint64_t number = lookouts.empty() ? 1 : lookouts.rbegin()->first + 1;
        lookouts.emplace(number, std::move(look));
        return number;
    }
    static constexpr auto forever = std::chrono::steady_clock::time_point::max();
    /// One turn: what is there, or else, after a wait that ends at `limit`, what has come.
    void turn(std::chrono::steady_clock::time_point limit);
    /// What is there, without a wait; says whether there was something.
    bool glance();
    /// For a loop that is somebody else's: readable when glance() has something to do.
    int descriptor();
};

}  // namespace tcpcraft
