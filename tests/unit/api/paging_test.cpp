// Lists a page at a time.
#include "api/paging.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

class Paging : public testing::Test {
protected:
    RunningAdmin admin;

    // The identifiers of a whole list, read `limit` at a time, and how many pages that took.
    std::vector<std::string> read(const std::string& target, std::size_t limit) {
        std::vector<std::string> ids;
        pages = 0;
        std::string after;
        do {
            auto page = target + (target.find('?') == std::string::npos ? "?" : "&") +
                        "limit=" + std::to_string(limit);
            if (!after.empty()) page += "&after=" + after;
            const auto answer = admin.request("GET", page).json();
            EXPECT_LE(answer.at("items").as_array().size(), limit);
            for (const auto& item : answer.at("items").as_array())
                ids.emplace_back(item.at("id").as_string());
            after = answer.at("next").is_null() ? "" : std::string{answer.at("next").as_string()};
        } while (!after.empty() && ++pages < 100);
        ++pages;
        return ids;
    }
    std::string give() {
        const auto body = R"({"subject":"alice","resource":"prod","for":"2h"})";
        return std::string{admin.request("POST", "/api/v1/grants", body).json().at("id").as_string()};
    }
    std::size_t pages = 0;
};

TEST_F(Paging, GivesEveryGrantOnceNewestFirst) {
    std::vector<std::string> given;
    for (int i = 0; i < 7; ++i) {
        given.insert(given.begin(), give());
        admin.clock.advance(1s);
    }
    for (const std::size_t limit : {1, 3, 7, 8}) {
        EXPECT_EQ(read("/api/v1/grants", limit), given) << limit;
        EXPECT_EQ(pages, (given.size() + limit - 1) / limit) << limit;
    }
}

TEST_F(Paging, GivesEveryGrantOnceWhereAllAreOfOneInstant) {
    std::set<std::string> given;
    for (int i = 0; i < 7; ++i)
        given.insert(give());
    const auto ids = read("/api/v1/grants", 2);
    EXPECT_EQ(ids.size(), given.size());
    EXPECT_EQ((std::set<std::string>{ids.begin(), ids.end()}), given);
}

TEST_F(Paging, GoesOnBehindAGrantThatHasLeftTheList) {
    const auto oldest = give();
    admin.clock.advance(1s);
    const auto middle = give();
    admin.clock.advance(1s);
    give();
    const auto next = admin.request("GET", "/api/v1/grants?limit=2").json().at("next");
    admin.request("POST", "/api/v1/grants/" + middle + "/revoke");
    const auto rest =
        admin.request("GET", "/api/v1/grants?limit=2&after=" + std::string{next.as_string()}).json();
    ASSERT_EQ(rest.at("items").as_array().size(), 1U);
    EXPECT_EQ(rest.at("items").at(0).at("id").as_string(), oldest);
}

TEST_F(Paging, GivesEveryLiveSessionOnce) {
    std::set<std::string> wanted;
    admin.with_control([&](FakeControl& control) {
        for (int i = 0; i < 9; ++i) {
            control.live.push_back(example_session(GrantId::generate()));
            wanted.insert(control.live.back().id.text());
        }
    });
    EXPECT_THAT(read("/api/v1/sessions", 4), testing::ElementsAreArray(wanted));
    EXPECT_EQ(pages, 3U);
}

TEST_F(Paging, GivesEveryPastSessionOnceStartedLastFirst) {
    std::vector<std::string> wanted;
    for (int i = 0; i < 40; ++i) {
        auto record = example_record();
        record.id = SessionId::generate();
        wanted.insert(wanted.begin(), record.id.text());
        admin.record(record);
    }
    for (const std::size_t limit : {1, 3, 39, 40, 41}) {
        EXPECT_EQ(read("/api/v1/sessions/past", limit), wanted) << limit;
        EXPECT_EQ(pages, (wanted.size() + limit - 1) / limit) << limit;
    }
}

TEST_F(Paging, RefusesWhatIsNoPage) {
    for (const char* list :
         {"/api/v1/grants", "/api/v1/sessions", "/api/v1/sessions/past", "/api/v1/nodes"}) {
        for (const char* query : {"limit=0", "limit=1001", "limit=-1", "limit=many", "limit=7x",
                                  "limit=", "limit=99999999999999999999999", "after="}) {
            EXPECT_EQ(admin.request("GET", std::string{list} + "?" + query).status, 400) << list << query;
        }
    }
    for (const char* after : {"x", "0", "-1", "1.", "99999999999999999999", "1577880000000.g-7k3mq9xd"}) {
        EXPECT_EQ(admin.request("GET", std::string{"/api/v1/grants?after="} + after).status, 400) << after;
        EXPECT_EQ(admin.request("GET", std::string{"/api/v1/sessions/past?after="} + after).status, 400)
            << after;
    }
}

TEST_F(Paging, ListsANodeOnItsPage) {
    admin.register_node("db-1");
    EXPECT_EQ(admin.request("GET", "/api/v1/nodes").json().at("items").at(0).at("node"), "db-1");
    EXPECT_EQ(admin.request("GET", "/api/v1/nodes?after=db-1").json().at("items").as_array().size(), 0U);
}

}  // namespace
}  // namespace curfew::test
