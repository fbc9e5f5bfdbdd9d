// draft-ietf-opsawg-pcapng §3, §4: blocks, options, byte order.

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <tests/unit/trace/story.hpp>
#include <unistd.h>

#include <libtcpcraft/trace/pcap_sink.hpp>

namespace tcpcraft::test {
namespace {

using std::chrono::system_clock;

struct Block {
    std::uint32_t type{};
    std::vector<char> body{};

    template <typename Number>
    [[nodiscard]] Number number(std::size_t at) const {
        Number read{};
        std::memcpy(&read, body.data() + at, sizeof read);
        return read;
    }
    /// The value of an option; the list starts at `at`.
    [[nodiscard]] std::string option(std::size_t at, std::uint16_t code) const {
        while (at + 4 <= body.size()) {
            const auto size = number<std::uint16_t>(at + 2);
            if (number<std::uint16_t>(at) == code) {
                return {body.data() + at + 4, size};
            }
            at += 4 + ((size + 3U) & ~3U);
        }
        return "(none)";
    }
};

/// Fails the test when lengths in front and behind differ or something is left over.
std::vector<Block> blocks(const std::vector<char>& file) {
    std::vector<Block> made;
    std::size_t at = 0;
    while (at + 12 <= file.size()) {
        std::uint32_t type = 0;
        std::uint32_t front = 0;
        std::uint32_t behind = 0;
        std::memcpy(&type, file.data() + at, 4);
        std::memcpy(&front, file.data() + at + 4, 4);
        if (front % 4 != 0 || front < 12 || at + front > file.size()) {
            ADD_FAILURE() << "block of " << front << " octets at " << at;
            return made;
        }
        std::memcpy(&behind, file.data() + at + front - 4, 4);
        EXPECT_EQ(front, behind);
        const auto body = file.begin() + static_cast<std::ptrdiff_t>(at);
        made.push_back({type, {body + 8, body + static_cast<std::ptrdiff_t>(front) - 4}});
        at += front;
    }
    EXPECT_EQ(at, file.size());
    return made;
}

class PcapSinkTest : public testing::Test {
protected:
    PcapSinkTest() {
        std::string name = (std::filesystem::temp_directory_path() / "pcap-XXXXXX").string();
        ::close(mkstemp(name.data()));
        path_ = name;
    }
    ~PcapSinkTest() override { std::filesystem::remove(path_); }

    std::vector<Block> written(const Story& story, system_clock::time_point zero = {}) {
        {
            const auto sink = PcapSink::open(path_, zero);
            EXPECT_TRUE(sink) << sink.error().message();
            story.tell(**sink);
            EXPECT_FALSE((*sink)->error());
        }
        return read();
    }
    std::vector<Block> read() {
        std::ifstream in{path_, std::ios::binary};
        return blocks({std::istreambuf_iterator<char>{in}, {}});
    }
    std::string path_{};
};

TEST_F(PcapSinkTest, section_interface_and_a_block_for_each_segment) {
    const auto seen = written(normal_handshake());
    ASSERT_EQ(seen.size(), 5U);
    EXPECT_EQ(seen[0].type, 0x0a0d0d0aU);
    EXPECT_EQ(seen[0].number<std::uint32_t>(0), 0x1a2b3c4dU);
    EXPECT_EQ(seen[0].option(16, 4), "tcpcraft");
    EXPECT_EQ(seen[1].type, 1U);
    EXPECT_EQ(seen[1].number<std::uint16_t>(0), 101) << "LINKTYPE_RAW";
    EXPECT_EQ(seen[1].option(8, 9), std::string(1, '\x06')) << "microseconds";
    EXPECT_EQ(seen[4].type, 6U);
}

TEST_F(PcapSinkTest, packet_with_time_octets_comment_and_direction) {
    const Story story = normal_handshake();
    const auto zero = system_clock::time_point{std::chrono::seconds{1'700'000'000}};
    const auto seen = written(story, zero);
    ASSERT_EQ(seen.size(), 5U);
    const Block& packet = seen[3];
    const std::uint64_t time =
        std::uint64_t{packet.number<std::uint32_t>(4)} << 32U | packet.number<std::uint32_t>(8);
    EXPECT_EQ(time, 1'700'000'000'000'213U);
    ASSERT_EQ(packet.number<std::uint32_t>(12), 60U);
    ASSERT_EQ(packet.number<std::uint32_t>(16), 60U);
    const Record* syn_ack = nullptr;
    for (const Record& record : story.records()) {
        const auto* segment = std::get_if<SegmentSeen>(&record.what);
        syn_ack = segment != nullptr && segment->number == 1 ? &record : syn_ack;
    }
    const auto octets = std::get<SegmentSeen>(syn_ack->what).octets;
    EXPECT_EQ(std::memcmp(packet.body.data() + 20, octets.data(), 60), 0);
    EXPECT_EQ(packet.option(80, 1), "state: ESTABLISHED, peer ~SYN-RECEIVED (inferred); rule: " +
                                        std::string{citation(Rule::syn_sent_establishes)} +
                                        "; checksum offloaded: not yet computed when captured");
    EXPECT_EQ(packet.option(80, 2), std::string("\x01\0\0\0", 4)) << "inbound";
    EXPECT_EQ(seen[2].option(80, 2), std::string("\x02\0\0\0", 4)) << "outbound";
}

TEST_F(PcapSinkTest, a_dropped_segment_says_that_it_never_left) {
    const auto seen = written(lost_syn());
    ASSERT_GE(seen.size(), 3U);
    EXPECT_NE(seen[2].option(80, 1).find("fault: drop; never left this host"), std::string::npos)
        << seen[2].option(80, 1);
}

TEST_F(PcapSinkTest, is_readable_after_each_packet) {
    const auto sink = PcapSink::open(path_, {});
    ASSERT_TRUE(sink);
    EXPECT_EQ(read().size(), 2U);
    std::size_t packets = 0;
    const Story story = normal_handshake();
    for (const Record& record : story.records()) {
        (*sink)->write(record);
        packets += std::holds_alternative<SegmentSeen>(record.what) ? 1U : 0U;
        EXPECT_EQ(read().size(), 2 + packets);
    }
}

TEST_F(PcapSinkTest, a_file_that_cannot_be_written_is_an_error_at_once) {
    const auto sink = PcapSink::open("/nonexistent/folder/x.pcapng", {});
    ASSERT_FALSE(sink);
    EXPECT_NE(sink.error().message().find("/nonexistent/folder/x.pcapng"), std::string::npos);
}

TEST_F(PcapSinkTest, a_full_disk_is_an_error) {
    const auto sink = PcapSink::open("/dev/full", {});
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().code, std::errc::no_space_on_device);
}

}  // namespace
}  // namespace tcpcraft::test
