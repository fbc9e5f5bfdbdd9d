#pragma once

#include <cstddef>

namespace tcpcraft {

/// How the ladder and the lines look.
struct TextOptions {
    std::size_t width{80};  ///< columns of the terminal
    bool colour{false};     ///< ANSI colours
    bool unicode{true};     ///< box drawing; otherwise plain ASCII throughout
    bool absolute{false};   ///< sequence numbers as they are on the wire (-S)
    bool symbols{false};    ///< x, y, u, v, w in place of numbers (--symbols)
    unsigned verbose{0};    ///< 1: every field and every timer; 2: the octets too
    bool explain{false};    ///< after each step the rule's sentence and where it stands
    bool show_tcb{false};   ///< TCB records are printed
};

}  // namespace tcpcraft
