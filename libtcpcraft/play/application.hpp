#pragma once

#include <functional>
#include <string>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/script/script.hpp>

namespace tcpcraft {

/// What came of a call, or of a command, in the tested host.
struct CallOutcome {
    bool as_expected{true};  ///< the call returned what it had to
    std::string got{};       ///< `-1 EPIPE (Broken pipe)`
    std::string note{};      ///< something to be said, although it is no failure
};

/// The application of the tested host, where it is ours to command: makes a script's calls there.
class TCPCRAFT_API Application {
public:
    Application() = default;
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;
    virtual ~Application() = default;

    /// Begins a call, a shell command or code; `done` is called once, from the loop, later. One
    /// at a time.
    virtual void perform(const ScriptEvent& event, std::function<void(CallOutcome)> done) = 0;
};

}  // namespace tcpcraft
