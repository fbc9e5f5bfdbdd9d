#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <libtcpcraft/base/address.hpp>
#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/wire/flags.hpp>
#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft {

// A script in packetdrill's notation as a value; docs/notation.md describes it. Points of view are
// the notation's: the tested TCP receives what is `<` (inbound) and sends what is `>` (outbound).

/// Where something stands in a script, both from 1. A column counts octets.
struct ScriptPlace {
    std::uint32_t line{1};    ///< from 1
    std::uint32_t column{1};  ///< from 1
};

/// Why a text is no script: one sentence, and where.
struct [[nodiscard]] ScriptError {
    ScriptPlace at{};        ///< where it stands in the file
    std::string sentence{};  ///< what is wrong, for a person
    /// `FILE:LINE:COLUMN: sentence`
    [[nodiscard]] TCPCRAFT_API std::string text(std::string_view file) const;
};

/// When an event is due: a point of time, or for what is expected a range.
struct ScriptTime {
    /// What it counts from.
    enum class Base : std::uint8_t {
        start,     ///< `T`: since the start of the script
        previous,  ///< `+T`: since the previous event
        any,       ///< `*`: whenever it comes
    };
    Base base{Base::previous};        ///< what it counts from
    Duration from{};                  ///< where it was before
    std::optional<Duration> until{};  ///< `T~T`: at the latest, counted as `from` is
    /// `T...T`: a call that blocks, and when it returns, counted as `from` is.
    std::optional<Duration> returns{};
};

/// What is said of the IP header; unset: the usual when sending, anything when expecting.
struct ScriptIp {
    std::optional<std::uint8_t> ecn{};          ///< the two bits: noecn 0, ect1 1, ect0 2, ce 3
    bool either_ect{false};                     ///< ect01: one of the two (expecting only)
    std::optional<std::uint8_t> tos{};          ///< DSCP and ECN together
    std::optional<std::uint8_t> ttl{};          ///< TTL or hop limit
    std::optional<std::uint32_t> flow_label{};  ///< IPv6 only
};

/// Which way a scripted packet goes.
enum class ScriptDirection : std::uint8_t { inbound, outbound };

/// The ports that a packet names itself.
struct ScriptPorts {
    Port source{};       ///< where it comes from
    Port destination{};  ///< where it goes
    friend bool operator==(const ScriptPorts&, const ScriptPorts&) = default;
};

/// A sequence number as written: counted from the ISN, or with `!` as on the wire.
struct ScriptNumber {
    std::uint32_t value{0};  ///< as it was read
    bool absolute{false};    ///< not relative to now
};

/// A TCP segment to be sent or expected. Unset: not compared when expecting; when sending, what
/// comes next (`*`).
struct ScriptSegment {
    ScriptDirection direction{};            ///< seen from us
    bool unwanted{false};                   ///< `~>`: such a segment must not come
    bool maybe{false};                      ///< `?>`: such a segment may come next, or not
    ScriptIp ip{};                          ///< the IP header
    std::optional<ScriptPorts> ports{};     ///< both
    std::optional<Flags> flags{};           ///< the control bits
    std::optional<ScriptNumber> seq{};      ///< SEG.SEQ
    std::optional<std::uint32_t> length{};  ///< octets of payload
    std::optional<ScriptNumber> ack{};      ///< SEG.ACK
    bool ack_all{false};                    ///< `ack *`: sending: all that has come
    std::optional<std::uint16_t> wnd{};     ///< SEG.WND as on the wire, not scaled
    std::optional<std::uint16_t> up{};      ///< SEG.UP
    /// As written: SACK edges count from the ISN, timestamps are the script's own. Unset: `<...>`.
    std::optional<Options> options{};
    std::optional<std::string> payload{};  ///< a literal; without one octets of zero are sent
};

/// An ICMP message about a segment of the tested TCP (inbound) or from the tested host.
struct ScriptIcmp {
    ScriptDirection direction{};               ///< seen from us
    ScriptIp ip{};                             ///< the IP header
    std::string type{};                        ///< of the ICMP message
    std::string code{};                        ///< of the ICMP message
    std::optional<std::uint32_t> mtu{};        ///< octets
    std::optional<std::uint32_t> id{};         ///< both ends
    std::optional<ScriptNumber> echoed_seq{};  ///< `[START:END(LENGTH)]` of the quoted segment
    std::uint32_t echoed_length{0};            ///< octets of the quoted packet
};

/// An argument or the result of a call.
struct ScriptValue {
    /// Which of them.
    enum class Kind : std::uint8_t {
        ellipsis,   ///< `...`: anything
        number,     ///< decimal, or hexadecimal
        symbol,     ///< SOCK_STREAM
        string,     ///< "text", joined from several; `continued` with `...` behind
        either,     ///< A|B|C
        list,       ///< [A, B]
        structure,  ///< {A, name=B}
        named,      ///< name=B, msg_name(...)=B
        call,       ///< htons(8080)
    };
    Kind kind{Kind::ellipsis};         ///< which of them
    std::int64_t number{0};            ///< counts from 1
    bool hexadecimal{false};           ///< written so
    bool continued{false};             ///< more follows
    std::string text{};                ///< one sentence
    std::vector<ScriptValue> parts{};  ///< of a list or a structure
    ScriptPlace at{};                  ///< where it stands in the file
};

/// What the application of the tested host does.
struct ScriptCall {
    std::string name{};                    ///< what it is called
    std::vector<ScriptValue> arguments{};  ///< as written
    ScriptValue result{};                  ///< what it has to return
    std::string error{};                   ///< EINPROGRESS; empty: none
    std::string note{};                    ///< what stands in parentheses behind it
};

/// `text between backquotes`, for a shell in the tested host.
struct ScriptShell {
    ScriptPlace at{};       ///< where it stands in the file
    std::string command{};  ///< for a shell
};

/// %{ text }%, Python in packetdrill.
struct ScriptCode {
    std::string text{};  ///< one sentence
};

/// One line of a script.
struct ScriptEvent {
    ScriptPlace at{};   ///< where it stands in the file
    ScriptTime time{};  ///< when it is due
    /// Which of them, with its values.
    std::variant<ScriptSegment, ScriptIcmp, ScriptCall, ScriptShell, ScriptCode> what{};
};

/// `--name=value` before the first event.
struct ScriptOptions {
    /// Which IP.
    enum class Version : std::uint8_t { any, ipv4, ipv6, ipv4_mapped };
    Version ip_version{Version::any};     ///< of the script's packets
    std::optional<Duration> tolerance{};  ///< how far times may be off
    /// How far times may be off, of the time since the last event.
    std::optional<double> tolerance_percent{};
    std::optional<Duration> timestamp_tick{};      ///< set: TS val is compared
    bool strict_segments{false};                   ///< segmentation counts
    std::optional<Address> local{};                ///< of the tested host
    std::optional<Address> remote{};               ///< ours
    std::optional<Port> bind_port{};               ///< where the script's sockets listen
    std::optional<Port> connect_port{};            ///< where the script's peer listens
    std::optional<std::uint32_t> mtu{};            ///< octets
    std::map<std::string, std::string> defines{};  ///< names and their values
    std::vector<std::string> without_effect{};     ///< names that mean nothing here
};

/// What both sides are to do, in order.
struct Script {
    ScriptOptions options{};               ///< in wire order
    std::optional<ScriptShell> setup{};    ///< before the first event
    std::vector<ScriptEvent> events{};     ///< in order
    std::optional<ScriptShell> cleanup{};  ///< behind the last

    /// The first command for a shell; null where there is none.
    [[nodiscard]] TCPCRAFT_API const ScriptShell* first_command() const noexcept;

    /// The first segment, which fixes who opens; null where there is none.
    [[nodiscard]] TCPCRAFT_API const ScriptSegment* first_segment() const noexcept;
};

/// Reads a whole script. `defines` stand above those in the text. The error is the first one.
[[nodiscard]] TCPCRAFT_API Expected<Script, ScriptError> read_script(
    std::string_view text, const std::map<std::string, std::string>& defines = {});

/// In the notation, with symbols defined by --define replaced: what read_script() reads.
[[nodiscard]] TCPCRAFT_API std::string script_text(const Script& script);
/// One event's line without its time: `< S 0:0(0) win 1000`, `close(3) = 0`.
[[nodiscard]] TCPCRAFT_API std::string script_text(const ScriptEvent& event);
/// As it is written in a script.
[[nodiscard]] TCPCRAFT_API std::string script_text(const ScriptTime& time);
/// As it is written in a script.
[[nodiscard]] TCPCRAFT_API std::string script_text(const ScriptSegment& segment);
/// As it is written in a script.
[[nodiscard]] TCPCRAFT_API std::string script_text(const ScriptCall& call);
/// As it is written in a script.
[[nodiscard]] TCPCRAFT_API std::string script_text(const ScriptValue& value);

}  // namespace tcpcraft
