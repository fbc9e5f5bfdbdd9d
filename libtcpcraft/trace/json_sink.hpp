#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft {

class JsonEventWriter;

/// What the document says of the run as a whole.
struct JsonRun {
    std::string tool{};        ///< which tool plays it
    std::string version{};     ///< of the tool
    std::string target{};      ///< who was talked to
    std::string started_at{};  ///< RFC 3339
};

/// `--json`: one document at the end. Texts that are not UTF-8 are mended. Notes and TCBs are no
/// events. Does not own the stream.
class TCPCRAFT_API JsonDocument final : public TraceSink {
public:
    /// Made of these.
    JsonDocument(std::ostream& out, JsonRun run);
    ~JsonDocument() override;

    /// Takes one record.
    void write(const Record& record) override;
    /// An event of the tool's own: the members of `object_json`, an object.
    void tell(Instant at, std::string_view name, std::string_view object_json);
    /// Writes the document. `result_json` is an object.
    void finish(std::string_view result_json);

private:
    std::ostream& out_;
    JsonRun run_;
    std::unique_ptr<JsonEventWriter> writer_;
    std::vector<std::string> events_{};
};

/// `--json=events`: one object a line, flushed as things happen; `segments` of a verdict count
/// lines from 0. Does not own the stream.
class TCPCRAFT_API JsonEvents final : public TraceSink {
public:
    /// Made of these.
    explicit JsonEvents(std::ostream& out);
    ~JsonEvents() override;

    /// Takes one record.
    void write(const Record& record) override;
    /// A line of the tool's own: the members of `object_json`, an object, as event `name`.
    void tell(std::string_view name, std::string_view object_json);
    /// The same at a time of its own.
    void tell(Instant at, std::string_view name, std::string_view object_json);
    /// The last line: the members of `result_json`, an object, as event `result`.
    void finish(std::string_view result_json);
    /// From now on lines are not flushed one by one: whoever owns the stream sees to it.
    void gather() noexcept { gathers_ = true; }

private:
    void put(const std::string& line);

    std::ostream& out_;
    std::unique_ptr<JsonEventWriter> writer_;
    bool gathers_{false};
};

}  // namespace tcpcraft
