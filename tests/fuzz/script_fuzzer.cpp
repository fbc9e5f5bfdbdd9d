// Any text is refused with a place in it, or read; what was read is printed, read and printed
// alike.
#include <algorithm>

#include <tests/fuzz/require.hpp>
#include <tests/fuzz/target.hpp>

#include <libtcpcraft/script/script.hpp>

using tcpcraft::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{data, data + size};
    const auto read = tcpcraft::read_script(text);
    if (!read) {
        const auto& error = read.error();
        require(!error.sentence.empty(), "there is a sentence");
        require(error.sentence.find('\n') == std::string::npos, "it is one line");
        require(error.at.line >= 1 && error.at.column >= 1, "places count from 1");
        require(error.at.line <= 1U + std::ranges::count(text, '\n'), "the line is in the text");
        return 0;
    }
    require(!read->events.empty(), "a script has an event");
    const std::string printed = tcpcraft::script_text(*read);
    const auto again = tcpcraft::read_script(printed);
    require(again.has_value(), "what is printed can be read");
    require(tcpcraft::script_text(*again) == printed, "and is printed alike");
    return 0;
}
