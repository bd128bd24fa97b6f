#include "policy/end_cause.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string_view>

namespace curfew::policy {
namespace {

using namespace std::string_view_literals;

constexpr std::array enforced{
    EndCause::grant_expired,    EndCause::grant_revoked,    EndCause::session_killed,
    EndCause::user_removed,     EndCause::resource_removed, EndCause::store_lost,
    EndCause::recording_failed, EndCause::node_stopping,    EndCause::node_crashed};
constexpr std::array by_itself{EndCause::client_closed, EndCause::server_closed, EndCause::failed};

TEST(EndCause, IsReadAsItIsWritten) {
    std::set<std::string_view> words;
    for (const auto cause : enforced) {
        EXPECT_EQ(parse_end_cause(to_string(cause)), cause);
        words.insert(to_string(cause));
    }
    for (const auto cause : by_itself) {
        EXPECT_EQ(parse_end_cause(to_string(cause)), cause);
        words.insert(to_string(cause));
    }
    EXPECT_EQ(words.size(), enforced.size() + by_itself.size()) << "a word for each";
}

TEST(EndCause, IsWrittenAsTheStoreKeepsIt) {
    EXPECT_EQ(to_string(EndCause::grant_expired), "grant_expired");
    EXPECT_EQ(to_string(EndCause::failed), "failed");
}

TEST(EndCause, IsNotReadFromOtherWords) {
    for (const auto text : {""sv, "expired"sv, "GRANT_EXPIRED"sv, "grant_expired "sv, "grant_expired\0"sv})
        EXPECT_EQ(parse_end_cause(text), std::nullopt) << text;
}

TEST(EndCause, TellsWhatWasEndedFromWhatEndedByItself) {
    for (const auto cause : enforced)
        EXPECT_TRUE(is_enforced(cause)) << to_string(cause);
    for (const auto cause : by_itself)
        EXPECT_FALSE(is_enforced(cause)) << to_string(cause);
}

}  // namespace
}  // namespace curfew::policy
