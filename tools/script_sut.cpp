#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <tools/script_sut.hpp>
#include <unistd.h>

#include <libtcpcraft/link/raw/runtime.hpp>
#include <libtcpcraft/sut/namespace_thread.hpp>
#include <libtcpcraft/sut/shell.hpp>
#include <libtcpcraft/sut/socket_calls.hpp>
#include <libtcpcraft/sut/tun_link.hpp>

namespace tcpcraft::cli {

namespace {

constexpr Port usual_port{8080};
constexpr std::uint16_t our_first_port = 40'000;

Address fixed(std::string_view text) { return Address::read(text).value_or(Address{}); }

/// A word for a shell.
std::string in_quotes(const std::string& text) {
    std::string made = "'";
    for (const char c : text) {
        made += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
    }
    return made + "'";
}

TunEnds ends_of(const Script& script, const ScriptToolOptions& options) {
    const bool v6 =
        script.options.ip_version == ScriptOptions::Version::ipv6 || options.common.peer.only_v6;
    TunEnds ends;
    ends.tested = script.options.local.value_or(fixed(v6 ? "fd00:7463::1" : "192.168.0.1"));
    ends.ours = script.options.remote.value_or(fixed(v6 ? "2001:db8::2" : "192.0.2.1"));
    ends.mtu = script.options.mtu.value_or(1500);
    return ends;
}

class Tested final : public TestedNamespace {
public:
    Tested(const ScriptToolOptions& options, std::unique_ptr<NamespaceThread> thread,
           Runtime runtime)
        : options_{options},
          runtime_{std::move(runtime)},
          link_{runtime_.alarm()},
          thread_{std::move(thread)} {}

    ~Tested() override {
        thread_->interrupt();  // no script is played any more, but a call of it may still block
        clean_up();
        thread_.reset();
        calls_.reset();
    }

    Expected<void> begin() {
        auto watched =
            runtime_.watch_readable(thread_->descriptor(), [this] { thread_->finish_jobs(); });
        if (!watched) {
            return Unexpected<Error>{watched.error()};
        }
        return runtime_.on_signal([this](int) {
            if (++interrupts_ == 1 && on_interrupt_) {
                on_interrupt_();
            }
        });
    }

    Expected<ConnectionId> prepare(const std::string& file, const Script& script) override {
        thread_->interrupt();
        clean_up();
        if (interrupted()) {
            return failure({}, "stopped by a signal");
        }
        folder_ = std::filesystem::absolute(file).parent_path().string();
        const TunEnds ends = ends_of(script, options_);
        const Endpoint tested{ends.tested, script.options.bind_port.value_or(usual_port)};
        const Endpoint target{ends.ours, script.options.connect_port.value_or(usual_port)};
        if (auto opened = open_wire(ends, {tested, target}); !opened) {
            return Unexpected<Error>{opened.error()};
        }
        cleanup_ = script.cleanup;
        if (auto run = run_command(script.setup, setup_end()); !run) {
            return Unexpected<Error>{run.error()};
        }
        const ScriptSegment* first = script.first_segment();
        if (first != nullptr && first->direction == ScriptDirection::outbound) {
            return ConnectionId{target, {ends.tested, Port{}}};
        }
        return ConnectionId{{ends.ours, Port{static_cast<std::uint16_t>(our_first_port + wires_)}},
                            tested};
    }

    void perform(const ScriptEvent& event, std::function<void(CallOutcome)> done) override {
        thread_->post([this, event, done = std::move(done)]() -> std::function<void()> {
            return [outcome = made(event), done] { done(outcome); };
        });
    }

    Link& link() override { return link_; }
    Alarm& alarm() override { return runtime_.alarm(); }
    [[nodiscard]] Endpoint local() const override { return {}; }
    [[nodiscard]] Endpoint remote() const override { return {}; }
    [[nodiscard]] std::uint32_t mtu() const override { return 1500; }
    [[nodiscard]] std::string target_text() const override {
        return "namespace " + options_.sut_netns;
    }
    [[nodiscard]] std::chrono::system_clock::time_point started_at() const override {
        return started_at_;
    }
    void run(const std::function<bool()>& finished,
             const std::function<void()>& interrupted) override {
        on_interrupt_ = interrupted;
        runtime_.run_until([this, &finished] { return interrupts_ > 1 || finished(); });
        on_interrupt_ = nullptr;
    }
    void narrow(const ConnectionId& /*id*/) override {}
    std::vector<Note> evidence() override { return {}; }
    [[nodiscard]] std::vector<std::string> plan() const override { return {}; }
    [[nodiscard]] bool interrupted() const noexcept override { return interrupts_ > 0; }
    void watch(int descriptor, std::function<void()> readable) override {
        static_cast<void>(runtime_.watch_readable(descriptor, std::move(readable)));
    }

private:
    Expected<void> open_wire(const TunEnds& ends, const SocketCalls::Places& places) {
        runtime_.unwatch(watching_);
        link_.use(Descriptor{});
        Expected<Descriptor> device = Descriptor{};
        thread_->run([&] {
            calls_.emplace(places);
            device = open_tun(ends);
        });
        if (!device) {
            return Unexpected<Error>{device.error()};
        }
        ++wires_;
        link_.use(std::move(*device));
        auto watched = runtime_.watch_readable(link_.descriptor(), [this] { link_.drain(); });
        if (!watched) {
            return Unexpected<Error>{watched.error()};
        }
        watching_ = *watched;
        return {};
    }

    CallOutcome made(const ScriptEvent& event) {
        if (const auto* call = std::get_if<ScriptCall>(&event.what)) {
            return calls_->perform(*call);
        }
        if (const auto* shell = std::get_if<ScriptShell>(&event.what)) {
            const int status = shell_status(shell->command);
            return {.as_expected = status == 0, .got = fmt::format("exit status {}", status)};
        }
        return {.note = "Python is not run here: " + script_text(event)};
    }
    [[nodiscard]] int shell_status(const std::string& command) const {
        return run_shell(fmt::format("export PACKETDRILL_PID={}; cd {} && {}", ::getpid(),
                                     in_quotes(folder_), command),
                         [this] { return thread_->interrupted(); });
    }
    // While the loop runs, so that a signal can end it, and the end of its time.
    Expected<void> run_command(const std::optional<ScriptShell>& shell, Instant until) {
        if (!shell) {
            return {};
        }
        std::optional<int> status;
        bool late = false;
        const int interrupts = interrupts_;
        thread_->post([&]() -> std::function<void()> {
            return [&status, got = shell_status(shell->command)] { status = got; };
        });
        const AlarmId end = alarm().call_at(until, [&late] { late = true; });
        runtime_.run_until([&] { return status || late || interrupts != interrupts_; });
        alarm().cancel(end);
        if (!status) {
            thread_->interrupt();
            thread_->finish_jobs();  // what it returned is about this command
            return failure({}, fmt::format("`{}` was ended: {}", shell->command,
                                           late ? "its time was over" : "a signal came"));
        }
        if (*status != 0) {
            return failure({}, fmt::format("`{}` ended with status {}", shell->command, *status));
        }
        return {};
    }
    [[nodiscard]] Instant setup_end() {
        const Instant end = alarm().now() + options_.common.timeout;
        return options_.common.deadline ? std::min(end, Instant{} + *options_.common.deadline)
                                        : end;
    }
    // Even when the deadline is over: what a script has changed must not stay.
    void clean_up() {
        const auto command = std::exchange(cleanup_, std::nullopt);
        if (auto run = run_command(command, alarm().now() + options_.common.timeout); !run) {
            fmt::print(stderr, "tcp-script: {}\n", run.error().message());
        }
    }

    const ScriptToolOptions& options_;
    Runtime runtime_;
    TunLink link_;
    std::unique_ptr<NamespaceThread> thread_;
    std::optional<SocketCalls> calls_{};
    std::string folder_{};
    std::optional<ScriptShell> cleanup_{};
    WatchId watching_{WatchId::none};
    unsigned wires_{0};
    int interrupts_{0};
    std::function<void()> on_interrupt_{};
    std::chrono::system_clock::time_point started_at_{std::chrono::system_clock::now()};
};

}  // namespace

Expected<std::unique_ptr<TestedNamespace>> TestedNamespace::enter(
    const ScriptToolOptions& options) {
    auto runtime = Runtime::create();
    if (!runtime) {
        return Unexpected<Error>{runtime.error()};
    }
    auto thread = NamespaceThread::enter(options.sut_netns);
    if (!thread) {
        return Unexpected<Error>{thread.error()};
    }
    auto made = std::make_unique<Tested>(options, std::move(*thread), std::move(*runtime));
    if (auto begun = made->begin(); !begun) {
        return Unexpected<Error>{begun.error()};
    }
    return made;
}

std::vector<std::string> TestedNamespace::planned(const ScriptToolOptions& options,
                                                  const std::vector<ScriptFile>& files) {
    std::vector<std::string> made;
    for (const ScriptFile& file : files) {
        const TunEnds ends = ends_of(file.script, options);
        made.push_back(fmt::format("{}: in the namespace {}, tun0 with {} there and {} here",
                                   file.name, options.sut_netns, ends.tested.text(),
                                   ends.ours.text()));
    }
    return made;
}

}  // namespace tcpcraft::cli
