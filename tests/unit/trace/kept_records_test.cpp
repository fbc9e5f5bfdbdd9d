#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <libtcpcraft/trace/kept_records.hpp>

namespace tcpcraft {
namespace {

std::vector<std::byte> octets(std::string_view text) {
    std::vector<std::byte> made;
    for (const char c : text) {
        made.push_back(static_cast<std::byte>(c));
    }
    return made;
}

std::string read(std::span<const std::byte> octets) {
    std::string made;
    for (const std::byte b : octets) {
        made.push_back(static_cast<char>(b));
    }
    return made;
}

/// Reads the views while they are given, as sinks do.
struct Reader : TraceSink {
    void write(const Record& record) override {
        if (const auto* note = std::get_if<Note>(&record.what)) {
            seen.push_back(note->text);
        } else if (const auto* segment = std::get_if<SegmentSeen>(&record.what)) {
            seen.push_back(read(segment->octets) + "/" + read(segment->datagram.segment.payload) +
                           "/" + read(segment->datagram.ip.extension));
        }
    }
    std::vector<std::string> seen{};
};

Record segment(std::span<const std::byte> packet) {
    SegmentSeen seen;
    seen.octets = packet;
    seen.datagram.segment.payload = packet.subspan(2);
    seen.datagram.ip.extension = packet.first(1);
    return Record{.what = seen};
}

TEST(KeptRecords, keep_octets_that_have_gone_and_their_order) {
    KeptRecords kept;
    for (std::size_t i = 0; i < 40; ++i) {  // more than the list's first room
        const auto packet = octets("p" + std::to_string(i % 10) + "xyz");
        kept.keep(segment(packet));
        kept.keep(Record{.what = Note{"note"}});
    }
    Reader reader;
    kept.give(reader);
    ASSERT_EQ(reader.seen.size(), 80U);
    for (std::size_t i = 0; i < 40; ++i) {
        EXPECT_EQ(reader.seen[2 * i], "p" + std::to_string(i % 10) + "xyz/xyz/p");
        EXPECT_EQ(reader.seen[2 * i + 1], "note");
    }
}

TEST(KeptRecords, are_given_once) {
    KeptRecords kept;
    kept.keep(Record{.what = Note{"first"}});
    EXPECT_EQ(kept.all().size(), 1U);
    Reader reader;
    kept.give(reader);
    kept.give(reader);
    EXPECT_TRUE(kept.all().empty());
    EXPECT_EQ(reader.seen, std::vector<std::string>{"first"});
}

TEST(KeptRecords, what_a_sink_adds_meanwhile_comes_next_time) {
    struct Adding final : Reader {
        explicit Adding(KeptRecords& to) : kept{to} {}
        void write(const Record& record) override {
            Reader::write(record);
            kept.keep(Record{.what = Note{"added"}});
        }
        KeptRecords& kept;
    };
    KeptRecords kept;
    kept.keep(Record{.what = Note{"first"}});
    Adding adding{kept};
    kept.give(adding);
    EXPECT_EQ(adding.seen, std::vector<std::string>{"first"});
    kept.give(adding);
    EXPECT_EQ(adding.seen.back(), "added");
}

}  // namespace
}  // namespace tcpcraft
