#include <fmt/format.h>

#include <libtcpcraft/report/ladder_words.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

namespace {

constexpr std::size_t payload_columns = 56;

std::string label_of(const SegmentSeen& seen, const Numbers& number) {
    const Segment& segment = seen.datagram.segment;
    std::string made = flag_names(segment.flags) + " seq " + number.seq;
    made += number.ack.empty() ? "" : " ack " + number.ack;
    if (!segment.payload.empty()) {
        made += fmt::format(" len {}", segment.payload.size());
    }
    return made + fmt::format(" win {}", segment.wnd);
}

/// `1 (305419897 on the wire)`
std::string both(Seq number, std::optional<Seq> origin) {
    if (!origin) {
        return fmt::format("{} on the wire", number.raw());
    }
    return fmt::format("{} ({} on the wire)", distance(*origin, number), number.raw());
}

std::string checksum_text(const SegmentSeen& seen) {
    if (seen.direction == Direction::out) {
        return seen.datagram.lies.bad_checksum || seen.datagram.lies.checksum ? "bad, on purpose"
                                                                              : "computed by us";
    }
    switch (seen.datagram.checksum) {
        case Checksum::ok:
            return "ok";
        case Checksum::offloaded:
            return "offloaded: the sender's host had not computed it yet";
        case Checksum::bad:
            break;
    }
    return "bad";
}

std::vector<std::pair<std::string, std::string>> fields_of(const Record& record,
                                                           const SegmentSeen& seen) {
    const auto& [ip, segment, checksum, lies] = seen.datagram;
    std::vector<std::pair<std::string, std::string>> made{
        {"Segment",
         fmt::format("{} of the run, connection {}", seen.number + 1, record.connection)},
        {"Time", fmt::format("{:.6f} s, {}", seconds(record.at.time_since_epoch()),
                             seen.kernel_timestamp ? "the kernel's clock" : "our clock")},
        {"From", Endpoint{ip.source, segment.source}.text()},
        {"To", Endpoint{ip.destination, segment.destination}.text()},
        {"Flags", flag_names(segment.flags)},
        {"SEQ", both(segment.seq, seen.origin.seq)}};
    const auto add = [&made](const char* name, std::string value) {
        made.emplace_back(name, std::move(value));
    };
    if (segment.has(Flag::ack)) {
        add("ACK", both(segment.ack, seen.origin.ack));
    }
    add("Length", fmt::format("{} octets", segment.payload.size()));
    add("Window", fmt::format("{} (as it stands in the header)", segment.wnd));
    if (segment.has(Flag::urg) || segment.up != 0) {
        add("Urgent pointer", std::to_string(segment.up));
    }
    add("Options", segment.options.empty() ? "none" : options_text(segment.options));
    add(ip.family() == Family::v6 ? "Hop limit" : "TTL", std::to_string(ip.hop_limit));
    add("Traffic class", fmt::format("0x{:02x}", ip.traffic_class));
    add("Checksum", checksum_text(seen));
    return made;
}

void add_consequences(const SegmentSeen& seen,
                      std::vector<std::pair<std::string, std::string>>& fields) {
    fields.emplace_back("Our state then", text(seen.state));
    fields.emplace_back("The peer's then", std::string{text(seen.peer_state)});
    if (!seen.step.empty()) {
        fields.emplace_back("Step", seen.step);
    }
    if (seen.rule != Rule::none) {
        fields.emplace_back("Rule", rule_text(seen.rule));
    }
}

std::vector<std::string> more_of(const SegmentSeen& seen) {
    const Segment& segment = seen.datagram.segment;
    std::vector<std::string> made;
    if (options_matter(segment)) {
        made.push_back("<" + options_text(segment.options) + ">");
    }
    if (!segment.payload.empty()) {
        made.push_back(excerpt(segment.payload, payload_columns));
    }
    if (seen.direction == Direction::in && seen.datagram.checksum == Checksum::offloaded) {
        made.emplace_back("checksum offloaded");
    }
    return made;
}

}  // namespace

LadderArrow arrow_of(const Record& record, const SegmentSeen& seen, const TextOptions& options,
                     const Symbols* symbols) {
    LadderArrow made{.number = seen.number,
                     .direction = seen.direction,
                     .lost = lost(seen),
                     .altered = seen.altered,
                     .retransmission = seen.retransmission,
                     .tone = tone_of(seen.datagram.segment.flags),
                     .label = label_of(seen, numbers(seen, options, symbols)),
                     .more = more_of(seen),
                     .remarks = remarks(seen, true),
                     .fields = fields_of(record, seen)};
    for (const Remark& remark : made.remarks) {
        made.fields.emplace_back("Unusual", remark.text);
    }
    add_consequences(seen, made.fields);
    made.notation = fmt::format("{} {}", seen.direction == Direction::out ? '<' : '>',
                                segment_text(seen.datagram.segment, seen.origin));
    return made;
}

}  // namespace tcpcraft
