#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <libtcpcraft/base/descriptor.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// A thread that lives in another network namespace: jobs in, results out, each by a queue. What it
/// opens (sockets, TUN devices) and the programs that it starts belong to that namespace.
class TCPCRAFT_API NamespaceThread {
public:
    /// `where`: a name of `ip netns`, or the id of a process whose namespace it is. Needs
    /// CAP_SYS_ADMIN over it.
    [[nodiscard]] static Expected<std::unique_ptr<NamespaceThread>> enter(const std::string& where);
    /// As after interrupt().
    ~NamespaceThread();
    NamespaceThread(const NamespaceThread&) = delete;
    NamespaceThread& operator=(const NamespaceThread&) = delete;

    /// `job` runs there, what it returns runs in finish_jobs().
    void post(std::function<std::function<void()>()> job);
    /// Runs it there and waits.
    void run(const std::function<void()>& job);
    /// Forgets the jobs that have not begun, wakes by a signal what blocks in the one that has, and
    /// waits for its end. A job that waits again when it is woken asks interrupted().
    void interrupt();
    /// For jobs: there is no more time.
    [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }
    /// Readable when there is something for finish_jobs().
    [[nodiscard]] int descriptor() const noexcept { return ready_.raw(); }
    /// Waits until all have been done.
    void finish_jobs();

private:
    NamespaceThread(Descriptor where, Descriptor ready);
    void work(Descriptor where);
    void wake_until(const std::atomic<bool>& reached);

    Descriptor ready_;
    std::mutex mutex_{};
    std::condition_variable wanted_{};
    std::deque<std::function<std::function<void()>()>> jobs_{};
    std::deque<std::function<void()>> results_{};
    bool over_{false};
    std::atomic<bool> idle_{true};
    std::atomic<bool> interrupted_{false};
    std::atomic<bool> gone_{false};
    std::error_code entered_{};
    std::thread thread_{};
};

}  // namespace tcpcraft
