#include <ostream>
#include <utility>

#include <libtcpcraft/trace/json_event.hpp>
#include <libtcpcraft/trace/json_sink.hpp>

namespace tcpcraft {

JsonDocument::JsonDocument(std::ostream& out, JsonRun run)
    : out_{out}, run_{std::move(run)}, writer_{std::make_unique<JsonEventWriter>()} {}

JsonDocument::~JsonDocument() = default;

void JsonDocument::write(const Record& record) {
    if (auto event = writer_->write(record)) {
        events_.push_back(std::move(*event));
    }
}

void JsonDocument::tell(Instant at, std::string_view name, std::string_view object_json) {
    events_.push_back(writer_->told(at, name, object_json));
}

void JsonDocument::finish(std::string_view result_json) {
    out_ << "{\"tool\":" << json_string(run_.tool) << ",\"version\":" << json_string(run_.version)
         << ",\"target\":" << json_string(run_.target)
         << ",\"started_at\":" << json_string(run_.started_at) << ",\"events\":[";
    std::string_view before = "\n";
    for (const std::string& event : events_) {
        out_ << before << event;
        before = ",\n";
    }
    out_ << "\n],\"result\":" << clean_json_object(result_json) << "}\n";
    out_.flush();
}

JsonEvents::JsonEvents(std::ostream& out)
    : out_{out}, writer_{std::make_unique<JsonEventWriter>()} {}

JsonEvents::~JsonEvents() = default;

void JsonEvents::write(const Record& record) {
    if (const auto event = writer_->write(record)) {
        put(*event);
    }
}

void JsonEvents::tell(Instant at, std::string_view name, std::string_view object_json) {
    put(writer_->told(at, name, object_json));
}

void JsonEvents::tell(std::string_view name, std::string_view object_json) {
    put(writer_->told(name, object_json));
}

void JsonEvents::put(const std::string& line) {
    out_ << line << '\n';
    if (!gathers_) {
        out_.flush();
    }
}

void JsonEvents::finish(std::string_view result_json) {
    out_ << writer_->told("result", result_json) << '\n';
    out_.flush();
}

}  // namespace tcpcraft
