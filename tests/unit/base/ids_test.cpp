#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>
#include <unordered_set>

namespace curfew {
namespace {

static_assert(!std::is_convertible_v<GrantId, SessionId>, "one kind cannot be taken for another");

TEST(Id, IsALetterForItsKindAndEightCharacters) {
    const std::string grant = GrantId::generate().text();
    EXPECT_EQ(grant.size(), 10U);
    EXPECT_TRUE(grant.starts_with("g-"));
    EXPECT_TRUE(SessionId::generate().text().starts_with("s-"));
}

TEST(Id, IsMadeOfLettersThatCannotBeMistaken) {
    std::set<char> seen;
    for (int i = 0; i < 1000; ++i) {
        for (const char c : GrantId::generate().text().substr(2))
            seen.insert(c);
    }
    const std::string alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    EXPECT_EQ(seen, std::set<char>(alphabet.begin(), alphabet.end()));
}

TEST(Id, IsNeverTheSameTwice) {
    std::unordered_set<GrantId> ids;
    for (int i = 0; i < 1000; ++i)
        ids.insert(GrantId::generate());
    EXPECT_EQ(ids.size(), 1000U);
}

TEST(Id, IsReadAsItIsWritten) {
    const auto id = GrantId::generate();
    const auto again = GrantId::parse(id.text());
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, id);
}

TEST(Id, IsRefusedWhenItIsNotOfThisKindsForm) {
    for (const std::string& text :
         {std::string{}, std::string{"g"}, std::string{"g-"}, std::string{"g-7k3mq9x"},
          std::string{"g-7k3mq9xdd"}, std::string{"s-7k3mq9xd"}, std::string{"G-7k3mq9xd"},
          std::string{"g-7K3MQ9XD"}, std::string{"g_7k3mq9xd"}, std::string{"g-7k3mq9xi"},
          std::string{"g-7k3mq9xl"}, std::string{"g-7k3mq9xo"}, std::string{"g-7k3mq9xu"},
          std::string{"g-7k3mq9 d"}, std::string{" g-7k3mq9x"}, std::string{"g-7k3mq9\0d", 10},
          std::string{"g-7k3mq9xd\n"}})
        EXPECT_FALSE(GrantId::parse(text)) << text;
    EXPECT_TRUE(GrantId::parse("g-7k3mq9xd"));
}

TEST(Id, IsEmptyUntilItIsGiven) {
    EXPECT_TRUE(GrantId{}.empty());
    EXPECT_FALSE(GrantId::generate().empty());
}

}  // namespace
}  // namespace curfew
