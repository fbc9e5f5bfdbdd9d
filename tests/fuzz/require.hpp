#pragma once

#include <cstdio>
#include <cstdlib>

namespace tcpcraft::fuzz {

/// An invariant; ends the program where it does not hold, so that the fuzzer keeps the input.
inline void require(bool holds, const char* invariant) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", invariant);
        std::abort();
    }
}

}  // namespace tcpcraft::fuzz
