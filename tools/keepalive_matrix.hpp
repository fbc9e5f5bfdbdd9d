#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tools/cli/event_index.hpp>
#include <tools/cli/fleet_run.hpp>
#include <tools/cli/report.hpp>
#include <tools/cli/world.hpp>
#include <tools/keepalive_options.hpp>

#include <libtcpcraft/drive/keep_alive_matrix.hpp>
#include <libtcpcraft/trace/tee_sink.hpp>

namespace CLI {
class App;
}

namespace tcpcraft::cli {

/// `probe --matrix`: the options of its own, and what is wrong with those beside them.
void declare_matrix(CLI::App& probe, KeepAliveOptions& options);
[[nodiscard]] std::optional<std::string> wrong_with_matrix(const CLI::App& verb,
                                                           KeepAliveOptions& options);

/// The whole of `probe --matrix`: the exit status.
[[nodiscard]] int run_matrix(const KeepAliveOptions& options);

/// All fields: by situation, then by form.
using MatrixCells = std::vector<MatrixCell>;

/// The table for people, with its legend and what has to be said of single fields.
void tell_matrix(Report& report, const MatrixCells& cells);
[[nodiscard]] std::string summary_of(const MatrixCells& cells);
[[nodiscard]] std::string matrix_json(int exit_status, const std::string& summary,
                                      const MatrixCells& cells, std::size_t sent);
/// What an answered probe does not say.
[[nodiscard]] std::string_view matrix_warning() noexcept;

/// One run in a world that is open: a connection for each situation, all at once; where one ends
/// before all forms have been tried, another one for the rest.
class MatrixRun {
public:
    MatrixRun(const KeepAliveOptions& options, World& world, Report& report);

    /// Runs to the end and reports; the exit status.
    int run();
    /// The first segment in the notation, as --dry-run shows it.
    [[nodiscard]] std::string first_segment() const;

private:
    [[nodiscard]] MatrixRequest request_for(MatrixSituation situation,
                                            std::vector<MatrixForm> forms) const;
    [[nodiscard]] ConnectionSetup setup(const MatrixRequest& request) const;
    void launch(MatrixRequest request);
    void listen();
    [[nodiscard]] MatrixRequest next_for_client();
    void finished(Session& session);
    [[nodiscard]] MatrixCell& cell(MatrixSituation situation, MatrixForm form);
    [[nodiscard]] std::vector<MatrixForm> left_of(MatrixSituation situation);
    int conclude();

    const KeepAliveOptions& options_;
    World& world_;
    Report& report_;
    MatrixCells cells_{};
    std::vector<MatrixRequest> requests_{};  ///< by the connection's number, from 1
    IsnKey isn_key_{};
    EventIndex index_{};
    TeeSink trace_{};
    std::size_t clients_{0};
    std::size_t sent_{0};
    std::size_t pending_{0};  ///< connections that are about to be opened
    FleetRun run_;
};

}  // namespace tcpcraft::cli
