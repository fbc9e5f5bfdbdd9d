#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/wire/flags.hpp>
#include <libtcpcraft/wire/options.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft::cli {

/// What the prompt of --step is about: a segment of ours, or one that has come.
enum class StepSide : std::uint8_t { leaving, arriving };

enum class StepVerb : std::uint8_t {
    send,
    edit,
    drop,
    twice,
    wait,
    accept,
    ignore,
    run,
    show,
    tcb,
    save,
    help,
    quit,
};

enum class StepField : std::uint8_t {
    seq,
    ack,
    isn,
    flags,
    window,
    urgent,
    options,
    data,
    ttl,
    checksum,
};

/// `seq=5` counts from where the shown numbers do, `seq=!5` from nothing, `seq+1` from what is
/// shown. `by` holds a negative number modulo 2^32.
struct StepNumber {
    enum class Kind : std::uint8_t { shown, absolute, by };
    Kind kind{Kind::shown};
    std::uint32_t value{0};
    friend bool operator==(const StepNumber&, const StepNumber&) = default;
};
/// `flags=S.`, `flags+P`, `flags-P`
struct StepFlags {
    enum class Kind : std::uint8_t { all, with, without };
    Kind kind{Kind::all};
    Flags flags{};
    friend bool operator==(const StepFlags&, const StepFlags&) = default;
};
/// `data=@FILE`
struct StepFile {
    std::string name{};
    friend bool operator==(const StepFile&, const StepFile&) = default;
};
/// `badsum`
struct WrongChecksum {
    friend bool operator==(const WrongChecksum&, const WrongChecksum&) = default;
};

/// One field of one segment.
struct StepEdit {
    StepField field{};
    bool laid_over{false};  ///< `win!=0`: on the wire only, even where it could be honest
    std::variant<StepNumber, StepFlags, Options, std::vector<std::byte>, StepFile, WrongChecksum>
        value{};
    std::string typed{};  ///< as it was typed, for the trace and for scripts
    friend bool operator==(const StepEdit&, const StepEdit&) = default;
};

/// One line typed at the prompt.
struct StepCommand {
    StepVerb verb{};
    std::vector<StepEdit> edits{};       ///< edit
    Duration delay{};                    ///< wait
    std::optional<std::size_t> count{};  ///< run; unset: to the end
    std::string file{};                  ///< save
    friend bool operator==(const StepCommand&, const StepCommand&) = default;
};

/// Reads a line. Errors have the offset in it and a sentence that says what would do.
[[nodiscard]] Expected<StepCommand, NotationError> read_step_command(std::string_view line,
                                                                     StepSide side);
/// Reads `seq+1 flags=S options=mss 1460,nop,wscale 7` from `offset` on to the end. Options reach
/// to the next field; data does, too, when it stands in quotes, otherwise to the end of the line.
/// `\n`, `\r`, `\t`, `\\`, `\"` and `\xHH` in data are what C makes of them.
[[nodiscard]] Expected<std::vector<StepEdit>, NotationError> read_step_edits(std::string_view line,
                                                                             std::size_t offset);
/// Where an edit begins: a field's name with `=`, `!=`, `+` or `-` behind it, or `badsum`.
[[nodiscard]] bool begins_step_edit(std::string_view text);

/// What may stand where the line ends (at the cursor), each as a whole word.
[[nodiscard]] std::vector<std::string> step_completions(std::string_view line, StepSide side);
/// The commands of a side, one a line.
[[nodiscard]] std::vector<std::string> step_help(StepSide side);

}  // namespace tcpcraft::cli
