#include <algorithm>
#include <csignal>
#include <cstdint>
#include <future>

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <libtcpcraft/sut/namespace_thread.hpp>

namespace tcpcraft {

namespace {

constexpr int wake_signal = SIGURG;  // ignored by default, so that nobody else's handler is lost

std::string file_of(const std::string& where) {
    const bool process =
        !where.empty() && std::ranges::all_of(where, [](char c) { return c >= '0' && c <= '9'; });
    return process ? "/proc/" + where + "/ns/net" : "/run/netns/" + where;
}

void block_all_but_the_wake() {
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, wake_signal);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

Expected<std::unique_ptr<NamespaceThread>> NamespaceThread::enter(const std::string& where) {
    const std::string file = file_of(where);
    Descriptor target{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!target.open()) {
        return failure(last_system_error(), "open the network namespace " + file);
    }
    Descriptor ready{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (!ready.open()) {
        return failure(last_system_error(), "make an eventfd");
    }
    struct sigaction quiet {};
    quiet.sa_handler = [](int) {};  // no SA_RESTART: a blocking call returns
    sigaction(wake_signal, &quiet, nullptr);
    std::unique_ptr<NamespaceThread> made{new NamespaceThread{std::move(target), std::move(ready)}};
    made->run([] {});
    if (made->entered_) {
        return failure(made->entered_, fmt::format("enter the network namespace {} (needs "
                                                   "CAP_SYS_ADMIN over it)",
                                                   file));
    }
    return made;
}

NamespaceThread::NamespaceThread(Descriptor where, Descriptor ready) : ready_{std::move(ready)} {
    thread_ = std::thread{[this, fd = where.release()] { work(Descriptor{fd}); }};
}

NamespaceThread::~NamespaceThread() {
    {
        const std::lock_guard lock{mutex_};
        over_ = true;
        jobs_.clear();
        interrupted_ = true;
    }
    wanted_.notify_all();
    wake_until(gone_);
    thread_.join();
}

// Again and again: the first signal may come just before the call that blocks.
void NamespaceThread::wake_until(const std::atomic<bool>& reached) {
    while (!reached) {
        pthread_kill(thread_.native_handle(), wake_signal);
        ::usleep(1000);
    }
}

void NamespaceThread::interrupt() {
    {
        const std::lock_guard lock{mutex_};
        jobs_.clear();
        interrupted_ = true;
    }
    wake_until(idle_);
    interrupted_ = false;
}

void NamespaceThread::work(Descriptor where) {
    block_all_but_the_wake();
    if (::setns(where.raw(), CLONE_NEWNET) != 0) {
        entered_ = last_system_error();
    }
    where.reset();
    std::unique_lock lock{mutex_};
    while (true) {
        wanted_.wait(lock, [this] { return over_ || !jobs_.empty(); });
        if (over_) {
            break;
        }
        const auto job = std::move(jobs_.front());
        jobs_.pop_front();
        idle_ = false;
        lock.unlock();
        auto result = job();
        lock.lock();
        results_.push_back(std::move(result));
        idle_ = true;
        const std::uint64_t one = 1;
        static_cast<void>(!::write(ready_.raw(), &one, sizeof one));
    }
    lock.unlock();
    gone_ = true;
}

void NamespaceThread::post(std::function<std::function<void()>()> job) {
    {
        const std::lock_guard lock{mutex_};
        jobs_.push_back(std::move(job));
    }
    wanted_.notify_one();
}

void NamespaceThread::run(const std::function<void()>& job) {
    std::promise<void> done;
    post([&]() -> std::function<void()> {
        job();
        done.set_value();
        return [] {};
    });
    done.get_future().wait();
}

void NamespaceThread::finish_jobs() {
    std::uint64_t count = 0;
    static_cast<void>(!::read(ready_.raw(), &count, sizeof count));
    std::deque<std::function<void()>> results;
    {
        const std::lock_guard lock{mutex_};
        results.swap(results_);
    }
    for (const auto& result : results) {
        result();
    }
}

}  // namespace tcpcraft
