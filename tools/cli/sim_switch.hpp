#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>

#include <libtcpcraft/link/link.hpp>

namespace tcpcraft::cli {

/// Several hosts at one end of a simulated network: what arrives goes to the one whose address it
/// bears. The end must outlive the switch, and the switch its hosts.
class SimSwitch {
public:
    explicit SimSwitch(Link& end);
    ~SimSwitch();
    SimSwitch(const SimSwitch&) = delete;
    SimSwitch& operator=(const SimSwitch&) = delete;

    /// The link of the host at this address.
    [[nodiscard]] Link& port_of(const Address& address);

private:
    class PortLink;
    void pass_on(const Arrival& arrival) const;

    Link& end_;
    std::map<Address, std::unique_ptr<PortLink>> ports_;
};

}  // namespace tcpcraft::cli
