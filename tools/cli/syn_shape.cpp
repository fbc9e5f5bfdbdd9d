#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include <tools/cli/options.hpp>
#include <tools/cli/syn_shape.hpp>

#include <libtcpcraft/host/setup.hpp>
#include <libtcpcraft/wire/options.hpp>

namespace tcpcraft::cli {

namespace {

/// What a SYN offers; how the options are arranged is another matter.
struct Offer {
    std::optional<std::uint16_t> mss{};
    std::optional<std::uint8_t> wscale{};
    bool sack{false};
    bool timestamps{false};
    std::uint32_t window{65535};
};

Offer offer_like(std::string_view system, std::uint16_t mss) {
    if (system == "bare") {
        return {};
    }
    if (system == "windows") {
        return {.mss = mss, .wscale = 8, .sack = true, .timestamps = false, .window = 64240};
    }
    if (system == "linux") {
        return {.mss = mss, .wscale = 7, .sack = true, .timestamps = true, .window = 64240};
    }
    return {.mss = mss, .wscale = 6, .sack = true, .timestamps = true, .window = 65535};
}

void overrule(Offer& offer, const CraftOptions& craft) {
    if (craft.mss) {
        offer.mss = *craft.mss == 0 ? std::nullopt : craft.mss;
    }
    if (craft.wscale) {
        offer.wscale = *craft.wscale < 0 ? std::nullopt
                                         : std::optional{static_cast<std::uint8_t>(*craft.wscale)};
    }
    offer.sack = craft.sack.value_or(offer.sack);
    offer.timestamps = craft.timestamps.value_or(offer.timestamps);
    offer.window = craft.window.value_or(static_cast<std::uint16_t>(offer.window));
}

void nops(Options& list, int count) {
    for (int i = 0; i < count; ++i) {
        list.append(NoOperation{});
    }
}

void append_mss(Options& list, const Offer& offer) {
    if (offer.mss) {
        list.append(MaximumSegmentSize{*offer.mss});
    }
}

void append_wscale(Options& list, const Offer& offer) {
    if (offer.wscale) {
        nops(list, 1);
        list.append(WindowScale{*offer.wscale});
    }
}

/// SACK-permitted in the two octets before the timestamps, which NOPs fill otherwise.
void append_sack_and_timestamps(Options& list, const Offer& offer) {
    if (!offer.sack || !offer.timestamps) {
        nops(list, offer.sack || offer.timestamps ? 2 : 0);
    }
    if (offer.sack) {
        list.append(SackPermitted{});
    }
    if (offer.timestamps) {
        list.append(Timestamps{});
    }
}

void append_timestamps_then_sack(Options& list, const Offer& offer) {
    if (offer.timestamps) {
        nops(list, 2);
        list.append(Timestamps{});
    }
    if (offer.sack) {
        list.append(SackPermitted{});
    }
    list.pad();
}

Options arranged_like(std::string_view system, const Offer& offer) {
    Options list;
    append_mss(list, offer);
    if (system == "macos") {
        append_wscale(list, offer);
        append_timestamps_then_sack(list, offer);
    } else if (system == "windows" || system == "freebsd") {
        append_wscale(list, offer);
        append_sack_and_timestamps(list, offer);
    } else {
        append_sack_and_timestamps(list, offer);
        append_wscale(list, offer);
    }
    return list;
}

IsnKey fresh_key() {
    std::random_device device;
    const auto word = [&device] { return (std::uint64_t{device()} << 32U) | device(); };
    return IsnKey{{word(), word()}};
}

}  // namespace

std::optional<Options> read_options_hex(std::string_view text) {
    std::vector<std::byte> octets;
    int high = -1;
    for (const char c : text) {
        if (c == ' ' || c == ':' || c == ',') {
            continue;
        }
        const std::string_view digits = "0123456789abcdef";
        const auto at = digits.find(static_cast<char>(c | 0x20));
        if (at == std::string_view::npos) {
            return std::nullopt;
        }
        if (high < 0) {
            high = static_cast<int>(at);
        } else {
            octets.push_back(static_cast<std::byte>(high * 16 + static_cast<int>(at)));
            high = -1;
        }
    }
    return high < 0 ? Options::from_octets(octets) : std::nullopt;
}

std::uint8_t hop_limit_like(std::string_view system) noexcept {
    return system == "windows" ? 128 : 64;
}

Policy policy_of(const CraftOptions& craft, Family family, std::uint32_t mtu) {
    Offer offer = offer_like(craft.like, mss_of(family, mtu));
    overrule(offer, craft);
    Policy policy;
    policy.rcv_wnd = offer.window;
    policy.isn_key = fresh_key();
    policy.syn_options = craft.options_hex.empty()
                             ? arranged_like(craft.like, offer)
                             : read_options_hex(craft.options_hex).value_or(Options{});
    return policy;
}

}  // namespace tcpcraft::cli
