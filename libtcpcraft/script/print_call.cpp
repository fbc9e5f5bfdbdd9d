#include <fmt/format.h>

#include <libtcpcraft/script/script_cursor.hpp>

namespace tcpcraft {

namespace {

using Kind = ScriptValue::Kind;

std::string joined(const std::vector<ScriptValue>& parts, std::string_view between) {
    std::string made;
    for (const ScriptValue& part : parts) {
        made += (made.empty() ? "" : std::string{between}) + script_text(part);
    }
    return made;
}

}  // namespace

std::string script_text(const ScriptValue& value) {
    switch (value.kind) {
        case Kind::ellipsis:
            return "...";
        case Kind::number:
            return value.hexadecimal ? fmt::format("{:#x}", value.number)
                                     : fmt::format("{}", value.number);
        case Kind::symbol:
            return value.text;
        case Kind::string:
            return script::quoted_text(value.text) + (value.continued ? "..." : "");
        case Kind::either:
            return joined(value.parts, "|");
        case Kind::list:
            return "[" + joined(value.parts, ", ") + "]";
        case Kind::structure:
            return "{" + joined(value.parts, ", ") + "}";
        case Kind::named:
            return joined(value.parts, "=");
        case Kind::call:
            return value.text + "(" + joined(value.parts, ", ") + ")";
    }
    return {};
}

std::string script_text(const ScriptCall& call) {
    std::string made =
        call.name + "(" + joined(call.arguments, ", ") + ") = " + script_text(call.result);
    if (!call.error.empty()) {
        made += " " + call.error;
    }
    if (!call.note.empty()) {
        made += " (" + call.note + ")";
    }
    return made;
}

}  // namespace tcpcraft
