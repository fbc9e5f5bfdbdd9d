#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <tools/cli/step_script.hpp>

namespace tcpcraft::cli {

namespace {

constexpr std::uint8_t usual_hop_limit = 64;

std::string excerpt(std::span<const std::byte> payload) {
    static constexpr std::size_t most = 60;
    std::string shown;
    for (const std::byte octet : payload.first(std::min(payload.size(), most))) {
        const auto c = std::to_integer<unsigned char>(octet);
        const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
        shown += plain ? std::string(1, static_cast<char>(c)) : fmt::format("\\x{:02x}", c);
    }
    return '"' + shown + '"' + (payload.size() > most ? "..." : "");
}

std::string remark_on(const StepScript::Line& line) {
    std::string remark = line.remark;
    const auto also = [&remark](const std::string& text) {
        remark += (remark.empty() ? "" : "; ") + text;
    };
    if (!line.datagram.segment.payload.empty()) {
        also("data " + excerpt(line.datagram.segment.payload));
    }
    if (line.datagram.lies.any()) {
        also("with a checksum of its own, which the notation cannot say");
    }
    return remark;
}

// What a person took is no part of what was done, and a peer is as quick as it is.
std::string pause(Duration since) {
    return since < std::chrono::milliseconds{1} ? "+0" : fmt::format("+{:.3f}", seconds(since));
}

}  // namespace

void StepScript::add(std::string_view sign, const Line& line, bool comment) {
    if (entries_.size() >= most_lines) {
        return;
    }
    const std::uint8_t hops = line.datagram.ip.hop_limit;
    const bool ours = sign == "<";
    const std::string ttl =
        ours && hops != usual_hop_limit ? fmt::format("(ttl {}) ", hops) : std::string{};
    const std::string remark = remark_on(line);
    std::string text =
        fmt::format("{} {}{}", sign, ttl, segment_text(line.datagram.segment, line.origin));
    if (line.connection > 1) {
        text = fmt::format("connection {}: {}", line.connection, text);
    }
    if (!remark.empty()) {
        text += "  // " + remark;
    }
    entries_.push_back({line.at, comment || line.connection > 1, !ours, std::move(text)});
}

std::string StepScript::text() const {
    std::vector<Entry> ordered = entries_;
    std::ranges::stable_sort(ordered, {}, &Entry::at);
    std::string script =
        "// What was done at the prompt of --step: < we sent, > came. Notation: packetdrill.\n";
    std::optional<Instant> last;
    for (const Entry& entry : ordered) {
        if (entry.comment) {
            script += "//         " + entry.text + '\n';
            continue;
        }
        const Duration since = last ? entry.at - *last : Duration{};
        script += fmt::format("{:<10} {}\n", entry.came ? "*" : pause(since), entry.text);
        last = entry.at;
    }
    if (entries_.size() >= most_lines) {
        script += "// and more, which was not kept\n";
    }
    return script;
}

Expected<void> StepScript::save(const std::string& file) const {
    std::ofstream out{file, std::ios::trunc};
    out << text();
    out.flush();
    if (!out) {
        return failure(last_system_error(), "write " + file);
    }
    return {};
}

}  // namespace tcpcraft::cli
