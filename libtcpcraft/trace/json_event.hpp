#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <libtcpcraft/trace/record.hpp>

// Private: records as the JSON events of product.md 2.2.

namespace tcpcraft {

/// Text of one event after the other; knows at which index each segment stands. Events of a
/// connection both of whose ends are known say `scenario` and `end`.
class JsonEventWriter {
public:
    /// One line, without newline; nothing for records that are no events (notes, TCBs).
    [[nodiscard]] std::optional<std::string> write(const Record& record);
    /// `{"t": …, "event": name, …}` from an object; at the time of the last record.
    [[nodiscard]] std::string told(std::string_view name, std::string_view object);
    /// The same at a time of its own.
    [[nodiscard]] std::string told(Instant at, std::string_view name, std::string_view object);

private:
    struct End {
        std::string scenario{};
        std::string name{};
    };

    std::size_t next_{0};
    std::map<std::size_t, End> ends_{};  ///< connections both of whose ends are known
    Instant last_{};
    std::map<std::size_t, std::size_t> index_of_segment_{};
};

/// An object as text, written anew: invalid UTF-8 replaced, `{}` for what is not an object.
[[nodiscard]] std::string clean_json_object(std::string_view object);
/// A string as a JSON string with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace tcpcraft
