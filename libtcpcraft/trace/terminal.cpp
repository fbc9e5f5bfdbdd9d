#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include <libtcpcraft/trace/terminal.hpp>

namespace tcpcraft {

namespace {

/// Empty counts as not set.
std::string_view environment(const char* name) {
    // Read before any thread is started; nothing here writes the environment.
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

}  // namespace

bool wants_colour(ColourWhen when, int descriptor) {
    if (when != ColourWhen::automatic) {
        return when == ColourWhen::always;
    }
    return environment("NO_COLOR").empty() && environment("TERM") != "dumb" &&
           isatty(descriptor) == 1;
}

bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string value{environment(name)};
        if (value.empty()) {
            continue;
        }
        std::transform(value.begin(), value.end(), value.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
    return false;
}

std::size_t terminal_width(int descriptor) {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    const std::string_view columns = environment("COLUMNS");
    std::size_t width = 0;
    const auto read = std::from_chars(columns.data(), columns.data() + columns.size(), width);
    return read.ec == std::errc{} && width > 0 ? width : 80;
}

}  // namespace tcpcraft
