#pragma once

#include <string>
#include <string_view>

#include <libtcpcraft/base/expected.hpp>

namespace tcpcraft::cli {

/// A file that is there as a whole or not at all: whatever ends the process, what was there before
/// stays. A device or a pipe under that name is written to as it is; a symbolic link stays one.
class WholeFile {
public:
    /// Before anything is done that would be lost with it: tries that it can be made.
    [[nodiscard]] static Expected<WholeFile> plan(const std::string& name);

    [[nodiscard]] Expected<void> write(std::string_view content) const;
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    [[nodiscard]] Expected<void> replace(std::string_view content) const;

    std::string name_{};   ///< as it was typed
    std::string place_{};  ///< behind symbolic links
    bool special_{false};  ///< no regular file
};

}  // namespace tcpcraft::cli
