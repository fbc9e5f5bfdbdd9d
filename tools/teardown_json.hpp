#pragma once

#include <map>
#include <string>
#include <vector>

#include <libtcpcraft/drive/teardown.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft::cli {

/// Where segments stand among the events of the JSON output.
class EventIndex : public TraceSink {
public:
    void write(const Record& record) override;
    [[nodiscard]] std::vector<std::size_t> of(const std::vector<std::size_t>& segments) const;

private:
    std::size_t next_{0};
    std::map<std::size_t, std::size_t> index_{};
};

/// `12 conform, 1 inconclusive`
[[nodiscard]] std::string summary_of(const std::vector<TeardownResult>& results);
/// The `result` object. Segments are indices into events already.
[[nodiscard]] std::string teardown_json(int exit_status, const std::string& summary,
                                        const std::vector<TeardownResult>& results);
/// The same for what --simulate=SCENARIO has played, which is JSON already.
[[nodiscard]] std::string textbook_json(int exit_status, const std::string& summary,
                                        const std::string& scenarios);

}  // namespace tcpcraft::cli
