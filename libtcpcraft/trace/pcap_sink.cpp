#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libtcpcraft/trace/pcap_block.hpp>
#include <libtcpcraft/trace/pcap_sink.hpp>
#include <libtcpcraft/trace/wording.hpp>

namespace tcpcraft {

namespace {

// draft-ietf-opsawg-pcapng §4
constexpr std::uint32_t section_header = 0x0a0d0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint16_t link_type_raw = 101;
constexpr std::uint16_t option_comment = 1;
constexpr std::uint16_t option_application = 4;
constexpr std::uint16_t option_name = 2;
constexpr std::uint16_t option_resolution = 9;
constexpr std::uint16_t option_flags = 2;

/// Writes all or says why not.
int write_all(int descriptor, std::span<const std::byte> octets) {
    while (!octets.empty()) {
        const ssize_t done = ::write(descriptor, octets.data(), octets.size());
        if (done >= 0) {
            octets = octets.subspan(static_cast<std::size_t>(done));
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

std::string comment(const SegmentSeen& seen, bool peer_known) {
    std::string made = seen.step.empty() ? "" : "step: " + seen.step + "; ";
    made += fmt::format("state: {}, peer {}{}{}", text(seen.state), peer_known ? "" : "~",
                        text(seen.peer_state), peer_known ? "" : " (inferred)");
    if (seen.rule != Rule::none) {
        made += fmt::format("; rule: {}", citation(seen.rule));
    }
    for (const Remark& remark : remarks(seen, false)) {
        made += "; " + remark.text;
    }
    if (lost(seen) && seen.direction == Direction::out) {
        made += "; never left this host";
    }
    if (seen.direction == Direction::in && seen.datagram.checksum == Checksum::offloaded) {
        made += "; checksum offloaded: not yet computed when captured";
    }
    return presentable(made, true);
}

}  // namespace

Expected<std::unique_ptr<PcapSink>> PcapSink::open(const std::string& path,
                                                   std::chrono::system_clock::time_point zero,
                                                   std::vector<std::string> interfaces) {
    const int descriptor =
        path == "-" ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                    : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        return failure(last_system_error(), "cannot write the capture to " + path);
    }
    auto sink = std::make_unique<PcapSink>(descriptor, zero, std::move(interfaces));
    if (sink->error()) {
        Error error = *sink->error();
        error.attempt += " " + path;
        return Unexpected<Error>{std::move(error)};
    }
    return sink;
}

PcapSink::PcapSink(int descriptor, std::chrono::system_clock::time_point zero,
                   std::vector<std::string> interfaces)
    : descriptor_{descriptor},
      zero_{std::chrono::duration_cast<std::chrono::microseconds>(zero.time_since_epoch())},
      interfaces_{std::move(interfaces)} {
    write_start();
}

PcapSink::~PcapSink() { ::close(descriptor_); }

void PcapSink::write_start() {
    PcapBlock section{section_header};
    section.number(byte_order_magic).number(std::uint16_t{1}).number(std::uint16_t{0});
    section.number(std::int64_t{-1});  // the section's length is not known
    section.option(option_application, "tcpcraft");
    put(section.finished());
    if (interfaces_.empty()) {
        write_interface("");
    }
    for (const std::string& name : interfaces_) {
        write_interface(name);
    }
}

void PcapSink::write_interface(const std::string& name) {
    PcapBlock interface { interface_description };
    interface.number(link_type_raw).number(std::uint16_t{0}).number(std::uint32_t{0});
    if (!name.empty()) {
        interface.option(option_name, name);
    }
    constexpr std::array microseconds{std::byte{6}};
    interface.option(option_resolution, microseconds);
    put(interface.finished());
}

void PcapSink::write(const Record& record) {
    if (const auto* ends = std::get_if<Lifelines>(&record.what)) {
        const auto found = std::ranges::find(interfaces_, ends->us);
        const auto at = found == interfaces_.end() ? 0 : found - interfaces_.begin();
        known_[record.connection] = {ends->scenario, static_cast<std::uint32_t>(at)};
    }
    const auto* seen = std::get_if<SegmentSeen>(&record.what);
    if (seen == nullptr) {
        return;
    }
    std::vector<std::byte> made;
    std::span<const std::byte> octets = seen->octets;
    if (octets.empty()) {
        made = serialize(seen->datagram);
        octets = made;
    }
    const auto at = static_cast<std::uint64_t>((zero_ + record.at.time_since_epoch()).count());
    PcapBlock packet{enhanced_packet};
    const auto end = known_.find(record.connection);
    const bool known = end != known_.end();
    packet.number(known ? end->second.interface : 0U);
    packet.number(static_cast<std::uint32_t>(at >> 32U)).number(static_cast<std::uint32_t>(at));
    packet.number(static_cast<std::uint32_t>(octets.size()));
    packet.number(static_cast<std::uint32_t>(octets.size())).data(octets);
    const std::string told = comment(*seen, known);
    packet.option(option_comment, known && !end->second.scenario.empty()
                                      ? end->second.scenario + "; " + told
                                      : told);
    const std::uint32_t direction = seen->direction == Direction::in ? 1 : 2;
    packet.option(option_flags, std::as_bytes(std::span{&direction, 1}));
    put(packet.finished());
}

void PcapSink::put(std::span<const std::byte> block) {
    if (error_) {
        return;
    }
    const int failed = write_all(descriptor_, block);
    if (failed == 0) {
        written_ += block.size();
        return;
    }
    error_ = Error{{failed, std::system_category()}, "cannot write the capture"};
    // A full disk may have taken half of the block: a reader would stumble over it.
    struct stat kind {};
    if (fstat(descriptor_, &kind) == 0 && S_ISREG(kind.st_mode)) {
        [[maybe_unused]] const int cut = ftruncate(descriptor_, static_cast<off_t>(written_));
    }
}

}  // namespace tcpcraft
