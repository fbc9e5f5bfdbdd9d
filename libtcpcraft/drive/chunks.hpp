#pragma once

// Private: values by index that never move.

#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <vector>

namespace tcpcraft {

/// Grows by a chunk at a time: nothing is copied then, and no second copy needs room meanwhile.
/// References stay valid. What has been reached once is kept until the end.
template <typename T>
class Chunks {
public:
    /// About 64 KiB.
    static constexpr std::size_t in_a_chunk = std::bit_floor(std::size_t{65536} / sizeof(T));

    /// Makes room for everything up to this index, `T{}` where nothing was.
    void reach(std::size_t index) {
        while (index >= size()) {
            chunks_.push_back(std::make_unique<Chunk>());
        }
    }
    /// Indices below this are there.
    [[nodiscard]] std::size_t size() const noexcept { return chunks_.size() * in_a_chunk; }

    [[nodiscard]] T& operator[](std::size_t index) noexcept {
        return (*chunks_[index / in_a_chunk])[index % in_a_chunk];
    }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept {
        return (*chunks_[index / in_a_chunk])[index % in_a_chunk];
    }

private:
    using Chunk = std::array<T, in_a_chunk>;
    std::vector<std::unique_ptr<Chunk>> chunks_{};
};

}  // namespace tcpcraft
