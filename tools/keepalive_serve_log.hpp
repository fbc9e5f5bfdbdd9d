#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <tools/cli/report.hpp>

#include <libtcpcraft/drive/keep_alive_serve.hpp>

namespace tcpcraft::cli {

/// What is told of the clients while the server runs: a line each, or an event in JSON. Of what
/// is no finding (who came, who was silent and answers again, who closed) only so many a second;
/// the others are counted, and the counts told.
class ClientLog {
public:
    ClientLog(Report& report, const OutputOptions& output);

    void tell(const ClientEvent& event);
    /// What was only counted by now. Wanted once a second.
    void tell_uncounted(Instant now);
    /// Something has been counted and not been told.
    [[nodiscard]] bool owes() const noexcept { return owed_ != 0; }
    /// Every so often: how many there are.
    void tell_status(Instant now, const ClientCounts& counts);
    /// Events that a JSON document had no room for.
    [[nodiscard]] std::size_t left_out() const noexcept { return left_out_; }

private:
    [[nodiscard]] bool allows(const ClientEvent& event);
    void keep_event(Instant at, std::string_view name, const std::string& members);

    Report& report_;
    bool says_;
    JsonMode json_;
    Instant second_{};
    std::size_t told_{0};
    std::size_t findings_{0};
    std::array<std::size_t, client_changes> uncounted_{};
    std::size_t owed_{0};
    std::size_t kept_{0};
    std::size_t left_out_{0};
    std::size_t last_status_{0};
};

/// `dead: nothing heard for 2 h 12 min, …`
[[nodiscard]] std::string sentence_about(const ClientEvent& event);
/// The event `serving`, which comes first.
[[nodiscard]] std::string serving_json(std::string_view where, std::string_view started_at,
                                       const KeepAlive& times);
/// The table at the end.
void say_summary(Report& report, const ClientCounts& counts);
/// One sentence, for the result and -q.
[[nodiscard]] std::string summary_of(const ClientCounts& counts);
/// The `result` of the run.
[[nodiscard]] std::string serve_json(int exit_status, const std::string& summary,
                                     const ClientCounts& counts, const LinkCounters& link,
                                     std::size_t left_out);

}  // namespace tcpcraft::cli
