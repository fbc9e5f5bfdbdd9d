#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <libtcpcraft/drive/connection_table.hpp>
#include <libtcpcraft/engine/action.hpp>
#include <libtcpcraft/engine/event.hpp>
#include <libtcpcraft/engine/packed_tcb.hpp>
#include <libtcpcraft/engine/policy.hpp>
#include <libtcpcraft/link/alarm.hpp>
#include <libtcpcraft/link/link.hpp>

namespace tcpcraft::test {

/// Up to a million silent clients of one server, each a TCB at rest between two segments;
/// SimCrowd's take twenty times the room, and do more. All memory is taken at the beginning.
/// Nobody's timer runs: nothing may be lost on the link.
class PackedCrowd {
public:
    PackedCrowd(Link& link, Alarm& alarm, Endpoint server, std::size_t clients);
    ~PackedCrowd();
    PackedCrowd(const PackedCrowd&) = delete;
    PackedCrowd& operator=(const PackedCrowd&) = delete;

    /// The next client connects.
    void come();
    /// What the n-th has been and done.
    struct Client {
        PackedTcb tcb{};
        std::uint32_t heard{0};  ///< segments since it was established: probes
    };
    [[nodiscard]] const Client& operator[](std::size_t number) const {
        return clients_[indices_[number]];
    }
    [[nodiscard]] std::size_t size() const noexcept { return indices_.size(); }

private:
    void arrives(const Arrival& arrival);
    void step(std::uint32_t index, const Event& event);

    Link& link_;
    Alarm& alarm_;
    Policy policy_{};
    ConnectionTable<Client> clients_;
    std::vector<std::uint32_t> indices_{};
    std::size_t came_{0};
    Actions actions_{};
    std::vector<std::byte> scratch_ = std::vector<std::byte>(128);
};

}  // namespace tcpcraft::test
