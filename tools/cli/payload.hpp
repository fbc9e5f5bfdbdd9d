#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/base/expected.hpp>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tcpcraft::cli {

/// The octets of `TEXT`, or of the file behind `@FILE`. Errors: no such file, nothing in there.
[[nodiscard]] Expected<std::vector<std::byte>> read_payload(const std::string& text);

/// Declares `--send TEXT|@FILE`.
CLI::Option* add_send(CLI::App& app, std::optional<std::vector<std::byte>>& into,
                      const std::string& description);

}  // namespace tcpcraft::cli
