#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <libtcpcraft/link/link.hpp>
#include <libtcpcraft/wire/codec.hpp>

namespace tcpcraft::test {

/// A peer's end of the wire, where a test makes an honest host deviate: what it sends can be
/// changed or kept, what arrives for it can be lost, or answered in its place.
class AlteringLink final : public Link {
public:
    explicit AlteringLink(Link& link) : link_{link} {}

    std::function<bool(Segment&)> leaving{};         ///< false: it is not sent
    std::function<bool(const Segment&)> arriving{};  ///< false: the host never sees it
    /// What is sent in the host's place; the host does not see the segment then.
    std::function<std::optional<Segment>(const Segment&)> answer{};
    /// The IP header of such an answer, which is else that of the segment turned round.
    std::function<void(IpHeader&)> answering_header{};
    LinkCounters counted{};  ///< told as this link's own

    [[nodiscard]] LinkCounters counters() const override { return counted; }

    Expected<void> transmit(std::span<const Outgoing> packets) override {
        for (const Outgoing& packet : packets) {
            auto datagram = parse(packet.octets);
            if (!datagram || (leaving && !leaving(datagram->segment))) {
                continue;
            }
            send(*datagram);
        }
        return {};
    }

    void on_arrivals(std::function<void(std::span<const Arrival>)> handler) override {
        link_.on_arrivals([this, handler](std::span<const Arrival> arrivals) {
            for (const Arrival& arrival : arrivals) {
                if (passes(arrival) && handler) {
                    handler({&arrival, 1});
                }
            }
        });
    }
    void on_sent(std::function<void(const Sent&)> handler) override {
        link_.on_sent(std::move(handler));
    }
    void on_icmp(std::function<void(const IcmpError&)> handler) override {
        link_.on_icmp(std::move(handler));
    }

private:
    bool passes(const Arrival& arrival) {
        const auto datagram = parse(arrival.octets);
        if (!datagram) {
            return true;
        }
        if (answer) {
            if (const auto made = answer(datagram->segment)) {
                Datagram back = *datagram;
                std::swap(back.ip.source, back.ip.destination);
                back.ip.hop_limit = 64;
                if (answering_header) {
                    answering_header(back.ip);
                }
                back.segment = *made;
                back.segment.source = datagram->segment.destination;
                back.segment.destination = datagram->segment.source;
                send(back);
                return false;
            }
        }
        return !arriving || arriving(datagram->segment);
    }

    void send(const Datagram& datagram) {
        const std::vector<std::byte> octets = serialize(datagram);
        const Outgoing out{.octets = octets, .destination = datagram.ip.destination};
        static_cast<void>(link_.transmit({&out, 1}));
    }

    Link& link_;
};

}  // namespace tcpcraft::test
