#include "protocol/postgres/message_tap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/wire_messages.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using Progress = MessageTap::Progress;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A message as far as it was handed on, or a count.
struct Heard {
    char type = 0;
    std::string bytes;
    std::uint32_t length = 0;
    std::uint64_t messages = 0;
    std::uint64_t counted = 0;

    bool operator==(const Heard&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Heard& heard) {
    return out << heard.type << " '" << heard.bytes << "' of " << heard.length << ", " << heard.messages
               << " messages of " << heard.counted;
}
Heard whole(char type, std::string_view bytes) {
    return {type, std::string{bytes}, static_cast<std::uint32_t>(bytes.size()), 0, 0};
}
Heard cut(char type, std::string_view bytes, std::uint32_t length) {
    return {type, std::string{bytes}, length, 0, 0};
}
Heard counted(char type, std::uint64_t messages, std::uint64_t bytes) {
    return {type, {}, 0, messages, bytes};
}

// A tap, and what it handed on, pieces put together.
class Listening {
public:
    explicit Listening(const TapPlan& plan) : tap{plan} {}

    Progress feed(std::string_view bytes) {
        return tap.advance(bytes, [this](const TappedPiece& piece) { return take(piece); });
    }
    bool take(const TappedPiece& piece) {
        if (piece.counts()) {
            heard.push_back(counted(piece.type, piece.messages, piece.counted_bytes));
            return true;
        }
        if (piece.first()) heard.push_back(cut(piece.type, {}, piece.body_length));
        Heard& message = heard.back();
        EXPECT_EQ(message.type, piece.type);
        EXPECT_EQ(message.bytes.size(), piece.offset);
        message.bytes += piece.bytes;
        EXPECT_LE(message.bytes.size(), piece.wanted);
        EXPECT_EQ(piece.last(), message.bytes.size() == piece.wanted);
        if (piece.last()) ++complete;
        return true;
    }

    MessageTap tap;
    std::vector<Heard> heard;
    std::size_t complete = 0;
};

const TapPlan of_client = TapPlan::from_client({64, 0});
const TapPlan of_server = TapPlan::from_server({64, 0});
const TapPlan of_server_in_full = TapPlan::from_server({64, 40});

TEST(MessageTap, HandsOnWhatAClientAsksFor) {
    Listening listening{of_client};
    const std::string bytes = wire::query("SELECT 1") + wire::sync();
    EXPECT_EQ(listening.feed(bytes), Progress::all);
    EXPECT_THAT(listening.heard, ElementsAre(whole('Q', "SELECT 1\0"sv), whole('S', "")));
    EXPECT_TRUE(listening.tap.at_boundary());
}

TEST(MessageTap, HandsOnNoMoreOfAStatementThanIsWanted) {
    Listening listening{of_client};
    const std::string sql(1000, 'x');
    listening.feed(wire::query(sql) + wire::sync());
    EXPECT_THAT(listening.heard, ElementsAre(cut('Q', sql.substr(0, 64), 1001), whole('S', "")));
}

TEST(MessageTap, NeverHandsOnAPassword) {
    Listening listening{of_client};
    listening.feed(wire::message('p', "secret\0"sv));
    EXPECT_THAT(listening.heard, IsEmpty());
    EXPECT_TRUE(listening.tap.at_boundary());
}

TEST(MessageTap, CountsRowsAndSaysHowManyBeforeTheNextMessage) {
    Listening listening{of_server};
    listening.feed(wire::data_row({"abc"}) + wire::data_row({"d"}));
    EXPECT_THAT(listening.heard, IsEmpty());
    listening.feed(wire::complete("SELECT 2"));
    EXPECT_THAT(listening.heard, ElementsAre(counted('D', 2, 9 + 7), whole('C', "SELECT 2\0"sv)));
}

TEST(MessageTap, CountsCopyDataOfEitherSide) {
    for (const TapPlan& plan : {of_client, of_server}) {
        Listening listening{plan};
        listening.feed(wire::copy_data("1\t2\n") + wire::copy_data("") + wire::copy_done());
        EXPECT_THAT(listening.heard, ElementsAre(counted('d', 2, 4), whole('c', "")));
    }
}

TEST(MessageTap, SaysWhatItCountedWhenItIsAsked) {
    Listening listening{of_server};
    listening.feed(wire::data_row({"abc"}));
    EXPECT_TRUE(listening.tap.flush([&](const TappedPiece& piece) { return listening.take(piece); }));
    EXPECT_THAT(listening.heard, ElementsAre(counted('D', 1, 9)));
    EXPECT_TRUE(listening.tap.flush([](const TappedPiece&) { return false; })) << "there is no more";
}

TEST(MessageTap, CountsOfAMessageWhatHasComeOfIt) {
    Listening listening{of_server};
    listening.feed("d\0\0\1\0abc"sv);
    listening.tap.flush([&](const TappedPiece& piece) { return listening.take(piece); });
    EXPECT_THAT(listening.heard, ElementsAre(counted('d', 1, 3)));
}

TEST(MessageTap, HandsOnRowsInFullUpToTheBoundOfAStatement) {
    Listening listening{of_server_in_full};
    const std::string row = wire::data_row({"0123456789"});  // a body of 16 bytes: 21 of 40
    listening.feed(row + row + row + wire::complete("SELECT 3") + row);
    const std::string_view body = std::string_view{row}.substr(header_size);
    EXPECT_THAT(listening.heard, ElementsAre(whole('D', body), whole('D', body), counted('D', 1, 16),
                                             whole('C', "SELECT 3\0"sv), whole('D', body)))
        << "19 bytes were left for the second, and the next statement has 40 again";
}

TEST(MessageTap, CutsTheRowThatGoesBeyondTheBound) {
    Listening listening{of_server_in_full};
    const std::string row = wire::data_row({std::string(100, 'x')});
    listening.feed(row + row);
    EXPECT_THAT(listening.heard, ElementsAre(cut('D', std::string_view{row}.substr(header_size, 40), 106)));
}

TEST(MessageTap, GivesNoNewBoundToRowsBehindANotice) {
    Listening listening{of_server_in_full};
    const std::string row = wire::data_row({std::string(100, 'x')});
    listening.feed(row + wire::report('N', "NOTICE", "00000", "x") + row);
    listening.tap.flush([&](const TappedPiece& piece) { return listening.take(piece); });
    ASSERT_EQ(listening.heard.size(), 3U);
    EXPECT_EQ(listening.heard[2], counted('D', 1, 106));
}

TEST(MessageTap, FollowsAMessageOfTwoGigabytes) {
    Listening listening{of_client};
    constexpr std::uint64_t body = 0x7fffffffULL - 4;
    ASSERT_EQ(listening.feed("Q\x7f\xff\xff\xff"sv), Progress::all);
    const std::string piece(1U << 26U, 'x');
    for (std::uint64_t left = body; left > 0;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
        ASSERT_EQ(listening.feed(std::string_view{piece}.substr(0, size)), Progress::all);
        left -= size;
    }
    listening.feed(wire::sync());
    EXPECT_THAT(listening.heard, ElementsAre(cut('Q', std::string(64, 'x'), static_cast<std::uint32_t>(body)),
                                             whole('S', "")));
}

TEST(MessageTap, IsBrokenByALengthThatNoMessageCanHave) {
    for (const auto bytes : {"Q\0\0\0\0"sv, "Q\0\0\0\3"sv, "Q\x80\0\0\0"sv, "Q\xff\xff\xff\xff"sv}) {
        for (std::size_t first = 0; first < header_size; ++first) {
            Listening listening{of_client};
            ASSERT_EQ(listening.feed(bytes.substr(0, first)), Progress::all);
            EXPECT_EQ(listening.feed(bytes.substr(first)), Progress::broken);
            EXPECT_EQ(listening.feed(wire::sync()), Progress::broken);
            EXPECT_TRUE(listening.tap.broken());
            EXPECT_FALSE(listening.tap.at_boundary());
            EXPECT_THAT(listening.heard, IsEmpty());
        }
    }
}

TEST(MessageTap, LosesNothingToASinkThatTakesNoMoreForNow) {
    const std::string stream = wire::query("SELECT 1") + wire::copy_data("abc") + wire::sync() +
                               wire::copy_data("x") + wire::query(std::string(100, 'y'));
    Listening all{of_client};
    all.feed(stream);
    for (int takes = 1; takes < 5; ++takes) {
        Listening listening{of_client};
        std::string_view left = stream;
        int asked = 0;
        Progress progress = Progress::refused;
        while (progress == Progress::refused) {
            progress = listening.tap.advance(left, [&](const TappedPiece& piece) {
                return ++asked % (takes + 1) != 0 && listening.take(piece);
            });
        }
        EXPECT_EQ(progress, Progress::all);
        EXPECT_EQ(left, "");
        EXPECT_EQ(listening.heard, all.heard);
    }
}

// A stream of messages of every kind, with bodies of all sizes around the bounds.
std::string random_stream(std::mt19937& random, std::string_view types) {
    std::uniform_int_distribution<std::size_t> which{0, types.size() - 1};
    std::uniform_int_distribution<std::size_t> size{0, 100};
    std::string stream;
    for (int i = 0; i < 30; ++i)
        stream +=
            wire::message(types[which(random)], std::string(size(random), static_cast<char>('a' + i % 26)));
    return stream;
}

TEST(MessageTap, HandsOnTheSameHoweverTheStreamIsCut) {
    std::mt19937 random{7};
    for (const TapPlan& plan : {of_client, of_server, of_server_in_full}) {
        for (int round = 0; round < 200; ++round) {
            const std::string stream = random_stream(random, "QPBFEDCSHdcfXpTZNA123nIsV?\x80");
            Listening at_once{plan};
            ASSERT_EQ(at_once.feed(stream), Progress::all);
            Listening in_pieces{plan};
            std::uniform_int_distribution<std::size_t> size{0, round % 2 == 0 ? 7U : 300U};
            for (std::string_view left = stream; !left.empty();) {
                const std::string_view piece = left.substr(0, size(random));
                ASSERT_EQ(in_pieces.feed(piece), Progress::all);
                left.remove_prefix(piece.size());
            }
            ASSERT_EQ(in_pieces.heard, at_once.heard) << "round " << round;
            EXPECT_TRUE(in_pieces.tap.at_boundary());
        }
    }
}

}  // namespace
}  // namespace curfew::postgres
