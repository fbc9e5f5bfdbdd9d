#include <algorithm>
#include <array>
#include <cstring>

#include <libtcpcraft/sut/call_arguments.hpp>
#include <libtcpcraft/sut/socket_calls.hpp>

namespace tcpcraft {

namespace {

using Kind = ScriptValue::Kind;

const ScriptValue* member(const ScriptValue& structure, std::string_view name) {
    for (const ScriptValue& part : structure.parts) {
        if (part.kind == Kind::named && part.parts.front().text == name) {
            return &part.parts.back();
        }
    }
    return nullptr;
}

}  // namespace

std::optional<std::int64_t> number_of(const ScriptValue& value) {
    if (value.kind == Kind::number) {
        return value.number;
    }
    if (value.kind == Kind::symbol) {
        return symbol(value.text);
    }
    if (value.kind != Kind::either) {
        return std::nullopt;
    }
    std::int64_t sum = 0;
    for (const ScriptValue& part : value.parts) {
        const auto bits = number_of(part);
        if (!bits) {
            return std::nullopt;
        }
        sum |= *bits;
    }
    return sum;
}

std::int64_t number_at(const ScriptCall& call, std::size_t index, std::int64_t otherwise) {
    return index < call.arguments.size() ? number_of(call.arguments[index]).value_or(otherwise)
                                         : otherwise;
}

std::optional<std::int64_t> member_number(const ScriptValue& structure, std::string_view name) {
    const ScriptValue* found = member(structure, name);
    return found == nullptr ? std::nullopt : number_of(*found);
}

std::vector<std::byte> option_octets(const ScriptValue& value) {
    std::vector<std::byte> made;
    const auto put = [&made](std::int64_t number) {
        const int plain = static_cast<int>(number);
        std::array<std::byte, sizeof plain> octets{};
        std::memcpy(octets.data(), &plain, sizeof plain);
        made.insert(made.end(), octets.begin(), octets.end());
    };
    if (value.kind == Kind::string) {
        std::ranges::transform(value.text, std::back_inserter(made),
                               [](char c) { return static_cast<std::byte>(c); });
    } else if (value.kind == Kind::structure) {
        put(member_number(value, "onoff").value_or(0));
        put(member_number(value, "linger").value_or(0));
    } else if (value.kind == Kind::list && !value.parts.empty()) {
        put(number_of(value.parts.front()).value_or(0));
    }
    return made;
}

}  // namespace tcpcraft
