#include "notify/slack/link_offer.hpp"

#include <gtest/gtest.h>

namespace curfew::notify::slack {
namespace {

using namespace std::chrono_literals;

constexpr WallInstant offered_at{1'796'000'000s};
const Secret installation{std::string(32, 's')};

LinkOffer an_offer() {
    return {"team-chat", "T0ACME001", "U0BOB0001", "bob", offered_at + link_lifetime};
}

TEST(SlackLinkOffer, IsOpenedByEveryNodeUntilItExpires) {
    const auto code = LinkOffers{installation}.seal(an_offer());
    const LinkOffers other{installation};
    EXPECT_EQ(other.open(code, offered_at), an_offer());
    EXPECT_EQ(other.open(code, offered_at + link_lifetime - 1ms), an_offer());
    EXPECT_FALSE(other.open(code, offered_at + link_lifetime));
}

TEST(SlackLinkOffer, IsNothingThatAnybodyElseCanMakeOrChange) {
    const auto code = LinkOffers{installation}.seal(an_offer());
    EXPECT_FALSE(LinkOffers{Secret{std::string(32, 't')}}.open(code, offered_at));
    for (std::size_t i = 0; i < code.size(); i += 7) {
        auto changed = code;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(LinkOffers{installation}.open(changed, offered_at)) << i;
    }
    for (const std::string& text : {std::string{}, std::string{"x"}, std::string(5'000, 'A')})
        EXPECT_FALSE(LinkOffers{installation}.open(text, offered_at));
}

TEST(SlackLinkOffer, IsForAnAccountOfSlacks) {
    auto offer = an_offer();
    offer.account = "bob";
    EXPECT_FALSE(LinkOffers{installation}.open(LinkOffers{installation}.seal(offer), offered_at));
}

TEST(SlackLinkOffer, StandsBehindTheHashOfAnAddress) {
    EXPECT_EQ(link_address("https://curfew.example.com", "abc"), "https://curfew.example.com/link-chat#abc");
    EXPECT_NE(used_key("abc"), used_key("abd"));
    EXPECT_EQ(used_key("abc").find("abc"), std::string::npos) << "the store does not keep the code";
}

}  // namespace
}  // namespace curfew::notify::slack
