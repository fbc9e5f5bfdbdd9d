#include <fstream>
#include <iterator>
#include <string>

#include <fmt/core.h>
#include <tests/engine/cells/page.hpp>

// usage: engine_page --check|--write docs/engine.md
// Draws the generated parts of the page anew, or says whether they are as they would be drawn.

int main(int argc, char** argv) {
    const std::string mode = argc == 3 ? argv[1] : "";
    if (mode != "--check" && mode != "--write") {
        fmt::print(stderr, "usage: engine_page --check|--write docs/engine.md\n");
        return 2;
    }
    std::ifstream in{argv[2]};
    const std::string page{std::istreambuf_iterator<char>{in}, {}};
    const auto anew = tcpcraft::cells::drawn_anew(page);
    if (!anew) {
        fmt::print(stderr, "engine_page: {} lacks a part to draw into\n", argv[2]);
        return 1;
    }
    if (mode == "--write") {
        std::ofstream{argv[2]} << *anew;
        return 0;
    }
    if (*anew != page) {
        fmt::print(stderr,
                   "engine_page: {} is not what the machine does. If it should do this now:\n"
                   "    {} --write docs/engine.md\n",
                   argv[2], argv[0]);
        return 1;
    }
    return 0;
}
