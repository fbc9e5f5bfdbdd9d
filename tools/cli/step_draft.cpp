#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <tools/cli/step_draft.hpp>

namespace tcpcraft::cli {

namespace {

// What an IP packet of the longest kind leaves for data, with room for all headers.
constexpr std::size_t most_data = 65'000;

bool carries_syn(const Proposal& proposal) { return proposal.datagram.segment.has(Flag::syn); }

/// The step in which our ISN is chosen: OPEN, or a SYN that finds us in LISTEN.
bool chooses_isn(const Proposal& proposal) {
    const bool fresh =
        proposal.before.state == State::closed || proposal.before.state == State::listen;
    return carries_syn(proposal) && fresh && proposal.may_redo && !proposal.retransmission;
}

Expected<std::vector<std::byte>> octets_of(const StepFile& file) {
    std::ifstream in{file.name, std::ios::binary};
    std::vector<char> read(most_data + 1);
    if (!in) {
        return failure(last_system_error(), "open " + file.name);
    }
    in.read(read.data(), static_cast<std::streamsize>(read.size()));
    if (in.bad()) {
        return failure({}, "read " + file.name + ": it is no file with data");
    }
    read.resize(static_cast<std::size_t>(in.gcount()));
    std::vector<std::byte> octets(read.size());
    std::ranges::transform(read, octets.begin(), [](char c) {
        return static_cast<std::byte>(static_cast<unsigned char>(c));
    });
    return octets;
}

/// The machine fills in the clock of a timestamps option itself.
bool same_but_for_clock(const Options& asked, Options got) {
    if (const auto stamp = asked.find<Timestamps>()) {
        (void)got.set_timestamps(*stamp);
    }
    return asked == got;
}

/// Sent in several segments, this is the beginning of it.
bool begins_with(std::span<const std::byte> all, std::span<const std::byte> part) {
    return !part.empty() && part.size() <= all.size() &&
           std::equal(part.begin(), part.end(), all.begin());
}

void name_field(std::string& list, std::string_view name) {
    list += (list.empty() ? "" : ", ") + std::string{name};
}

}  // namespace

Expected<void> StepDraft::take(const StepEdit& edit, const Proposal& proposal, SeqOrigin shown) {
    Expected<void> taken{};
    if (std::holds_alternative<StepNumber>(edit.value)) {
        taken = take_number(edit, proposal, shown);
    } else if (const auto* flags = std::get_if<StepFlags>(&edit.value)) {
        take_flags(*flags, proposal);
    } else if (const auto* options = std::get_if<Options>(&edit.value)) {
        take_options(edit, *options, proposal);
    } else if (std::holds_alternative<WrongChecksum>(edit.value)) {
        lies_.checksum.reset();
        lies_.bad_checksum = true;
    } else {
        taken = take_data(edit, proposal);
    }
    leave_out_what_is_so(proposal.datagram.segment);
    if (taken) {
        typed_ += (typed_.empty() ? "" : " ") + edit.typed;
    }
    return taken;
}

Expected<void> StepDraft::take_number(const StepEdit& edit, const Proposal& proposal,
                                      SeqOrigin shown) {
    const StepNumber& number = std::get<StepNumber>(edit.value);
    const bool by = number.kind == StepNumber::Kind::by;
    const Datagram now = this->shown(proposal.datagram);
    const auto plain = [&](std::uint32_t present) { return (by ? present : 0U) + number.value; };
    const auto sequence = [&](Seq present, std::optional<Seq> origin) {
        const bool counted = number.kind == StepNumber::Kind::shown;
        return by ? present + number.value
                  : Seq{number.value} + (counted && origin ? origin->raw() : 0U);
    };
    switch (edit.field) {
        case StepField::isn:
            if (!carries_syn(proposal)) {
                return failure({}, "our ISN leaves with a SYN only; seq=N lays a number over this");
            }
            take_sequence(edit, Seq{plain(now.segment.seq.raw())}, proposal);
            break;
        case StepField::seq:
            take_sequence(edit, sequence(now.segment.seq, shown.seq), proposal);
            break;
        case StepField::ack:
            laid_.ack = sequence(now.segment.ack, shown.ack);
            break;
        case StepField::window:
            take_window(edit, static_cast<std::uint16_t>(plain(now.segment.wnd)), proposal);
            break;
        case StepField::urgent:
            laid_.up = static_cast<std::uint16_t>(plain(now.segment.up));
            break;
        case StepField::ttl:
            hop_limit_ = static_cast<std::uint8_t>(plain(now.ip.hop_limit));
            break;
        default:
            if (by) {
                return failure({}, "a checksum is set as a whole: checksum=0x1234, or badsum");
            }
            lies_.bad_checksum = false;
            lies_.checksum = static_cast<std::uint16_t>(number.value);
            break;
    }
    return {};
}

// A number added to SEQ is a lie wherever it is told; only a number of its own can be our ISN.
void StepDraft::take_sequence(const StepEdit& edit, Seq value, const Proposal& proposal) {
    const bool added = std::get<StepNumber>(edit.value).kind == StepNumber::Kind::by;
    const bool choice = edit.field == StepField::isn || !added;
    if (choice && !edit.laid_over && chooses_isn(proposal)) {
        laid_.seq.reset();
        honest_.iss = value;
        must_redo_ = true;
    } else {
        laid_.seq = value;
    }
}

void StepDraft::take_window(const StepEdit& edit, std::uint16_t value, const Proposal& proposal) {
    if (proposal.may_redo && !edit.laid_over && !proposal.datagram.segment.has(Flag::rst)) {
        laid_.wnd.reset();
        honest_.wnd = value;
        must_redo_ = true;
    } else {
        laid_.wnd = value;
    }
}

void StepDraft::take_options(const StepEdit& edit, const Options& value, const Proposal& proposal) {
    if (carries_syn(proposal) && proposal.may_redo && !edit.laid_over) {
        laid_.options.reset();
        honest_.syn_options = value;
        must_redo_ = true;
    } else {
        laid_.options = value;
    }
}

void StepDraft::take_flags(const StepFlags& value, const Proposal& proposal) {
    const auto present = laid_.flags.value_or(proposal.datagram.segment.flags).bits();
    const unsigned bits = value.flags.bits();
    switch (value.kind) {
        case StepFlags::Kind::all:
            laid_.flags = value.flags;
            break;
        case StepFlags::Kind::with:
            laid_.flags = Flags::from_bits(static_cast<std::uint16_t>(present | bits));
            break;
        case StepFlags::Kind::without:
            laid_.flags = Flags::from_bits(static_cast<std::uint16_t>(present & ~bits));
            break;
    }
}

Expected<void> StepDraft::take_data(const StepEdit& edit, const Proposal& proposal) {
    std::vector<std::byte> octets;
    if (const auto* file = std::get_if<StepFile>(&edit.value)) {
        auto read = octets_of(*file);
        if (!read) {
            return Unexpected<Error>{read.error()};
        }
        octets = *std::move(read);
    } else {
        octets = std::get<std::vector<std::byte>>(edit.value);
    }
    if (octets.size() > most_data) {
        return failure({}, fmt::format("no more than {} octets fit in a segment", most_data));
    }
    const bool first_time = proposal.may_redo && !proposal.retransmission;
    const bool sends = !proposal.datagram.segment.payload.empty() || chooses_isn(proposal);
    if (first_time && sends && !octets.empty() && !edit.laid_over) {
        laid_.payload.reset();
        honest_.data = std::move(octets);
        must_redo_ = true;
    } else {
        laid_.payload = std::move(octets);
    }
    return {};
}

// What says the same as the proposal alters nothing.
void StepDraft::leave_out_what_is_so(const Segment& proposed) {
    const auto same = [](auto& laid, const auto& honest) {
        if (laid && *laid == honest) {
            laid.reset();
        }
    };
    same(laid_.flags, proposed.flags);
    same(laid_.seq, proposed.seq);
    same(laid_.ack, proposed.ack);
    same(laid_.wnd, proposed.wnd);
    same(laid_.up, proposed.up);
    same(laid_.options, proposed.options);
    if (laid_.payload && std::ranges::equal(*laid_.payload, proposed.payload)) {
        laid_.payload.reset();
    }
}

std::string StepDraft::settle(const Proposal& proposal) {
    const Segment& got = proposal.datagram.segment;
    std::string refused;
    must_redo_ = false;
    if (honest_.iss && got.seq != *honest_.iss) {
        laid_.seq = std::exchange(honest_.iss, std::nullopt);
        name_field(refused, "seq");
    }
    if (honest_.wnd && got.wnd != *honest_.wnd) {
        laid_.wnd = std::exchange(honest_.wnd, std::nullopt);
        name_field(refused, "win");
    }
    if (honest_.syn_options && !same_but_for_clock(*honest_.syn_options, got.options)) {
        laid_.options = std::exchange(honest_.syn_options, std::nullopt);
        name_field(refused, "options");
    }
    if (honest_.data && !begins_with(*honest_.data, got.payload)) {
        laid_.payload = std::exchange(honest_.data, std::nullopt);
        name_field(refused, "data");
    }
    return refused;
}

Datagram StepDraft::shown(const Datagram& proposed) const {
    Datagram made = proposed;
    made.segment = laid_.laid_over(proposed.segment);
    made.lies = lies_;
    made.ip.hop_limit = hop_limit_.value_or(proposed.ip.hop_limit);
    return made;
}

bool StepDraft::altered() const noexcept { return !laid_.empty() || lies_.any() || hop_limit_; }

Decision StepDraft::decision(Decision::Fate fate) const {
    Decision made;
    made.fate = fate;
    made.altered = laid_;
    made.lies = lies_;
    made.hop_limit = hop_limit_;
    made.edit = honest_;
    made.note = typed_.empty() ? std::string{} : "edited: " + typed_;
    return made;
}

}  // namespace tcpcraft::cli
