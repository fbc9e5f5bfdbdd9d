#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <libtcpcraft/drive/interceptor.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// What becomes of the third segment of a handshake (client role).
enum class Third : std::uint8_t { ack, none, wrong_ack, late, data, rst };

/// Lies that the options of a command line ask for.
struct CraftingRequest {
    std::optional<Flags> syn_flags{};     ///< in place of SYN, on every transmission of it
    bool bad_syn_checksum{false};         ///< on every transmission of the SYN
    Third third{Third::ack};              ///< what becomes of the third segment
    Duration late{};                      ///< Third::late
    std::optional<Duration> delay_syn{};  ///< the first SYN stays so long on the way
    /// Whether anything is asked for.
    [[nodiscard]] bool any() const noexcept {
        return syn_flags || bad_syn_checksum || third != Third::ack || delay_syn;
    }
};

/// Carries out a CraftingRequest; whatever it leaves alone goes to `next`, if there is one.
class TCPCRAFT_API Crafting : public Interceptor {
public:
    /// Made of these.
    explicit Crafting(CraftingRequest request, Interceptor* next = nullptr)
        : request_{std::move(request)}, next_{next} {}

    /// What becomes of a segment that is about to leave.
    [[nodiscard]] Decision leaving(const Proposal& proposal) override;
    [[nodiscard]] bool arriving(std::size_t connection, const Datagram& datagram, SeqOrigin origin,
                                const Tcb& tcb) override;

private:
    [[nodiscard]] std::optional<Decision> opening(const Proposal& proposal);
    [[nodiscard]] std::optional<Decision> third(const Proposal& proposal);

    CraftingRequest request_;
    Interceptor* next_;
    bool syn_delayed_{false};
    bool third_done_{false};
};

}  // namespace tcpcraft
