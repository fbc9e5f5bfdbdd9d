#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

#include <libtcpcraft/sim/continuation.hpp>
#include <libtcpcraft/sim/explore.hpp>
#include <libtcpcraft/sim/world_code.hpp>

namespace tcpcraft {
namespace {

/// How a world was first reached: all that is kept of it once its turn is over.
struct Origin {
    std::uint32_t parent{0};
    Move move{};
};

/// Codes of worlds, one behind the other, each after its length.
class Codes {
public:
    void push(std::span<const std::byte> code) {
        const auto size = static_cast<std::uint16_t>(code.size());
        const std::size_t at = octets_.size();
        octets_.resize(at + sizeof size + code.size());
        std::memcpy(octets_.data() + at, &size, sizeof size);
        std::memcpy(octets_.data() + at + sizeof size, code.data(), code.size());
    }
    /// Empty at the end. Holds until the next push().
    [[nodiscard]] std::span<const std::byte> next() noexcept {
        std::uint16_t size = 0;
        if (at_ == octets_.size()) {
            return {};
        }
        std::memcpy(&size, octets_.data() + at_, sizeof size);
        const auto code = std::span{octets_}.subspan(at_ + sizeof size, size);
        at_ += sizeof size + size;
        return code;
    }
    void clear() noexcept {
        octets_.clear();
        at_ = 0;
    }
    [[nodiscard]] bool empty() const noexcept { return octets_.empty(); }
    [[nodiscard]] std::size_t octets() const noexcept { return octets_.capacity(); }

private:
    std::vector<std::byte> octets_{};
    std::size_t at_{0};
};

class Explorer {
public:
    Explorer(const Setting& setting, const std::vector<Law>& laws, const Bounds& bounds) noexcept
        : setting_{setting}, laws_{laws}, bounds_{bounds}, continuation_{setting, laws} {}

    Exploration run(World start) {
        for (const Side side : both_sides) {
            normalise(start.at(side), side, setting_);
        }
        meet(start, {});
        while (!coming_.empty() && go_on()) {
            std::swap(current_, coming_);
            coming_.clear();
            walk_level();
            count_memory();
        }
        result_.worlds = origins_.size();
        result_.complete = go_on();
        result_.endings = continuation_.steps();
        return std::move(result_);
    }

private:
    [[nodiscard]] bool go_on() const noexcept {
        return !result_.found && origins_.size() < bounds_.worlds;
    }

    void walk_level() {
        for (auto code = current_.next(); !code.empty() && go_on(); code = current_.next()) {
            read_code(code, setting_, world_);
            if (bounds_.look_for_ends) {
                look_for_the_end(code);
            }
            expand();
            ++turn_;
        }
    }

    void look_for_the_end(std::span<const std::byte> code) {
        if (auto broken = continuation_.broken(world_, code)) {
            report(std::move(*broken), turn_, continuation_.moves());
        }
    }

    void expand() {
        list_moves(world_, setting_, moves_);
        for (const Move& move : moves_) {
            if (result_.found) {
                return;
            }
            ++result_.transitions;
            apply(world_, move, setting_, after_, did_);
            if (auto broken = first_broken(laws_, {world_, move, did_.all(), after_, setting_})) {
                report(std::move(*broken), turn_, {move});
                return;
            }
            meet(after_, {turn_, move});
        }
    }

    void meet(const World& world, const Origin& origin) {
        code_.clear();
        append_code(world, code_);
        if (seen_.insert(fingerprint(code_))) {
            origins_.push_back(origin);
            coming_.push(code_);
        }
    }

    void report(std::string broken, std::uint32_t from, const std::vector<Move>& last) {
        Counterexample found;
        found.broken = std::move(broken);
        for (std::uint32_t at = from; at != 0; at = origins_[at].parent) {
            found.path.push_back(origins_[at].move);
        }
        std::reverse(found.path.begin(), found.path.end());
        found.faults_end_after = found.path.size();
        found.path.insert(found.path.end(), last.begin(), last.end());
        result_.found = std::move(found);
    }

    void count_memory() noexcept {
        const std::size_t now = seen_.octets() + continuation_.octets() + current_.octets() +
                                coming_.octets() + origins_.size() * sizeof(Origin);
        result_.octets = std::max(result_.octets, now);
    }

    const Setting& setting_;
    const std::vector<Law>& laws_;
    const Bounds& bounds_;
    Continuation continuation_;
    Fingerprints seen_{};
    std::deque<Origin> origins_{};  // in the order of their turns
    Codes current_{};
    Codes coming_{};
    std::uint32_t turn_{0};  // whose successors are looked at
    World world_{};
    World after_{};
    Actions did_{};
    std::vector<Move> moves_{};
    std::vector<std::byte> code_{};
    Exploration result_{};
};

}  // namespace

Exploration explore(const World& start, const Setting& setting, const std::vector<Law>& laws,
                    const Bounds& bounds) {
    return Explorer{setting, laws, bounds}.run(start);
}

}  // namespace tcpcraft
