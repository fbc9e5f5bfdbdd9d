#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/sink.hpp>
#include <libtcpcraft/trace/text_options.hpp>

namespace tcpcraft {

struct Ladder;

/// Keeps of a run what its reports show: a ladder for each connection. Bounded, however long the
/// run is: of a connection the beginning and the end, of very many connections the first; what was
/// left out is counted.
class TCPCRAFT_API RunBook final : public TraceSink {
public:
    /// How much is kept.
    struct Limits {
        std::size_t connections{200};  ///< the first ones
        std::size_t head{400};         ///< rows at the beginning of a connection
        std::size_t tail{100};         ///< and at its end
        std::size_t rows{6000};        ///< of all connections
    };

    /// The usual limits.
    explicit RunBook(const TextOptions& options) : RunBook{options, Limits{}} {}
    /// `options`: how numbers are written, and whether TCBs are shown.
    RunBook(const TextOptions& options, Limits limits);
    ~RunBook() override;

    /// Keeps what is shown of it.
    void write(const Record& record) override;

    /// What was said of the run as a whole; by kind of note.
    [[nodiscard]] const std::vector<Note>& notes() const noexcept;
    /// In the order in which they appeared.
    [[nodiscard]] std::vector<const Ladder*> ladders() const;
    /// Connections that there was no room for.
    [[nodiscard]] std::size_t connections_left_out() const noexcept;
    /// The connection's ladder as the terminal shows it, 100 columns wide.
    [[nodiscard]] std::string text(const Ladder& ladder) const;

private:
    struct Pages;
    std::unique_ptr<Pages> pages_;
};

}  // namespace tcpcraft
