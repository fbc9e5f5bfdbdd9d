#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/play/conversation.hpp>

namespace tcpcraft::play {

namespace {

std::string number_text(std::uint32_t value) { return fmt::format("{}", value); }

/// Collects what differs between a line and a datagram.
class Comparison {
public:
    Comparison(const ScriptSegment& line, const Datagram& datagram, const Conversation& numbers,
               const Strictness& strictness) noexcept
        : line_{line},
          ip_{datagram.ip},
          got_{datagram.segment},
          numbers_{numbers},
          strict_{strictness} {}

    std::vector<FieldDifference> run() {
        compare_ip();
        if (line_.flags && *line_.flags != got_.flags) {
            add("flags", flags_text(*line_.flags), flags_text(got_.flags));
        }
        compare_number("seq", line_.seq, got_.seq, numbers_.peer_origin());
        const auto length = static_cast<std::uint32_t>(got_.payload.size());
        if (line_.length && *line_.length != length) {
            add("length", number_text(*line_.length), number_text(length));
        }
        if (line_.ack && !got_.has(Flag::ack)) {
            add("ack", number_text(line_.ack->value), "none");
        } else {
            compare_number("ack", line_.ack, got_.ack, numbers_.iss());
        }
        compare_plain("win", line_.wnd, got_.wnd);
        compare_plain("urg", line_.up, got_.up);
        compare_options();
        compare_payload();
        return std::move(found_);
    }

private:
    void add(std::string field, std::string expected, std::string got) {
        found_.push_back({std::move(field), std::move(expected), std::move(got)});
    }

    void compare_ip() {
        const std::uint8_t ecn = ip_.traffic_class & 3U;
        if (line_.ip.ecn && *line_.ip.ecn != ecn) {
            add("ecn", number_text(*line_.ip.ecn), number_text(ecn));
        }
        if (line_.ip.either_ect && ecn != 1 && ecn != 2) {
            add("ecn", "ect0 or ect1", number_text(ecn));
        }
        compare_plain("tos", line_.ip.tos, ip_.traffic_class);
        compare_plain("ttl", line_.ip.ttl, ip_.hop_limit);
        if (line_.ip.flow_label && *line_.ip.flow_label != ip_.flow_label) {
            add("flowlabel", number_text(*line_.ip.flow_label), number_text(ip_.flow_label));
        }
    }
    template <typename T>
    void compare_plain(const char* field, const std::optional<T>& wanted, T got) {
        if (wanted && *wanted != got) {
            add(field, number_text(*wanted), number_text(got));
        }
    }
    void compare_number(const char* field, const std::optional<ScriptNumber>& wanted, Seq got,
                        Seq origin) {
        if (!wanted) {
            return;
        }
        const std::uint32_t seen = got.raw() - (wanted->absolute ? 0 : origin.raw());
        if (wanted->value != seen) {
            add(field, number_text(wanted->value), number_text(seen));
        }
    }

    /// A line that must not come true says nothing of options by leaving them out.
    void compare_options() {
        if (!line_.options || (line_.unwanted && line_.options->empty())) {
            return;
        }
        const bool differ = strict_.values ? values_differ() : kinds_differ();
        if (differ) {
            add("options", "<" + options_text(*line_.options) + ">",
                "<" + options_text(as_script(got_.options)) + ">");
            return;
        }
        compare_timestamp();
    }
    [[nodiscard]] bool kinds_differ() const {
        auto there = got_.options.begin();
        for (const Option& option : *line_.options) {
            if (there == got_.options.end() || kind(option) != kind(*there)) {
                return true;
            }
            ++there;
        }
        return there != got_.options.end();
    }
    [[nodiscard]] bool values_differ() const {
        if (kinds_differ()) {
            return true;
        }
        const Options live = as_script(got_.options);
        auto there = live.begin();
        for (const Option& option : *line_.options) {
            const auto* wanted = std::get_if<Timestamps>(&option);
            const auto* seen = std::get_if<Timestamps>(&*there);
            const bool alike = wanted != nullptr && seen != nullptr ? wanted->ecr == seen->ecr
                                                                    : same(option, *there);
            if (!alike) {
                return true;
            }
            ++there;
        }
        return false;
    }
    /// TS val is the peer's clock: compared where the script says how it ticks.
    void compare_timestamp() {
        const auto wanted = line_.options->find<Timestamps>();
        const auto seen = got_.options.find<Timestamps>();
        if (!strict_.timestamp_tick || !wanted || !seen || !numbers_.knows_timestamps()) {
            return;
        }
        const auto allowed = strict_.tolerance / *strict_.timestamp_tick + 1;
        const std::uint32_t live = numbers_.script_timestamp(seen->val);
        const auto off = distance(Seq{wanted->val}, Seq{live});
        if (std::abs(static_cast<std::int64_t>(off)) > allowed) {
            add("TS val", fmt::format("{} +/- {}", wanted->val, allowed), number_text(live));
        }
    }
    /// SACK edges as the script counts them.
    [[nodiscard]] Options as_script(const Options& options) const {
        Options made;
        for (auto at = options.begin(); at != options.end(); ++at) {
            if (const auto* sack = std::get_if<Sack>(&*at)) {
                Sack shown = *sack;
                for (SackBlock& block : std::span{shown.block}.first(shown.count)) {
                    block = {Seq{block.left.raw() - numbers_.iss().raw()},
                             Seq{block.right.raw() - numbers_.iss().raw()}};
                }
                made.append(shown);
            } else {
                made.append_octets(at.octets());
            }
        }
        return made;
    }

    void compare_payload() {
        if (!line_.payload || line_.payload->size() != got_.payload.size()) {
            return;
        }
        const auto differ = std::ranges::mismatch(*line_.payload, got_.payload, [](char c, auto o) {
            return static_cast<std::byte>(c) == o;
        });
        if (differ.in1 != line_.payload->end()) {
            add(fmt::format("payload octet {}", differ.in1 - line_.payload->begin()),
                fmt::format("{:#04x}", static_cast<unsigned char>(*differ.in1)),
                fmt::format("{:#04x}", std::to_integer<unsigned>(*differ.in2)));
        }
    }

    const ScriptSegment& line_;
    const IpHeader& ip_;
    const Segment& got_;
    const Conversation& numbers_;
    const Strictness& strict_;
    std::vector<FieldDifference> found_{};
};

}  // namespace

std::vector<FieldDifference> compare(const ScriptSegment& line, const Datagram& datagram,
                                     const Conversation& numbers, const Strictness& strictness) {
    return Comparison{line, datagram, numbers, strictness}.run();
}

std::string notation(const Datagram& datagram, const Conversation& numbers) {
    return "> " + segment_text(datagram.segment, numbers.incoming());
}

}  // namespace tcpcraft::play
