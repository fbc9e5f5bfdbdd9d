#include <cerrno>

#include <fcntl.h>
#include <tools/cli/standard_streams.hpp>

namespace tcpcraft::cli {

void open_standard_streams() noexcept {
    for (int stream = 0; stream < 3; ++stream) {
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
            // The lowest free number: this one.
            static_cast<void>(open("/dev/null", O_RDWR));
        }
    }
}

}  // namespace tcpcraft::cli
