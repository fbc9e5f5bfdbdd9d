#include <algorithm>

#include <libtcpcraft/wire/octets.hpp>
#include <libtcpcraft/wire/option_codec.hpp>
#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft {

std::uint8_t kind(const Option& option) noexcept {
    const wire::EncodedOption encoded = wire::encode(option);
    return encoded.size == 0 ? std::uint8_t{0} : wire::load8(encoded.octets(), 0);
}

bool same(const Option& a, const Option& b) noexcept {
    const wire::EncodedOption left = wire::encode(a);
    const wire::EncodedOption right = wire::encode(b);
    return left.fits && right.fits && std::ranges::equal(left.octets(), right.octets());
}

std::optional<Options> Options::from_octets(std::span<const std::byte> octets) noexcept {
    Options made;
    if (!made.append_octets(octets)) {
        return std::nullopt;
    }
    return made;
}

bool Options::append(const Option& option) noexcept {
    const wire::EncodedOption encoded = wire::encode(option);
    return encoded.fits && append_octets(encoded.octets());
}

void Options::pad(OptionKind with) noexcept {
    while (size_ != padded_size()) {
        octets_[size_++] = static_cast<std::byte>(with);
    }
}

bool Options::set_timestamps(Timestamps value) noexcept {
    std::size_t at = 0;
    bool found = false;
    while (at < size_ && !found && octets_[at] != std::byte{0}) {  // behind EOL is padding
        const std::size_t length = wire::take_option(octets().subspan(at), [&](const auto& option) {
            found = std::is_same_v<std::decay_t<decltype(option)>, Timestamps>;
        });
        if (found) {
            wire::store_native(octets_.data() + at + 2,
                               wire::swapped(std::uint64_t{value.val} << 32 | value.ecr));
        }
        at += length;
    }
    return found;
}

bool operator==(const Options& a, const Options& b) noexcept {
    return std::ranges::equal(a.octets(), b.octets());
}

Options::iterator::iterator(std::span<const std::byte> rest) noexcept : rest_{rest} { read(); }

Options::iterator& Options::iterator::operator++() noexcept {
    const bool last = std::holds_alternative<EndOfList>(current_);
    rest_ = last ? std::span<const std::byte>{} : rest_.subspan(length_);
    read();
    return *this;
}

void Options::iterator::read() noexcept {
    if (rest_.empty()) {
        length_ = 0;
        return;
    }
    length_ = wire::take_option(rest_, [&](const auto& option) { current_ = option; });
}

}  // namespace tcpcraft
