#pragma once

namespace tcpcraft::cli {

/// Opens /dev/null for each of descriptors 0 to 2 that is closed. First thing of all: else our
/// sockets take their numbers, and what is written for a person goes out on one of them.
void open_standard_streams() noexcept;

}  // namespace tcpcraft::cli
