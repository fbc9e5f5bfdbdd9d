#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tools/cli/world.hpp>
#include <tools/script_files.hpp>
#include <tools/script_options.hpp>

#include <libtcpcraft/play/application.hpp>
#include <libtcpcraft/script/script.hpp>

namespace tcpcraft::cli {

/// The tested host in a namespace of this machine: a TUN device is the wire, a thread in there
/// makes the calls. No guard is needed, since our end has no kernel.
class TestedNamespace : public World, public Application {
public:
    [[nodiscard]] static Expected<std::unique_ptr<TestedNamespace>> enter(
        const ScriptToolOptions& options);
    /// --dry-run: what would be done in there.
    [[nodiscard]] static std::vector<std::string> planned(const ScriptToolOptions& options,
                                                          const std::vector<ScriptFile>& files);
    /// A fresh wire and fresh descriptors for a script in that file: the ends of its connection.
    [[nodiscard]] virtual Expected<ConnectionId> prepare(const std::string& file,
                                                         const Script& script) = 0;
    /// By a signal, perhaps while a script was being prepared.
    [[nodiscard]] virtual bool interrupted() const noexcept = 0;
};

}  // namespace tcpcraft::cli
