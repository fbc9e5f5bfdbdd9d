#include <atomic>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <tools/cli/step_signals.hpp>
#include <unistd.h>

namespace tcpcraft::cli {

namespace {

// What the handler may touch: where it tells of the signal.
std::atomic<int> told_at{-1};

void tell(int signal) {
    const int saved = errno;
    const auto octet = static_cast<unsigned char>(signal);
    if (::write(told_at.load(), &octet, 1) < 0) {
        // The pipe is full: it has been told of signals already.
    }
    errno = saved;
}

struct sigaction telling() {
    struct sigaction action {};
    action.sa_handler = tell;
    sigemptyset(&action.sa_mask);
    return action;
}

}  // namespace

PromptSignals::PromptSignals() {
    if (::pipe2(pipe_.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        return;  // without descriptors left signals do what they did
    }
    told_at = pipe_[1];
    const struct sigaction action = telling();
    for (std::size_t i = 0; i < caught.size(); ++i) {
        ::sigaction(caught[i], nullptr, &before_[i]);
        // What was to be ignored (nohup, a shell without job control) stays ignored.
        if (before_[i].sa_handler != SIG_IGN) {
            ::sigaction(caught[i], &action, nullptr);
        }
    }
}

PromptSignals::~PromptSignals() {
    if (pipe_[0] < 0) {
        return;
    }
    for (std::size_t i = 0; i < caught.size(); ++i) {
        ::sigaction(caught[i], &before_[i], nullptr);
    }
    told_at = -1;
    ::close(pipe_[0]);
    ::close(pipe_[1]);
}

PromptSignals::Event PromptSignals::wait(int fd) {
    while (true) {
        std::array<pollfd, 2> polled{{{pipe_[0], POLLIN, 0}, {fd, POLLIN, 0}}};
        if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) {
            return Event::readable;  // reading will say what is wrong
        }
        unsigned char signal{0};
        if (pipe_[0] >= 0 && ::read(pipe_[0], &signal, 1) == 1) {
            return signal == SIGTSTP ? Event::stop : Event::interrupted;
        }
        if (polled[1].revents != 0) {
            return Event::readable;
        }
    }
}

void PromptSignals::stop_here() {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    struct sigaction ours {};
    ::sigaction(SIGTSTP, &action, &ours);
    ::raise(SIGTSTP);
    ::sigaction(SIGTSTP, &ours, nullptr);
}

}  // namespace tcpcraft::cli
