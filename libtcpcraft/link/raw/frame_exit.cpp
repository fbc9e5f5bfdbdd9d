#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <boost/asio/post.hpp>
#include <net/if.h>

#include <libtcpcraft/link/raw/frame_exit.hpp>
#include <libtcpcraft/link/raw/frame_way.hpp>
#include <libtcpcraft/link/raw/icmp_text.hpp>
#include <libtcpcraft/link/raw/own_addresses.hpp>
#include <libtcpcraft/link/raw/peek.hpp>
#include <libtcpcraft/link/raw/send_failure.hpp>

namespace tcpcraft {

namespace {

using namespace std::chrono_literals;

/// So often the kernel gets a reason to look whether a neighbour is still there, as it would have
/// had with each packet.
constexpr Duration kernel_checks_every = 30s;
/// A neighbour that does not answer is given up by the kernel after three requests, 1 s apart.
constexpr Duration neighbour_patience = 5s;
constexpr Duration between_looks = 1s;
constexpr std::size_t most_held = 65'536;

std::string name_of_interface(std::uint32_t index) {
    std::array<char, IF_NAMESIZE> name{};
    return ::if_indextoname(index, name.data()) == nullptr ? "" : name.data();
}

IcmpKind unreachable(Family family) noexcept {
    return family == Family::v4 ? IcmpKind{family, 3, 1, 0} : IcmpKind{family, 1, 3, 0};
}

IcmpError local_error(const Peek& peeked, Instant now, std::string text) {
    IcmpError made;
    made.at = now;
    made.id = {{peeked.source, peeked.source_port}, {peeked.destination, peeked.destination_port}};
    made.from = peeked.source;
    made.local = true;
    const IcmpKind kind = unreachable(peeked.source.family());
    made.type = kind.type;
    made.code = kind.code;
    made.seq = peeked.seq;
    made.text = std::move(text);
    return made;
}

}  // namespace

FrameExit::FrameExit(Loop& loop, NextHops hops, Owner owner)
    : loop_{loop},
      hops_{std::move(hops)},
      owner_{std::move(owner)},
      changes_{loop.context, hops_.raw(), [this] {
                   flush();
                   hops_.follow({[this](Neighbour& one) { changed(one); },
                                 [this] { forget_outdated_senders(); }});
               }} {}

FrameExit::~FrameExit() {
    flush();
    *alive_ = false;
    loop_.alarm.cancel(patience_);
}

Expected<std::unique_ptr<FrameExit>> FrameExit::open(Loop& loop, const std::string& interface,
                                                     Owner owner) {
    const std::uint32_t index = interface.empty() ? 0 : ::if_nametoindex(interface.c_str());
    return NextHops::open(index).map([&](NextHops hops) {
        return std::unique_ptr<FrameExit>{new FrameExit{loop, std::move(hops), std::move(owner)}};
    });
}

Expected<void> FrameExit::send(std::span<const Outgoing> packets) {
    const Instant now = loop_.alarm.now();
    for (const Outgoing& packet : packets) {
        const auto done = send(packet, now);
        if (!done && packets.size() == 1) {
            return done;
        }
        if (!done) {
            fail(packet.octets, done.error());
        }
    }
    if (corks_ == 0) {
        packets.size() > 1 ? flush() : flush_soon();
    }
    return {};
}

Expected<void> FrameExit::send(const Outgoing& packet, Instant now) {
    const auto source = source_of_finished(packet.octets);
    Neighbour* neighbour = source ? hops_.find(*source, packet.destination) : nullptr;
    FrameSender* sender = neighbour != nullptr ? sender_of(neighbour->interface_index) : nullptr;
    if (sender == nullptr || !sender->fits(packet.octets.size())) {
        return by_kernel(packet);
    }
    if (!neighbour->hardware) {
        if (auto waits = await(*neighbour, packet, now); !waits || !neighbour->hardware) {
            return waits;
        }
    }
    if (!neighbour->fixed && now - neighbour->checked_at >= kernel_checks_every) {
        neighbour->checked_at = now;
        if (!hops_.nudge(*neighbour)) {
            return by_kernel(packet);
        }
    }
    queue(*sender, *neighbour, packet, now);
    return {};
}

Expected<void> FrameExit::by_kernel(const Outgoing& packet) {
    flush();  // in order
    return owner_.by_kernel(packet);
}

/// Without a word when the neighbour has turned out to be known: the packet is still to be sent.
Expected<void> FrameExit::await(Neighbour& neighbour, const Outgoing& packet, Instant now) {
    if (!neighbour.asked || now - neighbour.asked_at >= neighbour_patience) {
        hops_.look_up(neighbour);
        if (neighbour.hardware) {
            neighbour.checked_at = now - kernel_checks_every;
            return {};
        }
        neighbour.asked = true;
        neighbour.asked_at = now;
        if (!hops_.nudge(neighbour)) {
            return by_kernel(packet);
        }
    }
    if (held_ == most_held) {
        return Unexpected<Error>{send_failure(ENOBUFS, packet)};
    }
    ++held_;
    neighbour.held.push_back(
        {{packet.octets.begin(), packet.octets.end()}, packet.destination, packet.token});
    if (patience_ == AlarmId::none) {
        patience_ = loop_.alarm.call_at(now + between_looks, [this] { look_after_held(); });
    }
    return {};
}

void FrameExit::queue(FrameSender& sender, const Neighbour& neighbour, const Outgoing& packet,
                      Instant now) {
    if (filling_ != &sender || sender.full()) {
        flush();
    }
    filling_ = &sender;
    sender.queue(packet.octets, *neighbour.hardware);
    owner_.sent({packet.token, now, false});
}

FrameSender* FrameExit::sender_of(std::uint32_t interface_index) {
    if (last_sender_ != nullptr && last_interface_ == interface_index) {
        return last_sender_;
    }
    auto known = senders_.find(interface_index);
    if (known == senders_.end()) {
        auto opened = FrameSender::open(name_of_interface(interface_index));
        auto kept = opened ? std::make_unique<FrameSender>(std::move(*opened)) : nullptr;
        known = senders_.emplace(interface_index, std::move(kept)).first;
    }
    last_interface_ = interface_index;
    last_sender_ = known->second.get();
    return last_sender_;
}

// Those that are as they were stay open: we may have lost the right to open them again.
void FrameExit::forget_outdated_senders() {
    std::erase_if(senders_,
                  [](const auto& known) { return !known.second || known.second->outdated(); });
    last_sender_ = nullptr;
}

void FrameExit::open_senders() {
    for (const std::string& name : names_of_interfaces()) {
        static_cast<void>(sender_of(::if_nametoindex(name.c_str())));
    }
}

void FrameExit::flush() {
    if (filling_ == nullptr) {
        return;
    }
    std::exchange(filling_, nullptr)->flush([this](std::span<const std::byte> packet, int error) {
        const auto peeked = peek(packet);
        const Address to = peeked ? peeked->destination : Address{};
        fail(packet, send_failure(error, {packet, to, 0}));
    });
}

void FrameExit::uncork() {
    if (--corks_ == 0) {
        flush();
    }
}

void FrameExit::flush_soon() {
    if (filling_ == nullptr || soon_) {
        return;
    }
    soon_ = true;
    boost::asio::post(loop_.context, [this, alive = alive_] {
        if (*alive) {
            soon_ = false;
            flush();
        }
    });
}

void FrameExit::changed(Neighbour& neighbour) {
    if (neighbour.hardware) {
        release(neighbour);
    } else if (neighbour.failed) {
        give_up(neighbour);
    }
}

void FrameExit::release(Neighbour& neighbour) {
    neighbour.asked = false;
    neighbour.checked_at = loop_.alarm.now();
    held_ -= neighbour.held.size();
    const auto held = std::exchange(neighbour.held, {});
    for (const HeldPacket& packet : held) {
        const Outgoing late{packet.octets, packet.destination, packet.token};
        if (const auto done = send(late, loop_.alarm.now()); !done) {
            fail(packet.octets, done.error());
        }
    }
    flush();
}

void FrameExit::give_up(Neighbour& neighbour) {
    neighbour.asked = false;
    held_ -= neighbour.held.size();
    const auto held = std::exchange(neighbour.held, {});
    for (const HeldPacket& packet : held) {
        const IcmpKind kind = unreachable(packet.destination.family());
        fail(packet.octets, {{}, unanswered_text(kind, packet.destination)}, false);
    }
}

// The kernel tells when it knows, or has given up; should that word be lost, it is asked.
void FrameExit::look_after_held() {
    patience_ = AlarmId::none;
    const Instant now = loop_.alarm.now();
    hops_.each([this, now](Neighbour& neighbour) {
        if (neighbour.held.empty()) {
            return;
        }
        hops_.look_up(neighbour);
        if (neighbour.hardware) {
            release(neighbour);
        } else if (neighbour.failed || now - neighbour.asked_at >= neighbour_patience) {
            give_up(neighbour);
        }
    });
    if (held_ > 0) {
        patience_ = loop_.alarm.call_at(now + between_looks, [this] { look_after_held(); });
    }
}

void FrameExit::fail(std::span<const std::byte> packet, Error error, bool unsent) {
    if (failed_.empty()) {
        boost::asio::post(loop_.context, [this, alive = alive_] {
            if (*alive) {
                tell_failures();
            }
        });
    }
    failed_.push_back({{packet.begin(), packet.end()}, std::move(error), unsent});
}

void FrameExit::tell_failures() {
    const auto failed = std::exchange(failed_, {});
    for (const Failed& one : failed) {
        if (const auto peeked = peek(one.packet)) {
            IcmpError told = local_error(*peeked, loop_.alarm.now(), one.error.message());
            told.unsent = one.unsent;
            owner_.failed(told);
        }
    }
}

}  // namespace tcpcraft
