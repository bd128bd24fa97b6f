#include "protocol/postgres/boundary_tracker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/postgres/messages.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr auto npos = BoundaryTracker::npos;

// A tracker, and what it has reported so far.
struct Watched {
    bool feed(std::string_view bytes) {
        return tracker.advance(
            bytes, [this](const Header& header) { messages.emplace_back(header.type, header.body_length); },
            [this](char status) { statuses += status; });
    }

    BoundaryTracker tracker;
    std::vector<std::pair<char, std::uint32_t>> messages;
    std::string statuses;
};

// DataRow, CommandComplete, ReadyForQuery (in a transaction), and one without a body.
constexpr auto stream =
    "D\0\0\0\x0b\0\1\0\0\0\0\0"
    "C\0\0\0\x0dSELECT 1\0"
    "Z\0\0\0\5T"
    "H\0\0\0\4"sv;
const std::vector<std::size_t> boundaries{0, 12, 26, 32, 37};

void expect_whole_stream(const Watched& watched) {
    EXPECT_THAT(watched.messages, ElementsAre(Pair('D', 7U), Pair('C', 9U), Pair('Z', 1U), Pair('H', 0U)));
    EXPECT_EQ(watched.statuses, "T");
    EXPECT_TRUE(watched.tracker.at_boundary());
    EXPECT_FALSE(watched.tracker.broken());
}

std::size_t next_boundary(std::size_t position) {
    return *std::lower_bound(boundaries.begin(), boundaries.end(), position);
}

TEST(BoundaryTracker, BeginsAtABoundary) {
    EXPECT_TRUE(BoundaryTracker{}.at_boundary());
    EXPECT_EQ(BoundaryTracker{}.to_boundary(stream), 0U);
}

TEST(BoundaryTracker, ReportsTheMessagesOfAWholeStream) {
    Watched watched;
    EXPECT_TRUE(watched.feed(stream));
    expect_whole_stream(watched);
}

TEST(BoundaryTracker, ReportsTheSameByteByByte) {
    Watched watched;
    for (std::size_t i = 0; i < stream.size(); ++i) {
        EXPECT_EQ(watched.tracker.at_boundary(), next_boundary(i) == i) << i;
        EXPECT_TRUE(watched.feed(stream.substr(i, 1)));
    }
    expect_whole_stream(watched);
}

TEST(BoundaryTracker, ReportsTheSameWhereverTheStreamIsCutInThree) {
    for (std::size_t first = 0; first <= stream.size(); ++first) {
        for (std::size_t second = first; second <= stream.size(); ++second) {
            Watched watched;
            watched.feed(stream.substr(0, first));
            watched.feed(stream.substr(first, second - first));
            watched.feed(stream.substr(second));
            expect_whole_stream(watched);
        }
    }
}

TEST(BoundaryTracker, ReportsAMessageAsSoonAsItsHeaderIsThere) {
    Watched watched;
    watched.feed(stream.substr(0, 4));
    EXPECT_THAT(watched.messages, IsEmpty());
    watched.feed(stream.substr(4, 1));
    EXPECT_THAT(watched.messages, ElementsAre(Pair('D', 7U)));
}

TEST(BoundaryTracker, ReportsAStatusInAPieceOfItsOwn) {
    Watched watched;
    watched.feed("Z\0\0\0\5"sv);
    EXPECT_EQ(watched.statuses, "");
    EXPECT_FALSE(watched.tracker.at_boundary());
    watched.feed("I");
    EXPECT_EQ(watched.statuses, "I");
    EXPECT_TRUE(watched.tracker.at_boundary());
}

TEST(BoundaryTracker, ReportsNoStatusThatIsNone) {
    Watched watched;
    watched.feed("Z\0\0\0\4C\0\0\0\5Z"sv);
    EXPECT_EQ(watched.statuses, "") << "an empty ReadyForQuery, and a body that looks like one";
    watched.feed("Z\0\0\0\7IEE"sv);
    EXPECT_EQ(watched.statuses, "I") << "its first byte alone";
}

TEST(BoundaryTracker, FindsTheNextBoundaryFromAnywhere) {
    for (std::size_t fed = 0; fed <= stream.size(); ++fed) {
        BoundaryTracker tracker;
        tracker.advance(stream.substr(0, fed));
        EXPECT_EQ(tracker.to_boundary(stream.substr(fed)), next_boundary(fed) - fed) << fed;
        // And not where the bytes end before it.
        for (std::size_t end = fed; end < next_boundary(fed); ++end)
            EXPECT_EQ(tracker.to_boundary(stream.substr(fed, end - fed)), npos) << fed << " to " << end;
    }
}

TEST(BoundaryTracker, LooksForABoundaryWithoutMoving) {
    BoundaryTracker tracker;
    tracker.advance(stream.substr(0, 3));
    EXPECT_EQ(tracker.to_boundary(stream.substr(3)), 9U);
    EXPECT_EQ(tracker.to_boundary(stream.substr(3)), 9U);
}

TEST(BoundaryTracker, FollowsAMessageOfTwoGigabytes) {
    constexpr std::uint64_t body = 0x7fffffffULL - 4;
    Watched watched;
    ASSERT_TRUE(watched.feed("d\x7f\xff\xff\xff"sv));
    EXPECT_THAT(watched.messages, ElementsAre(Pair('d', static_cast<std::uint32_t>(body))));
    const std::string piece(1U << 26U, 'x');
    std::uint64_t left = body;
    while (left > piece.size()) {
        ASSERT_TRUE(watched.feed(piece));
        ASSERT_FALSE(watched.tracker.at_boundary());
        left -= piece.size();
    }
    EXPECT_EQ(watched.tracker.to_boundary(piece), left);
    watched.feed(std::string_view{piece}.substr(0, left));
    EXPECT_TRUE(watched.tracker.at_boundary());
    watched.feed(ready_for_query('I'));
    EXPECT_EQ(watched.statuses, "I");
}

TEST(BoundaryTracker, IsBrokenByALengthThatNoMessageCanHave) {
    for (const auto bytes : {"D\0\0\0\0"sv, "D\0\0\0\3"sv, "D\x80\0\0\0"sv, "D\xff\xff\xff\xff"sv}) {
        for (std::size_t cut = 0; cut < header_size; ++cut) {
            Watched watched;
            ASSERT_TRUE(watched.feed(bytes.substr(0, cut)));
            EXPECT_FALSE(watched.feed(bytes.substr(cut)));
            EXPECT_TRUE(watched.tracker.broken());
            EXPECT_FALSE(watched.tracker.at_boundary());
            EXPECT_THAT(watched.messages, IsEmpty());
        }
    }
}

TEST(BoundaryTracker, ReportsNothingAfterItIsBroken) {
    Watched watched;
    EXPECT_FALSE(watched.feed("Z\0\0\0\5ID\0\0\0\0Z\0\0\0\5T"sv));
    EXPECT_THAT(watched.messages, ElementsAre(Pair('Z', 1U)));
    EXPECT_FALSE(watched.feed(stream));
    EXPECT_EQ(watched.messages.size(), 1U);
    EXPECT_EQ(watched.statuses, "I");
    EXPECT_EQ(watched.tracker.to_boundary(stream), npos);
}

TEST(BoundaryTracker, FindsNoBoundaryBehindABrokenHeader) {
    BoundaryTracker tracker;
    tracker.advance("D\0\0"sv);
    EXPECT_EQ(tracker.to_boundary("\0\0Z\0\0\0\5I"sv), npos);
    EXPECT_FALSE(tracker.broken()) << "it only looked";
}

TEST(BoundaryTracker, TakesNothingForNothing) {
    Watched watched;
    EXPECT_TRUE(watched.feed(""));
    EXPECT_TRUE(watched.tracker.at_boundary());
}

}  // namespace
}  // namespace curfew::postgres
