#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/event_stream.hpp"

namespace curfew::cli {
namespace {

std::vector<std::pair<std::string, std::string>> parse(const std::vector<std::string>& pieces) {
    EventParser parser;
    std::vector<std::pair<std::string, std::string>> events;
    for (const auto& piece : pieces) {
        for (const auto& event : parser.feed(piece))
            events.emplace_back(event.name, event.data);
    }
    return events;
}

using Events = std::vector<std::pair<std::string, std::string>>;

TEST(EventParser, ReadsNamedEvents) {
    EXPECT_EQ(parse({"event: sessions\nid: 7\ndata: {}\n\nevent: more\ndata: x\n\n"}),
              (Events{{"sessions", "{}"}, {"more", "x"}}));
}

TEST(EventParser, PutsTogetherWhatComesInPieces) {
    const std::string text = "event: sessions\r\ndata: a\r\ndata: b\r\n\r\n";
    std::vector<std::string> bytes;
    for (const char c : text)
        bytes.emplace_back(1, c);
    EXPECT_EQ(parse(bytes), (Events{{"sessions", "a\nb"}}));
}

TEST(EventParser, PassesOverCommentsUnknownFieldsAndEventsWithoutData) {
    EXPECT_EQ(parse({": nothing changed\n\nretry: 5\n\nevent: empty\n\ndata: x\n\n"}),
              (Events{{"message", "x"}}));
}

TEST(EventParser, WaitsForTheBlankLine) {
    EXPECT_EQ(parse({"data: x\n"}), Events{});
}

TEST(EventParser, TakesAwayOneBlankBehindTheColonOnly) {
    EXPECT_EQ(parse({"data:x\n\ndata:  y\n\ndata\n\n"}),
              (Events{{"message", "x"}, {"message", " y"}, {"message", ""}}));
}

TEST(EventParser, KnowsWhereToReadOn) {
    EventParser parser;
    parser.feed("id: 7\ndata: x\n\ndata: y\n\nid: 8\ndata: z\n");
    EXPECT_EQ(parser.last_id(), "7") << "the last one is not complete";
    parser.feed("\n: nothing changed\nid: 9\n\n");
    EXPECT_EQ(parser.last_id(), "9") << "with a comment alone as well";
}

}  // namespace
}  // namespace curfew::cli
