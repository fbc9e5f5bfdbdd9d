#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/base/time.hpp>
#include <libtcpcraft/drive/scenario.hpp>
#include <libtcpcraft/drive/session.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// A segment that asks an idle peer whether it is there (RFC 9293 §3.8.4). Where timestamps are
/// agreed on each has the current ones unless it says otherwise.
enum class MatrixForm : std::uint8_t {
    empty,                ///< SEG.SEQ = SND.NXT-1, no octet (SHLD-12)
    octet,                ///< the same with an octet of garbage (MAY-6)
    empty_without_stamp,  ///< RFC 7323 §3.2
    octet_without_stamp,
    empty_old_stamp,  ///< RFC 7323 §5.3, R1
    octet_old_stamp,
    two_below,  ///< SEG.SEQ = SND.NXT-2, no octet
    plain,      ///< SEG.SEQ = SND.NXT, no octet: asks for no answer (negative control)
};
/// Every kind of probe.
inline constexpr std::array all_matrix_forms{MatrixForm::empty,
                                             MatrixForm::octet,
                                             MatrixForm::empty_without_stamp,
                                             MatrixForm::octet_without_stamp,
                                             MatrixForm::empty_old_stamp,
                                             MatrixForm::octet_old_stamp,
                                             MatrixForm::two_below,
                                             MatrixForm::plain};
/// `empty`, `octet-old-timestamp`
[[nodiscard]] TCPCRAFT_API std::string_view text(MatrixForm form) noexcept;
/// For people: `1 octet at SND.NXT-1, old timestamp`
[[nodiscard]] TCPCRAFT_API std::string_view spelled(MatrixForm form) noexcept;
/// Whether this form makes sense with timestamps only.
[[nodiscard]] TCPCRAFT_API bool needs_timestamps(MatrixForm form) noexcept;

/// Where the peer stands when it is asked.
enum class MatrixSituation : std::uint8_t {
    established,
    half_closed,  ///< our FIN acknowledged: CLOSE-WAIT there, or LAST-ACK if it closes at once
    time_wait,    ///< it closed first
    gone,         ///< we have reset the connection
};
/// Every situation.
inline constexpr std::array all_matrix_situations{
    MatrixSituation::established, MatrixSituation::half_closed, MatrixSituation::time_wait,
    MatrixSituation::gone};
/// `established`, `half-closed`, `time-wait`, `gone`
[[nodiscard]] TCPCRAFT_API std::string_view text(MatrixSituation situation) noexcept;

/// One connection: it is led into the situation, then one form after the other is tried on it.
struct MatrixRequest {
    MatrixSituation situation{};  ///< in which state it was asked
    /// Which of them.
    std::vector<MatrixForm> forms{all_matrix_forms.begin(), all_matrix_forms.end()};
    bool server{false};                            ///< the peer opens
    std::optional<std::vector<std::byte>> send{};  ///< makes the peer's application close first
    Duration timeout{std::chrono::seconds{10}};    ///< to open, and for the ACK of a FIN
    Duration patience{std::chrono::seconds{5}};    ///< for the peer's application to close
};

/// The steps for one connection; its setup needs the sightings. Two probes are 0.6 s apart or more,
/// and each one without an answer is sent twice.
[[nodiscard]] TCPCRAFT_API Scenario matrix_scenario(const MatrixRequest& request);
/// What the machine at our end has to be told for it.
TCPCRAFT_API void adapt_policy(const MatrixRequest& request, Policy& policy) noexcept;

/// What may come back.
enum class MatrixAnswer : std::uint8_t { ack, reset, silence };
/// `ACK`, `RST`, `silence`
[[nodiscard]] TCPCRAFT_API std::string_view text(MatrixAnswer answer) noexcept;

/// What is to be thought of an answer. Sources: RFC 9293 §3.8.4, §3.10.7.1, §3.10.7.4; RFC 7323
/// §3.2, §5.3.
struct MatrixRule {
    Verdict verdict{};        ///< what is thought of it
    std::string_view rule{};  ///< what it rests on: document, section, label
    std::string_view text{};  ///< one sentence
};
/// What may be thought of this answer to this form in this situation.
[[nodiscard]] TCPCRAFT_API const MatrixRule& rule_for(MatrixForm form, MatrixSituation situation,
                                                      MatrixAnswer answer) noexcept;

/// One field of the table.
struct MatrixCell {
    MatrixSituation situation{};  ///< in which state it was asked
    MatrixForm form{};            ///< what kind of probe
    bool applicable{true};        ///< false: there are no timestamps to be left out or old
    bool asked{false};            ///< false: not come to; the verdict says why
    int exit_status{0};  ///< of the tool: 0 met, 1 peer deviated, 3 no answer, 4 environment
    Judged verdict{};    ///< id: `established/empty`
    std::optional<MatrixAnswer> answer{};  ///< what came
    std::optional<Duration> delay{};       ///< so long
    State peer_state{State::closed};       ///< inferred; holds where it was asked
};

/// What a finished session has brought to light: a cell for each of request.forms.
[[nodiscard]] TCPCRAFT_API std::vector<MatrixCell> judge_matrix(const Session& session,
                                                                const MatrixRequest& request);
/// A cell that nobody has come to.
[[nodiscard]] TCPCRAFT_API MatrixCell not_asked(MatrixSituation situation, MatrixForm form,
                                                std::string why);

}  // namespace tcpcraft
