#pragma once

#include <utility>  // Asio of Boost 1.7x forgets it

#include <boost/asio/io_context.hpp>

#include <libtcpcraft/link/raw/asio_alarm.hpp>
#include <libtcpcraft/link/raw/readiness.hpp>
#include <libtcpcraft/link/raw/runtime.hpp>

namespace tcpcraft {

/// What Runtime hides: the rest of this room works with it.
struct Loop {
    boost::asio::io_context context{1};  // one thread: Asio may leave its locks out
    AsioAlarm alarm{context};
};

}  // namespace tcpcraft
