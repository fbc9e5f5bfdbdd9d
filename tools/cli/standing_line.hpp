#pragma once

#include <string>
#include <string_view>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft::cli {

/// A length of time as it stands there: to the second, and not below nothing.
[[nodiscard]] std::string whole_seconds(Duration length);

/// A line below everything else, on stderr, that is written anew as things move: for a person who
/// waits. Nothing where stderr is no terminal.
class StandingLine {
public:
    explicit StandingLine(bool wanted);
    ~StandingLine() { clear(); }
    StandingLine(const StandingLine&) = delete;
    StandingLine& operator=(const StandingLine&) = delete;

    [[nodiscard]] bool visible() const noexcept { return visible_; }
    /// Cut to the terminal's width.
    void show(std::string_view text);
    /// Before anything else is written.
    void clear();

private:
    bool visible_;
    bool standing_{false};
};

/// Takes the line away before a sink writes.
class ClearingSink final : public TraceSink {
public:
    ClearingSink(TraceSink& sink, StandingLine& line) : sink_{sink}, line_{line} {}
    void write(const Record& record) override {
        line_.clear();
        sink_.write(record);
    }

private:
    TraceSink& sink_;
    StandingLine& line_;
};

}  // namespace tcpcraft::cli
