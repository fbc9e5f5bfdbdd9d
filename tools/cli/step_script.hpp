#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/wire/codec.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

/// What left and what came, to be written as a script for tcp-script. As in packetdrill the tested
/// TCP's point of view counts: `<` is what we sent to it, `>` what it sent.
class StepScript {
public:
    /// One segment at its time; `remark` becomes a comment.
    struct Line {
        Instant at{};
        std::size_t connection{1};
        const Datagram& datagram;
        SeqOrigin origin{};
        std::string remark{};
    };
    void sent(const Line& line) { add("<", line, false); }
    /// It never left: a comment in the script.
    void withheld(const Line& line) { add("<", line, true); }
    void arrived(const Line& line) { add(">", line, false); }

    [[nodiscard]] std::string text() const;
    /// Replaces the file.
    [[nodiscard]] Expected<void> save(const std::string& file) const;

private:
    struct Entry {
        Instant at{};
        bool comment{false};
        bool came{false};  ///< from the tested TCP
        std::string text{};
    };
    void add(std::string_view sign, const Line& line, bool comment);

    static constexpr std::size_t most_lines = 100'000;
    std::vector<Entry> entries_{};
};

}  // namespace tcpcraft::cli
