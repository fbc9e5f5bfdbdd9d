#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/play/application.hpp>
#include <libtcpcraft/script/script.hpp>

namespace tcpcraft {

/// The number behind a name of the socket interface, SOL_SOCKET; nothing when it is unknown.
[[nodiscard]] TCPCRAFT_API std::optional<std::int64_t> symbol(std::string_view name) noexcept;

/// Makes calls of a script with real sockets, in the thread that asks. Descriptors of the script
/// stand for real ones.
class TCPCRAFT_API SocketCalls {
public:
    /// Where `...` leads in bind and connect.
    struct Places {
        Endpoint bind{};     ///< where it binds
        Endpoint connect{};  ///< where it connects to
    };
    /// Made of these.
    explicit SocketCalls(const Places& places) : places_{places} {}
    ~SocketCalls();
    SocketCalls(const SocketCalls&) = delete;
    SocketCalls& operator=(const SocketCalls&) = delete;

    /// Makes the call; what came of it.
    [[nodiscard]] CallOutcome perform(const ScriptCall& call);
    /// One sentence for a script with a call or a symbol that is not known here.
    [[nodiscard]] static std::optional<ScriptError> cannot_make(const Script& script);

private:
    struct Made;
    [[nodiscard]] Made make(const ScriptCall& call);

    Places places_;
    std::map<std::int64_t, int> descriptors_{};
};

}  // namespace tcpcraft
