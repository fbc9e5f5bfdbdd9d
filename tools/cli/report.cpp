#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <variant>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/report_files.hpp>
#include <tools/cli/unhurried_sink.hpp>
#include <tools/cli/version.hpp>
#include <unistd.h>

#include <libtcpcraft/trace/json_sink.hpp>
#include <libtcpcraft/trace/ladder_sink.hpp>
#include <libtcpcraft/trace/lines_sink.hpp>
#include <libtcpcraft/trace/pcap_sink.hpp>
#include <libtcpcraft/trace/tee_sink.hpp>
#include <libtcpcraft/trace/terminal.hpp>
#include <libtcpcraft/trace/wrapped.hpp>

namespace tcpcraft::cli {

namespace {

using WallClock = std::chrono::system_clock;

constexpr std::size_t width_of_a_file = 100;
constexpr std::size_t narrowest_column = 20;

RunAbout run_about(std::string_view tool, std::string_view target, WallClock::time_point at) {
    return {std::string{tool}, std::string{version}, std::string{target}, rfc3339(at)};
}

JsonRun json_run(std::string_view tool, std::string_view target, WallClock::time_point at) {
    return {std::string{tool}, std::string{version}, std::string{target}, rfc3339(at)};
}

std::size_t width_of(int descriptor) {
    const bool known = ::isatty(descriptor) != 0 || std::getenv("COLUMNS") != nullptr;
    return known ? terminal_width(descriptor) : width_of_a_file;
}

ColourWhen colour_when(ColorMode mode) {
    switch (mode) {
        case ColorMode::always:
            return ColourWhen::always;
        case ColorMode::never:
            return ColourWhen::off;
        case ColorMode::automatic:
            break;
    }
    return ColourWhen::automatic;
}

}  // namespace

std::string rfc3339(std::chrono::system_clock::time_point at) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(at);
    const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(at - whole);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(WallClock::to_time_t(whole)),
                       rest.count());
}

TextOptions text_options(const OutputOptions& options, int descriptor) {
    TextOptions text;
    text.width = width_of(descriptor);
    text.colour = wants_colour(colour_when(options.color), descriptor);
    text.unicode = locale_is_utf8();
    text.absolute = options.absolute;
    text.symbols = options.symbols;
    text.verbose = static_cast<unsigned>(options.verbosity);
    text.explain = options.explain;
    text.show_tcb = options.show_tcb;
    return text;
}

namespace {

class Outlets final : public Report {
public:
    Outlets(const OutputOptions& options, const About& about, std::unique_ptr<PcapSink> pcap,
            ReportFiles files)
        : tool_{about.tool},
          options_{options},
          people_{options.write == "-" ? std::cerr : std::cout},
          pcap_{std::move(pcap)},
          files_{std::move(files)} {
        choose_sink(about);
        if (pcap_ && about.interfaces.empty()) {
            all_.add(*pcap_);
        }
    }

    ~Outlets() override { catch_up(); }
    Outlets(const Outlets&) = delete;
    Outlets& operator=(const Outlets&) = delete;

    void give_way(Alarm& alarm) override { unhurried_.give_way(alarm); }

    void write(const Record& record) override { unhurried_.write(record); }

    void capture(const Record& record) override {
        catch_up();
        if (pcap_) {
            pcap_->write(record);
            look_for_readers();
        }
    }

    void keep(const Record& record) override {
        catch_up();
        files_.write(record);
    }

    [[nodiscard]] bool wants_pages() const override { return files_.pages(); }

    void conclude(RunOutcome outcome) override { files_.conclude(std::move(outcome)); }

    void say(std::string_view line) override {
        catch_up();
        if (!json()) {
            people_ << line << '\n';
            if (!gathers_) {
                people_ << std::flush;
            }
            look_for_readers();
        }
    }

    void say_row(std::string_view head, std::string_view text) override {
        std::string indent;
        for (const std::string& line : wrapped(text, width_beside(head))) {
            say(fmt::format("{}{}", indent.empty() ? head : indent, line));
            indent.assign(head.size(), ' ');
        }
    }

    void event(Instant at, std::string_view name, std::string_view object_json) override {
        catch_up();
        if (document_) {
            document_->tell(at, name, object_json);
        }
        if (events_) {
            events_->tell(at, name, object_json);
            look_for_readers();
        }
    }

    void event(std::string_view name, std::string_view object_json) override {
        catch_up();
        if (events_) {
            events_->tell(name, object_json);
            look_for_readers();
        }
    }

    void gather() override {
        gathers_ = true;
        if (events_) {
            events_->gather();
        }
    }

    void flush() override {
        catch_up();
        people_ << std::flush;
        look_for_readers();
    }

    void warn(std::string_view line) override {
        catch_up();
        fmt::print(stderr, "{}: {}\n", tool_, line);
    }

    void finish(std::string_view result_json) override {
        catch_up();
        if (ladder_ != nullptr) {
            ladder_->finish();
        }
        if (document_) {
            document_->finish(result_json);
        }
        if (events_) {
            events_->finish(result_json);
        }
        people_ << std::flush;
        look_for_readers();
        for (const std::string& sentence : files_.finish()) {
            failed_ = true;
            warn(sentence);
        }
    }

    [[nodiscard]] bool json() const override { return options_.json != JsonMode::off; }
    [[nodiscard]] bool output_failed() const override { return failed_; }

private:
    /// To all outlets, at once.
    struct Straight final : TraceSink {
        explicit Straight(Outlets& owner) : outlets{owner} {}
        void write(const Record& record) override { outlets.put(record); }
        Outlets& outlets;
    };

    void put(const Record& record) {
        all_.write(record);
        files_.write(record);
        const Note* note = std::get_if<Note>(&record.what);
        if (note != nullptr && note->kind == Note::Kind::warning && !text_) {
            warn(note->text);
        }
        look_for_readers();
    }

    void catch_up() { unhurried_.catch_up(); }

    void choose_sink(const About& about) {
        if (options_.json == JsonMode::document) {
            const auto started = about.started_at.value_or(WallClock::now());
            document_ = std::make_unique<JsonDocument>(people_,
                                                       json_run(about.tool, about.target, started));
            all_.add(*document_);
        } else if (options_.json == JsonMode::events) {
            events_ = std::make_unique<JsonEvents>(people_);
            all_.add(*events_);
        } else if (!options_.quiet) {
            choose_text();
            all_.add(*text_);
        }
    }

    [[nodiscard]] int descriptor() const {
        return options_.write == "-" ? STDERR_FILENO : STDOUT_FILENO;
    }

    [[nodiscard]] std::size_t width_beside(std::string_view head) const {
        if (::isatty(descriptor()) == 0) {
            return std::numeric_limits<std::size_t>::max();
        }
        const std::size_t width = terminal_width(descriptor());
        return std::max(width, head.size() + narrowest_column) - head.size();
    }

    void choose_text() {
        const TextOptions text = text_options(options_, descriptor());
        if (options_.lines) {
            text_ = std::make_unique<LinesSink>(people_, text);
            return;
        }
        text_ = make_text_sink(people_, text);
        ladder_ = dynamic_cast<LadderSink*>(text_.get());
    }

    /// A write that failed is told once; nobody left to read ends the run.
    void look_for_readers() {
        if (!told_ && !people_.good()) {
            const int why = errno;
            give_up(why == EPIPE, "cannot write the output");
        }
        if (!told_ && pcap_ && pcap_->error()) {
            give_up(pcap_->error()->code == std::errc::broken_pipe, pcap_->error()->message());
        }
    }

    void give_up(bool reader_left, const std::string& why) {
        told_ = true;
        if (!reader_left) {
            failed_ = true;
            warn(why);
            return;
        }
        // What SIGPIPE would have done, but in order: the loop takes this for an interruption.
        static_cast<void>(std::raise(SIGTERM));
    }

    std::string tool_;
    OutputOptions options_;
    std::ostream& people_;
    std::unique_ptr<PcapSink> pcap_;
    ReportFiles files_;
    std::unique_ptr<TraceSink> text_{};
    LadderSink* ladder_{nullptr};
    std::unique_ptr<JsonDocument> document_{};
    std::unique_ptr<JsonEvents> events_{};
    TeeSink all_{};
    Straight straight_{*this};
    UnhurriedSink unhurried_{straight_};
    bool gathers_{false};
    bool told_{false};
    bool failed_{false};
};

}  // namespace

Expected<std::unique_ptr<Report>> Report::open(const OutputOptions& options, const About& about) {
    std::signal(SIGPIPE, SIG_IGN);
    std::unique_ptr<PcapSink> pcap;
    if (!options.write.empty()) {
        auto opened = PcapSink::open(options.write, about.started_at.value_or(WallClock::now()),
                                     about.interfaces);
        if (!opened) {
            return Unexpected<Error>{opened.error()};
        }
        pcap = std::move(*opened);
    }
    const auto started = about.started_at.value_or(WallClock::now());
    auto files = ReportFiles::open(options.reports, run_about(about.tool, about.target, started),
                                   text_options(options, STDOUT_FILENO));
    if (!files) {
        return Unexpected<Error>{files.error()};
    }
    return std::make_unique<Outlets>(options, about, std::move(pcap), std::move(*files));
}

namespace {

/// Whoever reads them would otherwise take those of an earlier run for this one's.
void write_failed_reports(const OutputOptions& options, std::string_view tool,
                          std::string_view target, int exit_status, std::string_view summary) {
    auto files = ReportFiles::open(options.reports, run_about(tool, target, WallClock::now()), {});
    if (!files) {
        return;  // that is why there is no run, or there would be another sentence about it
    }
    RunOutcome outcome{.exit_status = exit_status, .summary = std::string{summary}};
    outcome.cases.push_back({.name = std::string{tool},
                             .verdict = Verdict::inconclusive,
                             .text = outcome.summary,
                             .word = "not-played"});
    files->conclude(std::move(outcome));
    for (const std::string& sentence : files->finish()) {
        fmt::print(stderr, "{}: {}\n", tool, sentence);
    }
}

}  // namespace

void print_failed_result(const OutputOptions& options, std::string_view tool,
                         std::string_view target, int exit_status, std::string_view summary,
                         std::string_view result_json) {
    write_failed_reports(options, tool, target, exit_status, summary);
    if (options.json == JsonMode::off) {
        return;
    }
    auto result = nlohmann::ordered_json::parse(result_json, nullptr, false);
    if (!result.is_object()) {
        result = nlohmann::ordered_json::object();
    }
    result["exit_status"] = exit_status;
    result["summary"] = summary;
    const std::string text = dumped(result);
    if (options.json == JsonMode::events) {
        JsonEvents{std::cout}.finish(text);
    } else {
        JsonDocument{std::cout, json_run(tool, target, WallClock::now())}.finish(text);
    }
    std::cout << std::flush;
}

}  // namespace tcpcraft::cli
