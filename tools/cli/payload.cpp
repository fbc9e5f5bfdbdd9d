#include <fstream>
#include <iterator>
#include <span>

#include <CLI/CLI.hpp>
#include <tools/cli/payload.hpp>

namespace tcpcraft::cli {

Expected<std::vector<std::byte>> read_payload(const std::string& text) {
    std::string data = text;
    if (text.starts_with('@')) {
        std::ifstream file{text.substr(1), std::ios::binary};
        if (!file) {
            return failure({}, "cannot read '" + text.substr(1) + "'");
        }
        data.assign(std::istreambuf_iterator<char>{file}, {});
    }
    if (data.empty()) {
        return failure({}, "there is nothing to send in '" + text + "'");
    }
    const auto octets = std::as_bytes(std::span{data});
    return std::vector<std::byte>{octets.begin(), octets.end()};
}

CLI::Option* add_send(CLI::App& app, std::optional<std::vector<std::byte>>& into,
                      const std::string& description) {
    const auto take = [&into](const std::string& text) {
        auto read = read_payload(text);
        if (!read) {
            throw CLI::ValidationError("--send: " + read.error().attempt);
        }
        into = std::move(*read);
    };
    return app.add_option_function<std::string>("--send", take, description)
        ->type_name("TEXT|@FILE");
}

}  // namespace tcpcraft::cli
