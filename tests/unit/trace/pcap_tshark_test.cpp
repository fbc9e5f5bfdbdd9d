// What we write is read by a program that is not ours, and it sees what we meant.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <tests/support/segment_generator.hpp>

#include <libtcpcraft/trace/pcap_sink.hpp>

namespace tcpcraft::test {
namespace {

using Json = nlohmann::json;

constexpr std::size_t segments = 1000;

std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"), pclose};
    std::string text;
    std::array<char, 65536> chunk{};
    while (pipe != nullptr) {
        const std::size_t read = fread(chunk.data(), 1, chunk.size(), pipe.get());
        if (read == 0) {
            break;
        }
        text.append(chunk.data(), read);
    }
    return text;
}

std::string hex(std::span<const std::byte> octets) {
    std::string made;
    for (const std::byte octet : octets) {
        made += fmt::format("{:02x}", std::to_integer<unsigned>(octet));
    }
    return made;
}

std::vector<std::string> fields(const Json& packet, const char* name) {
    const Json& layers = packet["_source"]["layers"];
    return layers.contains(name) ? layers[name].get<std::vector<std::string>>()
                                 : std::vector<std::string>{};
}

/// The first value of a field, empty where it is absent.
std::string field(const Json& packet, const char* name) {
    const std::vector<std::string> values = fields(packet, name);
    return values.empty() ? "" : values.front();
}

Record seen_record(const GeneratedDatagram& made, std::size_t number) {
    SegmentSeen seen{.number = number,
                     .direction = number % 2 == 0 ? Direction::out : Direction::in,
                     .datagram = made.datagram,
                     .state = static_cast<State>(number % state_count),
                     .peer_state = State::time_wait,
                     .step = fmt::format("step {}", number)};
    Record record{.at = Instant{Duration{static_cast<std::int64_t>(number)}}};
    record.what = std::move(seen);
    return record;
}

/// What tshark warns of. That a RST resets, or that a SACK block lies below the acknowledgment, is
/// its remark about a segment that was meant that way, not about the file.
std::vector<std::string> warnings(const Json& packet) {
    constexpr unsigned long warning = 0x600000;  // below it: comments, chats, notes
    const auto severities = fields(packet, "_ws.expert.severity");
    const auto messages = fields(packet, "_ws.expert.message");
    std::vector<std::string> made;
    for (std::size_t i = 0; i < severities.size(); ++i) {
        const std::string message = i < messages.size() ? messages[i] : "without a message";
        if (std::stoul(severities[i]) >= warning && message != "Connection reset (RST)" &&
            message != "D-SACK Sequence") {
            made.push_back(message);
        }
    }
    return made;
}

void compare(const Json& packet, const Datagram& meant, std::size_t number) {
    const Segment& segment = meant.segment;
    EXPECT_EQ(field(packet, "tcp.flags"), fmt::format("0x{:04x}", segment.flags.bits()));
    EXPECT_EQ(field(packet, "tcp.seq_raw"), fmt::format("{}", segment.seq.raw()));
    EXPECT_EQ(field(packet, "tcp.ack_raw"), fmt::format("{}", segment.ack.raw()));
    EXPECT_EQ(field(packet, "tcp.len"), fmt::format("{}", segment.payload.size()));
    EXPECT_EQ(field(packet, "tcp.window_size_value"), fmt::format("{}", segment.wnd));
    EXPECT_EQ(field(packet, "tcp.srcport"), fmt::format("{}", segment.source.value));
    EXPECT_EQ(field(packet, "tcp.checksum.status"), "1") << "not good";
    std::string options = hex(segment.options.octets());
    options.resize(segment.options.padded_size() * 2, '0');
    EXPECT_EQ(field(packet, "tcp.options"), options);
    EXPECT_EQ(field(packet, "frame.comment"),
              fmt::format("step: step {}; state: {}, peer ~TIME-WAIT (inferred)", number,
                          text(static_cast<State>(number % state_count))));
    EXPECT_EQ(field(packet, "_ws.malformed"), "");
    EXPECT_EQ(warnings(packet), std::vector<std::string>{});
}

class PcapReadByTshark : public testing::Test {
protected:
    PcapReadByTshark() {
        std::string name = (std::filesystem::temp_directory_path() / "tshark-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    ~PcapReadByTshark() override { std::filesystem::remove_all(folder_); }

    /// Relative numbers and the analysis of a connection make no sense of segments by the dice;
    /// payloads by the dice are nobody's protocol.
    [[nodiscard]] std::string command() const {
        std::string made = "tshark -n -r " + (folder_ / "x.pcapng").string() + " -T json";
        for (const char* option : {"tcp.relative_sequence_numbers:FALSE", "tcp.check_checksum:TRUE",
                                   "tcp.analyze_sequence_numbers:FALSE"}) {
            made += std::string{" -o "} + option;
        }
        for (const char* name :
             {"tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.window_size_value",
              "tcp.srcport", "tcp.checksum.status", "tcp.options", "frame.comment", "_ws.malformed",
              "_ws.expert.severity", "_ws.expert.message"}) {
            made += std::string{" -e "} + name;
        }
        return made + " 2>" + (folder_ / "stderr").string();
    }
    std::filesystem::path folder_{};
};

TEST_F(PcapReadByTshark, thousand_segments_are_read_as_they_were_meant) {
    if (output_of("command -v tshark").empty()) {
        GTEST_SKIP() << "tshark is not installed: apt-get install tshark";
    }
    SegmentGenerator dice{9293};
    std::vector<GeneratedDatagram> made;
    {
        const auto sink = PcapSink::open((folder_ / "x.pcapng").string(), {});
        ASSERT_TRUE(sink) << sink.error().message();
        for (std::size_t i = 0; i < segments; ++i) {
            made.push_back(dice.well_formed(i % 3 == 0 ? Family::v6 : Family::v4));
            (*sink)->write(seen_record(made.back(), i));
        }
    }
    const Json packets = Json::parse(output_of(command()), nullptr, false);
    std::ifstream complaints{folder_ / "stderr"};
    for (std::string line; std::getline(complaints, line);) {
        EXPECT_TRUE(line.empty() || line.find("Running as user \"root\"") == 0) << line;
    }
    ASSERT_TRUE(packets.is_array());
    ASSERT_EQ(packets.size(), segments);
    for (std::size_t i = 0; i < segments; ++i) {
        SCOPED_TRACE(i);
        compare(packets[i], made[i].datagram, i);
    }
}

}  // namespace
}  // namespace tcpcraft::test
