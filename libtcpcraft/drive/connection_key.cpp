#include <cassert>
#include <cstring>
#include <span>

#include <libtcpcraft/drive/connection_key.hpp>
#include <libtcpcraft/engine/siphash.hpp>

namespace tcpcraft {

namespace {

std::uint32_t word_of(const Address& address) noexcept {
    std::uint32_t word = 0;
    std::memcpy(&word, address.octets().data(), sizeof word);
    return word;
}

Address address_of(std::uint32_t word) noexcept {
    std::array<std::byte, 4> octets{};
    std::memcpy(octets.data(), &word, sizeof word);
    return Address::v4(octets);
}

bool equal(const Address& address, const std::array<std::byte, 16>& octets) noexcept {
    return address.is_v6() &&
           std::memcmp(address.octets().data(), octets.data(), octets.size()) == 0;
}

std::byte* write(const Endpoint& end, std::byte* at) noexcept {
    const std::size_t length = end.address.is_v6() ? 16 : 4;
    std::memcpy(at, end.address.octets().data(), length);
    at += length;
    *at++ = static_cast<std::byte>(end.port.value >> 8U);
    *at++ = static_cast<std::byte>(end.port.value);
    return at;
}

}  // namespace

std::uint64_t keyed_hash(const ConnectionId& id, const HashKey& key) noexcept {
    std::array<std::byte, 36> octets;  // NOLINT: all that is read is written
    const std::byte* const end = write(id.remote, write(id.local, octets.data()));
    return siphash_2_4({octets.data(), end}, key);
}

ConnectionKey ConnectionKeys::put(const ConnectionId& id) {
    ConnectionKey made{.local_port = id.local.port, .remote_port = id.remote.port};
    const Address& local = id.local.address;
    const Address& remote = id.remote.address;
    assert(local.is_v6() == remote.is_v6());
    if (!remote.is_v6()) {
        made.kind = ConnectionKey::Kind::v4;
        made.local = word_of(local);
        made.remote = word_of(remote);
        return made;
    }
    made.kind = ConnectionKey::Kind::v6;
    made.local = free_ == none ? used_++ : free_;
    pairs_.reach(made.local);
    Pair& pair = pairs_[made.local];
    free_ = made.local == free_ ? pair.local_zone : free_;
    std::memcpy(pair.local.data(), local.octets().data(), pair.local.size());
    std::memcpy(pair.remote.data(), remote.octets().data(), pair.remote.size());
    pair.local_zone = local.zone();
    pair.remote_zone = remote.zone();
    return made;
}

void ConnectionKeys::take(const ConnectionKey& key) noexcept {
    if (key.kind == ConnectionKey::Kind::v6) {
        pairs_[key.local].local_zone = free_;
        free_ = key.local;
    }
}

ConnectionId ConnectionKeys::id(const ConnectionKey& key) const noexcept {
    if (key.kind != ConnectionKey::Kind::v6) {
        return {{address_of(key.local), key.local_port}, {address_of(key.remote), key.remote_port}};
    }
    const Pair& pair = pairs_[key.local];
    return {{Address::v6(pair.local, pair.local_zone), key.local_port},
            {Address::v6(pair.remote, pair.remote_zone), key.remote_port}};
}

bool ConnectionKeys::same(const ConnectionKey& key, const ConnectionId& id) const noexcept {
    if (key.remote_port != id.remote.port || key.local_port != id.local.port) {
        return false;
    }
    const Address& local = id.local.address;
    const Address& remote = id.remote.address;
    if (key.kind == ConnectionKey::Kind::v4) {
        return !remote.is_v6() && key.remote == word_of(remote) && key.local == word_of(local);
    }
    return key.kind == ConnectionKey::Kind::v6 && equal(remote, pairs_[key.local].remote) &&
           equal(local, pairs_[key.local].local);
}

}  // namespace tcpcraft
