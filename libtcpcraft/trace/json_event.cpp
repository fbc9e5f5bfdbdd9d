#include <algorithm>
#include <cassert>
#include <type_traits>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <libtcpcraft/trace/json_event.hpp>

namespace tcpcraft {

namespace {

/// A verdict rests on segments that are not older than so many others: a run may have any number.
constexpr std::size_t most_remembered = 500'000;

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

double time_number(Instant at) { return seconds(at.time_since_epoch()); }

std::string hex(std::span<const std::byte> octets) {
    std::string made;
    for (const std::byte octet : octets) {
        made += fmt::format("{:02x}", std::to_integer<unsigned>(octet));
    }
    return made;
}

/// The name where the kind has one and its length is legal, else the number.
struct KindOf {
    Json operator()(const EndOfList&) const { return "eol"; }
    Json operator()(const NoOperation&) const { return "nop"; }
    Json operator()(const MaximumSegmentSize&) const { return "mss"; }
    Json operator()(const WindowScale&) const { return "wscale"; }
    Json operator()(const SackPermitted&) const { return "sackok"; }
    Json operator()(const Sack&) const { return "sack"; }
    Json operator()(const Timestamps&) const { return "ts"; }
    Json operator()(const FastOpen&) const { return "fastopen"; }
    Json operator()(const UserTimeout&) const { return "uto"; }
    Json operator()(const Md5Signature&) const { return "md5"; }
    Json operator()(const Authentication&) const { return "ao"; }
    Json operator()(const Multipath&) const { return "mptcp"; }
    Json operator()(const AccurateEcn&) const { return "accecn"; }
    Json operator()(const UnknownOption& o) const { return o.kind; }
    Json operator()(const BrokenOption& o) const {
        return o.octets.empty() ? 0 : std::to_integer<int>(o.octets[0]);
    }
};

/// The members behind the kind; `body` is what follows kind and length.
struct MembersOf {
    Json& made;
    std::span<const std::byte> body;

    void operator()(const EndOfList&) const {}
    void operator()(const NoOperation&) const {}
    void operator()(const SackPermitted&) const {}
    void operator()(const MaximumSegmentSize& o) const { made["value"] = o.value; }
    void operator()(const WindowScale& o) const { made["value"] = o.shift; }
    void operator()(const Timestamps& o) const {
        made["val"] = o.val;
        made["ecr"] = o.ecr;
    }
    void operator()(const Sack& o) const {
        made["blocks"] = Json::array();
        for (const SackBlock& block : o.blocks()) {
            made["blocks"].push_back(Json::array({block.left.raw(), block.right.raw()}));
        }
    }
    void operator()(const UserTimeout& o) const { made["value"] = o.value * (o.minutes ? 60 : 1); }
    void operator()(const BrokenOption& o) const {
        made["hex"] = hex(o.octets.empty() ? o.octets : o.octets.subspan(1));
    }
    template <typename Other>
    void operator()(const Other&) const {
        made["hex"] = hex(body);
    }
};

Json options_json(const Options& options) {
    Json list = Json::array();
    for (auto at = options.begin(); at != options.end(); ++at) {
        Json one{{"kind", std::visit(KindOf{}, *at)}};
        const auto octets = at.octets();
        std::visit(MembersOf{one, octets.subspan(std::min<std::size_t>(2, octets.size()))}, *at);
        list.push_back(std::move(one));
    }
    return list;
}

std::string_view text(Direction direction) { return direction == Direction::out ? "out" : "in"; }

std::string_view text(Checksum checksum) {
    switch (checksum) {
        case Checksum::ok:
            return "ok";
        case Checksum::offloaded:
            return "offloaded";
        case Checksum::bad:
            return "bad";
    }
    return "bad";
}

std::string_view text(TimerChange change) {
    switch (change) {
        case TimerChange::set:
            return "set";
        case TimerChange::fired:
            return "fired";
        case TimerChange::cleared:
            return "cleared";
    }
    return "cleared";
}

Json relative(Seq number, std::optional<Seq> origin) {
    return origin ? Json(number.raw() - origin->raw()) : Json(nullptr);
}

Json rule_json(Rule rule) { return rule == Rule::none ? Json(nullptr) : Json(citation(rule)); }

void set_ends(Json& made, const SegmentSeen& seen) {
    const Datagram& datagram = seen.datagram;
    made["src"] = Endpoint{datagram.ip.source, datagram.segment.source}.text();
    made["dst"] = Endpoint{datagram.ip.destination, datagram.segment.destination}.text();
}

void set_numbers(Json& made, const SegmentSeen& seen) {
    const Segment& segment = seen.datagram.segment;
    const bool has_ack = segment.has(Flag::ack);
    made["flags"] = flags_text(segment.flags);
    made["seq"] = segment.seq.raw();
    made["ack"] = has_ack ? Json(segment.ack.raw()) : Json(nullptr);
    made["rel_seq"] = relative(segment.seq, seen.origin.seq);
    made["rel_ack"] = has_ack ? relative(segment.ack, seen.origin.ack) : Json(nullptr);
    made["len"] = segment.payload.size();
    made["win"] = segment.wnd;
    made["options"] = options_json(segment.options);
}

void set_unusual(Json& made, const SegmentSeen& seen) {
    if (!seen.fault.empty()) {
        made["fault"] = seen.fault;
    }
    if (seen.altered) {
        made["altered"] = true;
    }
    if (!seen.step.empty()) {
        made["step"] = seen.step;
    }
    if (seen.rule != Rule::none) {
        made["rule"] = citation(seen.rule);
    }
}

Json start(const Record& record, std::string_view event) {
    return Json{{"t", time_number(record.at)}, {"event", event}};
}

Json start_of_connection(const Record& record, std::string_view event) {
    Json made = start(record, event);
    // 0: it belongs to no connection, a stray segment to a listening port
    made["connection"] = record.connection == 0 ? Json(nullptr) : Json(record.connection);
    return made;
}

Json event(const Record& record, const SegmentSeen& seen) {
    Json made = start_of_connection(record, "segment");
    made["dir"] = text(seen.direction);
    set_ends(made, seen);
    set_numbers(made, seen);
    made["ttl"] = seen.datagram.ip.hop_limit;
    made["checksum"] = text(seen.datagram.checksum);
    made["state"] = text(seen.state);
    made["peer_state"] = text(seen.peer_state);
    made["kernel_timestamp"] = seen.kernel_timestamp;
    set_unusual(made, seen);
    return made;
}

Json event(const Record& record, const StateChanged& change) {
    Json made = start_of_connection(record, "state");
    made["who"] = change.who == Who::us ? "us" : "peer";
    made["from"] = text(change.from);
    made["to"] = text(change.to);
    made["cause"] = change.cause;
    made["rule"] = rule_json(change.rule);
    return made;
}

Json event(const Record& record, const TimerChanged& timer) {
    Json made = start_of_connection(record, "timer");
    made["timer"] = text(timer.timer);
    made["action"] = text(timer.change);
    made["at"] = timer.deadline == never ? Json(nullptr) : Json(time_number(timer.deadline));
    return made;
}

Json event(const Record& record, const FaultDone& fault) {
    Json made = start_of_connection(record, "fault");
    made["fault"] = fault.fault;
    made["dir"] = text(fault.direction);
    made["flags"] = flags_text(fault.flags);
    return made;
}

/// Its `segments` are filled in by the writer, which knows the indices.
Json event(const Record& record, const Judged& judged) {
    Json made = start_of_connection(record, "verdict");
    made["id"] = judged.id;
    made["verdict"] = text(judged.verdict);
    made["rule"] = judged.rule;
    made["text"] = judged.text;
    made["segments"] = Json::array();
    return made;
}

Json event(const Record& record, const Progressed& progress) {
    Json made = start(record, "progress");
    made["done"] = progress.done;
    made["total"] = progress.total;
    made["eta"] = progress.left ? Json(seconds(*progress.left)) : Json(nullptr);
    return made;
}

Json event(const Record& /*record*/, const Note& /*note*/) { return nullptr; }
Json event(const Record& /*record*/, const TcbShown& /*shown*/) { return nullptr; }
Json event(const Record& /*record*/, const Lifelines& /*ends*/) { return nullptr; }

/// Octets that are no UTF-8 must not cost us the whole object: they are replaced first. Outside of
/// strings JSON is ASCII, so that mending the text as a whole mends the strings in it.
std::string mended(std::string_view text) {
    const std::string quoted = json_string(text);
    return Json::parse(quoted).get<std::string>();
}

Json read_object(std::string_view text) {
    Json read = Json::parse(mended(text), nullptr, false);
    assert(read.is_object());
    return read.is_object() ? read : Json::object();
}

}  // namespace

std::optional<std::string> JsonEventWriter::write(const Record& record) {
    Json made = std::visit([&](const auto& what) { return event(record, what); }, record.what);
    last_ = record.at;
    if (const auto* ends = std::get_if<Lifelines>(&record.what)) {
        ends_[record.connection] = End{ends->scenario, ends->us};
    }
    if (made.is_null()) {
        return std::nullopt;
    }
    if (const auto end = ends_.find(record.connection); end != ends_.end()) {
        made["scenario"] = end->second.scenario;
        made["end"] = end->second.name;
    }
    if (const auto* seen = std::get_if<SegmentSeen>(&record.what)) {
        index_of_segment_[seen->number] = next_;
        if (index_of_segment_.size() > most_remembered) {
            index_of_segment_.erase(index_of_segment_.begin());
        }
    }
    if (const auto* judged = std::get_if<Judged>(&record.what)) {
        for (const std::size_t number : judged->segments) {
            if (const auto found = index_of_segment_.find(number);
                found != index_of_segment_.end()) {
                made["segments"].push_back(found->second);
            }
        }
    }
    ++next_;
    return dump(made);
}

std::string JsonEventWriter::told(Instant at, std::string_view name, std::string_view object) {
    last_ = at;
    return told(name, object);
}

std::string JsonEventWriter::told(std::string_view name, std::string_view object) {
    Json made{{"t", time_number(last_)}, {"event", name}};
    made.update(read_object(object));
    ++next_;
    return dump(made);
}

std::string clean_json_object(std::string_view object) { return dump(read_object(object)); }

std::string json_string(std::string_view text) { return dump(Json(text)); }

}  // namespace tcpcraft
