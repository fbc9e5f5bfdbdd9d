#include <cassert>

#include <libtcpcraft/drive/keep_alive_serve_parts.hpp>
#include <libtcpcraft/engine/advance.hpp>

// Clients on their way out of the table and back into it.

namespace tcpcraft {

std::uint32_t KeepAliveServer::Roster::add(const ConnectionId& id) {
    const std::uint32_t index = clients.insert(id);
    assert(index != clients.none);  // --max-clients is well below
    Resting& made = clients[index];
    made.number = ++numbered;
    made.heard = around.engine_now();
    half_open.add(clients, index);
    if (setup.trace) {
        peers.emplace(index, PeerView{State::closed});
    }
    return index;
}

KeepAliveServer::Client KeepAliveServer::Roster::take_out(std::uint32_t index) {
    Resting& resting = clients[index];
    Client client;
    static_cast<Facts&>(client) = resting;
    client.index = index;
    client.id = clients.id(index);
    if (resting.busy != Resting::none) {
        client.tcb = busy.take(std::exchange(resting.busy, Resting::none));
    } else {
        client.tcb = unpack(resting.tcb, client.id);
    }
    if (client.tcb.state != State::closed && client.tcb.buffers.peek() == nullptr) {
        client.tcb.buffers = busy.empty_buffers();
    }
    if (setup.trace) {
        client.peer = &peers.at(index);
    }
    return client;
}

void KeepAliveServer::Roster::put_back(Client& client) {
    Resting& resting = clients[client.index];
    static_cast<Facts&>(resting) = client;
    wheel.arm(client.index, next_deadline(client.tcb));
    if (const auto packed = pack(client.tcb)) {
        assert(client.tcb.id == client.id);
        resting.tcb = *packed;
        busy.keep(std::move(client.tcb.buffers));
    } else {
        resting.busy = busy.put(std::move(client.tcb));
    }
}

void KeepAliveServer::Roster::drop(const Client& client) {
    if (!client.established) {
        half_open.remove(clients, client.index);
    }
    wheel.cancel(client.index);
    peers.erase(client.index);
    clients.erase(client.index);
}

Instant KeepAliveServer::Roster::deadline_of(std::uint32_t index) const noexcept {
    const Resting& resting = clients[index];
    return resting.busy != Resting::none ? next_deadline(busy[resting.busy]) : resting.tcb.deadline;
}

void KeepAliveServer::HalfOpen::add(Table& clients, std::uint32_t index) noexcept {
    clients[index].older = newest_;
    clients[index].newer = Resting::none;
    (newest_ == Resting::none ? oldest_ : clients[newest_].newer) = index;
    newest_ = index;
    ++size_;
}

void KeepAliveServer::HalfOpen::remove(Table& clients, std::uint32_t index) noexcept {
    const Resting& leaving = clients[index];
    (leaving.older == Resting::none ? oldest_ : clients[leaving.older].newer) = leaving.newer;
    (leaving.newer == Resting::none ? newest_ : clients[leaving.newer].older) = leaving.older;
    --size_;
}

std::uint32_t KeepAliveServer::Busy::put(Tcb&& tcb) {
    std::uint32_t place = used_;
    if (free_.empty()) {
        all_.reach(used_++);
    } else {
        place = free_.back();
        free_.pop_back();
    }
    all_[place] = std::move(tcb);
    return place;
}

Tcb KeepAliveServer::Busy::take(std::uint32_t place) {
    free_.push_back(place);
    return std::move(all_[place]);
}

void KeepAliveServer::Busy::keep(BuffersPointer&& empty) {
    const Buffers* buffers = empty.peek();
    if (buffers != nullptr && spare_.size() < most_spare && buffers->send.capacity() <= small &&
        buffers->out_of_order.capacity() * sizeof(Buffers::Piece) <= small) {
        spare_.push_back(std::move(empty));
    }
}

BuffersPointer KeepAliveServer::Busy::empty_buffers() {
    if (spare_.empty()) {
        return {};
    }
    BuffersPointer found = std::move(spare_.back());
    spare_.pop_back();
    return found;
}

}  // namespace tcpcraft
