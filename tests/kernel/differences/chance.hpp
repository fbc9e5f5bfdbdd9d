#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

namespace tcpcraft::test {

/// Seeded choices, the same on every machine (the standard's distributions are not).
class Chance {
public:
    explicit Chance(std::uint64_t seed) : engine_{seed} {}

    [[nodiscard]] std::uint32_t below(std::uint32_t limit) {
        return static_cast<std::uint32_t>(engine_() % limit);
    }
    [[nodiscard]] std::uint32_t number() { return static_cast<std::uint32_t>(engine_()); }
    [[nodiscard]] bool percent(std::uint32_t share) { return below(100) < share; }
    template <typename T>
    [[nodiscard]] T among(std::initializer_list<T> choices) {
        return choices.begin()[below(static_cast<std::uint32_t>(choices.size()))];
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace tcpcraft::test
