#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/direction.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/engine/rule.hpp>
#include <libtcpcraft/engine/state.hpp>
#include <libtcpcraft/engine/timers.hpp>
#include <libtcpcraft/trace/record.hpp>
#include <libtcpcraft/trace/style.hpp>
#include <libtcpcraft/trace/wording.hpp>

// Private: what a page shows of one connection, in words; where it stands is the layout's.

namespace tcpcraft {

/// A segment's arrow.
struct LadderArrow {
    std::size_t number{0};  ///< of the segment in the run
    Direction direction{};
    bool lost{false};
    bool altered{false};
    bool retransmission{false};
    Tone tone{};                    ///< of its flags
    std::string label{};            ///< flags and numbers
    std::vector<std::string> more;  ///< options, payload
    std::vector<Remark> remarks{};
    std::vector<std::pair<std::string, std::string>> fields{};
    std::string notation{};
};

struct LadderRow {
    std::size_t id{0};  ///< counts the rows of the connection, those left out too
    Instant at{};
    std::optional<LadderArrow> arrow{};
    std::optional<Judged> verdict{};
    Tone tone{};         ///< of the text
    std::string text{};  ///< of what is neither segment nor verdict
    bool across{false};  ///< a sentence about the connection, not a thing that happened on it
    State us{};          ///< after it
    State peer{};
    Rule rule{};
};

/// From when it was set until it fired or was cleared; set again meanwhile it is one.
struct LadderTimer {
    Timer timer{};
    std::size_t from{0};  ///< id of a row
    std::optional<std::size_t> to{};
    Instant set_at{};
    Instant deadline{};  ///< as it was set last
    Instant ended_at{};
    bool fired{false};
    std::size_t restarts{0};
};

struct Ladder {
    std::size_t connection{0};
    std::string title{};  ///< what was played
    ConnectionId id{};
    std::optional<Lifelines> ends{};  ///< both are known
    bool begun{false};                ///< the states are known
    State first_us{};
    State first_peer{};
    std::vector<LadderRow> head{};
    std::deque<LadderRow> tail{};  ///< the last ones, when there are many
    std::size_t rows{0};           ///< all there were
    std::vector<LadderTimer> timers{};

    [[nodiscard]] std::size_t left_out() const noexcept { return rows - head.size() - tail.size(); }
    /// Head and tail.
    [[nodiscard]] std::size_t shown() const noexcept { return head.size() + tail.size(); }
    [[nodiscard]] const LadderRow& row(std::size_t index) const {
        return index < head.size() ? head[index] : tail[index - head.size()];
    }
};

}  // namespace tcpcraft
