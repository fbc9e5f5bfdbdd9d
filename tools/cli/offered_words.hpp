#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace tcpcraft::cli {

/// Notes words which a shell may offer as this option's value; one that ends in `:` goes on behind
/// it. They are no check: what the option takes is its reader's business. The option itself.
CLI::Option* offer(CLI::Option* option, const std::vector<std::string>& words);
/// What was noted.
[[nodiscard]] std::vector<std::string> offered(const CLI::Option& option);
/// The word that stands for the value, without the checks and words that CLI11 puts behind it.
[[nodiscard]] std::string shown_type(const CLI::Option& option);

/// The words of a table of choices.
template <typename T, std::size_t N>
[[nodiscard]] std::vector<std::string> words_of(const std::array<T, N>& choices) {
    std::vector<std::string> words;
    words.reserve(N);
    for (const T& choice : choices) {
        words.emplace_back(choice.word);
    }
    return words;
}

}  // namespace tcpcraft::cli
