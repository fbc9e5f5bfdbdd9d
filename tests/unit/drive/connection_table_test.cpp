#include <map>
#include <random>

#include <gtest/gtest.h>
#include <tests/support/allocation_count.hpp>
#include <tests/support/simulated_run.hpp>

#include <libtcpcraft/drive/connection_table.hpp>

namespace tcpcraft {
namespace {

using test::test_address;
using Table = ConnectionTable<std::uint64_t>;

constexpr HashKey some_key{1, 2};

ConnectionId numbered(std::size_t number, Family family) {
    const auto last = static_cast<std::byte>(2 + (number >> 16U));
    return {{test_address(family, std::byte{1}), Port{80}},
            {test_address(family, last), Port{static_cast<std::uint16_t>(number)}}};
}

TEST(ConnectionTable, FindsWhatWasInserted) {
    for (const Family family : {Family::v4, Family::v6}) {
        Table table{some_key};
        EXPECT_EQ(table.find(numbered(1, family)), Table::none);
        const std::uint32_t one = table.insert(numbered(1, family));
        const std::uint32_t two = table.insert(numbered(2, family));
        table[two] = 22;
        EXPECT_NE(one, two);
        EXPECT_EQ(table.find(numbered(1, family)), one);
        EXPECT_EQ(table.find(numbered(2, family)), two);
        EXPECT_EQ(table.find(numbered(3, family)), Table::none);
        EXPECT_EQ(table.id(two), numbered(2, family));
        EXPECT_EQ(table[table.find(numbered(2, family))], 22U);
        table.erase(two);
        EXPECT_EQ(table.find(numbered(2, family)), Table::none);
        EXPECT_FALSE(table.holds(two));
        EXPECT_EQ(table.insert(numbered(4, family)), two) << "its place is used again";
        EXPECT_EQ(table[two], 0U) << "as new";
    }
}

TEST(ConnectionTable, TellsTheFamiliesApart) {
    Table table{some_key};
    const std::array<std::byte, 16> mapped{std::byte{192}, std::byte{0}, std::byte{2},
                                           std::byte{2}};
    ConnectionId six = numbered(1, Family::v6);
    six.remote.address = Address::v6(mapped);
    const std::uint32_t four = table.insert(numbered(1, Family::v4));
    EXPECT_EQ(table.find(six), Table::none);
    EXPECT_NE(table.insert(six), four);
    EXPECT_EQ(table.id(table.find(six)), six);
}

TEST(ConnectionTable, KeepsZonesAndFindsWithoutThem) {
    const auto link_local = Address::read("fe80::2%7").value();
    ConnectionId id = numbered(1, Family::v6);
    id.remote.address = link_local;
    Table table{some_key};
    const std::uint32_t index = table.insert(id);
    id.remote.address = link_local.with_zone(0);
    EXPECT_EQ(table.find(id), index);
    EXPECT_EQ(table.id(index).remote.address.zone(), 7U);
}

// Inserting, erasing and finding by the hundred thousand, both families mixed.
TEST(ConnectionTable, AgreesWithAMap) {
    const std::uint64_t seed = 20261123;
    std::mt19937_64 dice{seed};
    Table table{{dice(), dice()}};
    std::map<ConnectionId, std::uint64_t> model;
    for (std::uint64_t step = 0; step < 60'000; ++step) {
        const ConnectionId id = numbered(dice() % 3000, dice() % 2 == 0 ? Family::v4 : Family::v6);
        const std::uint32_t index = table.find(id);
        const auto found = model.find(id);
        ASSERT_EQ(index == Table::none, found == model.end()) << "seed " << seed;
        // More come at first, more go later.
        const bool grows = dice() % 100 < (step < 30'000 ? 70U : 30U);
        if (index == Table::none && grows) {
            table[table.insert(id)] = step;
            model[id] = step;
        } else if (index != Table::none) {
            ASSERT_EQ(table[index], found->second) << "seed " << seed;
            ASSERT_EQ(table.id(index), id) << "seed " << seed;
            if (!grows) {
                table.erase(index);
                model.erase(found);
            }
        }
        ASSERT_EQ(table.size(), model.size());
    }
    std::size_t held = 0;
    for (std::uint32_t index = 0; index < table.end(); ++index) {
        held += table.holds(index) ? 1U : 0U;
    }
    EXPECT_EQ(held, model.size());
}

TEST(ConnectionTable, AllocatesOnlyToGrow) {
    Table table{some_key};
    for (const Family family : {Family::v4, Family::v6}) {
        for (std::size_t i = 0; i < 5000; ++i) {
            (void)table.insert(numbered(i, family));
        }
        const std::size_t before = test::allocation_count();
        for (std::size_t i = 0; i < 5000; ++i) {
            table.erase(table.find(numbered(i, family)));
            (void)table.insert(numbered(10'000 + i, family));
        }
        EXPECT_EQ(test::allocation_count(), before);
    }
}

// RFC 6056 §3.1, the other way round: who knows the hash could make every look-up a long one.
TEST(ConnectionTable, HashesByItsKey) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < 1000; ++i) {
        const ConnectionId id = numbered(i, Family::v4);
        equal += keyed_hash(id, {1, 2}) % 64 == keyed_hash(id, {1, 3}) % 64 ? 1U : 0U;
    }
    EXPECT_LT(equal, 100U) << "about a 64th, by chance";
}

static_assert(sizeof(ConnectionKey) == 16);
static_assert(sizeof(Table::Slot) == 24);
static_assert(sizeof(ConnectionKeys::Pair) == 40);

}  // namespace
}  // namespace tcpcraft
