// Notifications that have not arrived: administrators see them, and have them tried again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Notifications : public PeopleTest {
protected:
    std::vector<std::string> listed(const std::string& query) {
        const auto reply = administer("GET", "/notifications" + query);
        EXPECT_EQ(reply.status, 200) << reply.body;
        std::vector<std::string> found;
        const auto list = reply.json();
        for (const auto& one : list.at("items").as_array())
            found.emplace_back(one.at("kind").as_string());
        return found;
    }
};

TEST_F(Notifications, AreListedWithWhatWentWrongAndWithoutWhatTheySay) {
    const auto id = admin.notify("slack", "request_waiting", store::GivenUp{"channel_not_found"});
    const auto reply = administer("GET", "/notifications");
    const boost::json::value expected{{"id", id.text()},
                                      {"notifier", "slack"},
                                      {"recipient", "#dba"},
                                      {"kind", "request_waiting"},
                                      {"subject", "r-00000001"},
                                      {"state", "given_up"},
                                      {"created_at", "2020-01-01T12:00:00Z"},
                                      {"wanted_at", "2020-01-01T12:00:00Z"},
                                      {"next_attempt_at", nullptr},
                                      {"attempts", 1},
                                      {"node", "node-a"},
                                      {"problem", "channel_not_found"}};
    EXPECT_EQ(reply.json().at("items").at(0), expected);
    EXPECT_THAT(reply.body, Not(HasSubstr("sesame")));
}

TEST_F(Notifications, ThatArrivedAreListedWhereAskedFor) {
    admin.notify("slack", "a", store::Delivered{"ts=1"});
    admin.notify("slack", "b", store::TryAgain{30s, "503"});
    admin.notify("mail", "c", store::GivenUp{"550"});
    EXPECT_THAT(listed(""), ElementsAre("c", "b"));
    EXPECT_THAT(listed("?all=true"), ElementsAre("c", "b", "a"));
    EXPECT_THAT(listed("?state=delivered"), ElementsAre("a"));
    EXPECT_THAT(listed("?notifier=mail"), ElementsAre("c"));
    EXPECT_THAT(listed("?subject=r-00000002"), ElementsAre());
    const auto waiting = administer("GET", "/notifications?state=waiting").json();
    EXPECT_EQ(waiting.at("items").at(0).at("next_attempt_at"), "2020-01-01T12:00:30Z");
    EXPECT_EQ(administer("GET", "/notifications?state=lost").status, 400);
}

TEST_F(Notifications, AreListedAPageAtATime) {
    for (const char* kind : {"a", "b", "c"})
        admin.notify("slack", kind, store::GivenUp{"550"});
    const auto first = administer("GET", "/notifications?limit=2").json();
    EXPECT_EQ(first.at("items").as_array().size(), 2U);
    EXPECT_THAT(listed("?after=" + std::string{first.at("next").as_string()}), ElementsAre("a"));
    EXPECT_EQ(administer("GET", "/notifications?after=x").status, 400);
}

TEST_F(Notifications, ThatWereGivenUpAreTriedAgain) {
    const auto id = admin.notify("slack", "a", store::GivenUp{"channel_not_found"}).text();
    const auto again = administer("POST", "/notifications/" + id + "/retry");
    ASSERT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(text_of(again, "state"), "waiting");
    EXPECT_EQ(text_of(again, "next_attempt_at"), "2020-01-01T12:00:00Z");
    EXPECT_EQ(administer("POST", "/notifications/" + id + "/retry").status, 409);
    EXPECT_EQ(administer("POST", "/notifications/d-00000000/retry").status, 404);
    EXPECT_EQ(administer("POST", "/notifications/slack/retry").status, 404);
}

TEST_F(Notifications, AreForAdministrators) {
    give_password("alice");
    give_password("ann");
    const auto alice = with_cookie(sign_in("alice"));
    const auto ann = with_cookie(sign_in("ann"));
    const auto id = admin.notify("slack", "a", store::GivenUp{"550"}).text();
    EXPECT_EQ(call("GET", "/notifications").status, 401);
    EXPECT_EQ(call("GET", "/notifications", "", alice).status, 403);
    EXPECT_EQ(call("POST", "/notifications/" + id + "/retry", "", alice).status, 403);
    EXPECT_EQ(call("GET", "/notifications", "", ann).status, 200);
    EXPECT_EQ(call("POST", "/notifications/" + id + "/retry", "", ann).status, 200);
}

}  // namespace
}  // namespace curfew::test
