#pragma once

#include <cstddef>
#include <utility>

#include <libtcpcraft/drive/interceptor.hpp>
#include <libtcpcraft/drive/scenario.hpp>
#include <libtcpcraft/export.hpp>

namespace tcpcraft {

/// Loses our own next segments with exactly these flags; whatever it leaves alone goes to `next`.
class TCPCRAFT_API Withholding : public Interceptor {
public:
    /// Made of these.
    explicit Withholding(Interceptor* next = nullptr) : next_{next} {}

    /// From now on loses these.
    void lose(Withhold what) { what_ = std::move(what); }

    /// What becomes of a segment that is about to leave.
    [[nodiscard]] Decision leaving(const Proposal& proposal) override;
    [[nodiscard]] bool arriving(std::size_t connection, const Datagram& datagram, SeqOrigin origin,
                                const Tcb& tcb) override;

private:
    Interceptor* next_;
    Withhold what_{.count = 0};
};

}  // namespace tcpcraft
