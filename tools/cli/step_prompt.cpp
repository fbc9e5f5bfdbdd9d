#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cwchar>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <histedit.h>
#include <tools/cli/step_prompt.hpp>
#include <tools/cli/step_signals.hpp>
#include <unistd.h>

namespace tcpcraft::cli {

namespace {

using Answer = StepPrompt::Answer;

constexpr std::size_t longest_line = 8'192;

/// Standard input is a pipe or a file.
class PipePrompt final : public StepPrompt {
public:
    PipePrompt(int in, std::FILE* out) : in_{in}, out_{out} {}

    Answer ask(const std::string& prompt, StepSide /*side*/) override {
        PromptSignals signals;  // before anybody can answer the prompt with one
        fmt::print(out_, "{}", prompt);
        std::fflush(out_);
        while (!line_is_whole()) {
            const auto event = signals.wait(in_);
            if (event == PromptSignals::Event::interrupted) {
                fmt::print(out_, "^C\n");
                return {Answer::Kind::interrupted, {}};
            }
            if (event == PromptSignals::Event::stop) {
                PromptSignals::stop_here();
            } else {
                read_more();
            }
        }
        return taken();
    }

private:
    [[nodiscard]] bool line_is_whole() const {
        return ended_ || read_.find('\n') != std::string::npos || read_.size() >= longest_line;
    }

    // Reads no more than it needs to: what stands behind the last line may be for somebody else.
    void read_more() {
        char octet{};
        const ssize_t count = ::read(in_, &octet, 1);
        if (count > 0) {
            read_ += octet;
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
            ended_ = true;
        }
    }

    Answer taken() {
        if (read_.empty()) {
            fmt::print(out_, "\n");
            return {Answer::Kind::end, {}};
        }
        const std::size_t end = std::min(read_.find('\n'), read_.size());
        std::string line = read_.substr(0, end);
        read_.erase(0, end + 1);
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        fmt::print(out_, "{}\n", line);
        std::fflush(out_);
        return {Answer::Kind::line, std::move(line)};
    }

    int in_;
    std::FILE* out_;
    std::string read_{};
    bool ended_{false};
};

/// libedit calls back with the EditLine only; its client data leads here.
class TerminalPrompt final : public StepPrompt {
public:
    TerminalPrompt(std::FILE* in, std::FILE* out)
        : in_{::fileno(in)}, out_{out}, history_{history_init()} {
        std::setlocale(LC_CTYPE, "");  // for characters of several octets
        edit_ = el_init("tcpcraft", in, out, out);
        HistEvent event{};
        history(history_, &event, H_SETSIZE, 500);
        history(history_, &event, H_SETUNIQUE, 1);
        el_set(edit_, EL_CLIENTDATA, this);
        el_set(edit_, EL_SIGNAL, 0);  // PromptSignals sees to them
        el_set(edit_, EL_PROMPT, &prompt_of);
        el_set(edit_, EL_EDITOR, "emacs");
        el_set(edit_, EL_HIST, history, history_);
        el_set(edit_, EL_GETCFN, &read_character);
        // The narrow form makes copies that it never frees.
        el_wset(edit_, EL_ADDFN, L"step-complete", L"complete a command", &complete);
        el_source(edit_, nullptr);
        el_set(edit_, EL_BIND, "^I", "step-complete", nullptr);
    }
    ~TerminalPrompt() override {
        el_end(edit_);
        history_end(history_);
    }

    Answer ask(const std::string& prompt, StepSide side) override {
        prompt_ = prompt;
        side_ = side;
        interrupted_ = false;
        std::fflush(out_);
        PromptSignals signals;
        signals_ = &signals;
        el_resize(edit_);
        int count{0};
        const char* line = el_gets(edit_, &count);
        signals_ = nullptr;
        if (interrupted_) {
            el_set(edit_, EL_PREP_TERM, 0);
            fmt::print(out_, "^C\n");
            return {Answer::Kind::interrupted, {}};
        }
        if (line == nullptr || count <= 0) {
            fmt::print(out_, "\n");
            return {Answer::Kind::end, {}};
        }
        return taken(std::string{line, static_cast<std::size_t>(count)});
    }

private:
    static TerminalPrompt& self(EditLine* edit) {
        void* data{nullptr};
        el_get(edit, EL_CLIENTDATA, &data);
        return *static_cast<TerminalPrompt*>(data);
    }

    static char* prompt_of(EditLine* edit) { return self(edit).prompt_.data(); }

    // 1: a character, 0: end of input, -1: no more of this line.
    static int read_character(EditLine* edit, wchar_t* character) {
        TerminalPrompt& us = self(edit);
        std::mbstate_t state{};
        while (true) {
            const auto event = us.signals_->wait(us.in_);
            if (event == PromptSignals::Event::stop) {
                us.stop();
                continue;
            }
            us.interrupted_ = event == PromptSignals::Event::interrupted;
            char octet{};
            const ssize_t count = us.interrupted_ ? -1 : ::read(us.in_, &octet, 1);
            if (count < 0 && !us.interrupted_ && (errno == EINTR || errno == EAGAIN)) {
                continue;
            }
            if (count <= 0) {
                return static_cast<int>(count);
            }
            const std::size_t used = std::mbrtowc(character, &octet, 1, &state);
            if (used == static_cast<std::size_t>(-1)) {
                state = {};  // no character in this locale
            } else if (used != static_cast<std::size_t>(-2)) {
                return 1;
            }
        }
    }

    // The shell gets the terminal as it gave it, and we take it anew when we go on.
    void stop() {
        el_set(edit_, EL_PREP_TERM, 0);
        PromptSignals::stop_here();
        el_set(edit_, EL_PREP_TERM, 1);
        el_set(edit_, EL_REFRESH);
    }

    static unsigned char complete(EditLine* edit, int /*key*/) {
        TerminalPrompt& us = self(edit);
        const LineInfo* info = el_line(edit);
        const std::string before{info->buffer, info->cursor};
        const auto found = step_completions(before, us.side_);
        if (found.empty()) {
            return CC_ERROR;
        }
        const std::size_t typed = before.size() - (before.find_last_of(" \t") + 1);
        std::string more = common_beginning(found).substr(typed);
        const bool whole_word =
            found.size() == 1 && found[0].find_first_of("=+-") == std::string::npos;
        more += whole_word ? " " : "";
        if (!more.empty()) {
            return el_insertstr(edit, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
        }
        fmt::print(us.out_, "\n{}\n", fmt::join(found, "  "));
        return CC_REDISPLAY;
    }

    static std::string common_beginning(const std::vector<std::string>& words) {
        std::string common = words.front();
        for (const std::string& word : words) {
            const auto differ =
                std::mismatch(common.begin(), common.end(), word.begin(), word.end());
            common.erase(differ.first, common.end());
        }
        return common;
    }

    Answer taken(std::string line) {
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
            line.pop_back();
        }
        if (!line.empty()) {
            HistEvent event{};
            history(history_, &event, H_ENTER, line.c_str());
        }
        return {Answer::Kind::line, std::move(line)};
    }

    int in_;
    std::FILE* out_;
    History* history_;
    EditLine* edit_{nullptr};
    PromptSignals* signals_{nullptr};
    std::string prompt_{};
    StepSide side_{};
    bool interrupted_{false};
};

}  // namespace

StepPrompt::~StepPrompt() = default;

std::unique_ptr<StepPrompt> open_step_prompt(std::FILE* in, std::FILE* out) {
    if (::isatty(::fileno(in)) != 0 && ::isatty(::fileno(out)) != 0) {
        return std::make_unique<TerminalPrompt>(in, out);
    }
    return std::make_unique<PipePrompt>(::fileno(in), out);
}

}  // namespace tcpcraft::cli
