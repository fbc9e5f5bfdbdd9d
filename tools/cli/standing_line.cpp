#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <tools/cli/standing_line.hpp>
#include <unistd.h>

#include <libtcpcraft/drive/describe.hpp>
#include <libtcpcraft/trace/terminal.hpp>

namespace tcpcraft::cli {

namespace {

constexpr std::string_view erase = "\r\x1b[K";

}  // namespace

std::string whole_seconds(Duration length) {
    const Duration floored = std::chrono::floor<std::chrono::seconds>(length);
    return floored > Duration{} ? spoken(floored) : "0 s";
}

StandingLine::StandingLine(bool wanted) : visible_{wanted && ::isatty(STDERR_FILENO) != 0} {}

void StandingLine::show(std::string_view text) {
    if (visible_) {
        const std::size_t room = std::max<std::size_t>(terminal_width(STDERR_FILENO), 2) - 1;
        fmt::print(stderr, "{}{}", erase, text.substr(0, room));
        std::fflush(stderr);
        standing_ = true;
    }
}

void StandingLine::clear() {
    if (standing_) {
        fmt::print(stderr, "{}", erase);
        std::fflush(stderr);
        standing_ = false;
    }
}

}  // namespace tcpcraft::cli
