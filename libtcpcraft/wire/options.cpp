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

Options::Options(std::initializer_list<Option> list) noexcept {
    for (const Option& option : list) {
        append(option);
    }
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

bool Options::append_octets(std::span<const std::byte> octets) noexcept {
    if (octets.size() > capacity - size_) {
        return false;
    }
    std::ranges::copy(octets, octets_.begin() + size_);
    size_ = static_cast<std::uint8_t>(size_ + octets.size());
    return true;
}

void Options::pad(OptionKind with) noexcept {
    while (size_ != padded_size()) {
        octets_[size_++] = static_cast<std::byte>(with);
    }
}

bool Options::set_timestamps(Timestamps value) noexcept {
    for (auto at = begin(); at != end(); ++at) {
        if (std::holds_alternative<Timestamps>(*at)) {
            const auto offset = static_cast<std::size_t>(at.octets().data() - octets_.data());
            wire::store32(octets_, offset + 2, value.val);
            wire::store32(octets_, offset + 6, value.ecr);
            return true;
        }
    }
    return false;
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
    const wire::DecodedOption decoded = wire::decode(rest_);
    current_ = decoded.option;
    length_ = decoded.length;
}

}  // namespace tcpcraft
