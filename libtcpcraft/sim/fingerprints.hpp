#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// Private: what explore() remembers of a world.

namespace tcpcraft {

/// 128 bits of hash: among a thousand million worlds two share one with a chance of 10^-21.
struct Fingerprint {
    std::uint64_t high{0};
    std::uint64_t low{0};
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// A set of fingerprints: one table with open addressing, sixteen octets a place.
class Fingerprints {
public:
    Fingerprints() : places_(1024) {}

    /// False when it is there already.
    bool insert(Fingerprint fresh) {
        if (!put(places_, fresh)) {
            return false;
        }
        if (++size_ * 4 > places_.size() * 3) {
            grow();
        }
        return true;
    }
    [[nodiscard]] bool contains(Fingerprint wanted) const noexcept {
        return places_[find(places_, wanted)] == wanted;
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t octets() const noexcept {
        return places_.size() * sizeof(Fingerprint);
    }

private:
    using Places = std::vector<Fingerprint>;

    /// Where it stands, or the empty place where it would.
    static std::size_t find(const Places& places, Fingerprint wanted) noexcept {
        const std::size_t mask = places.size() - 1;
        std::size_t at = wanted.high & mask;
        while (places[at] != Fingerprint{} && places[at] != wanted) {
            at = (at + 1) & mask;
        }
        return at;
    }
    static bool put(Places& places, Fingerprint fresh) noexcept {
        Fingerprint& place = places[find(places, fresh)];
        const bool is_new = place != fresh;
        place = fresh;
        return is_new;
    }
    void grow() {
        Places wider(places_.size() * 2);
        for (const Fingerprint& old : places_) {
            if (old != Fingerprint{}) {
                put(wider, old);
            }
        }
        places_.swap(wider);
    }

    Places places_;
    std::size_t size_{0};
};

}  // namespace tcpcraft
