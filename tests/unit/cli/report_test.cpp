// `curfew report`: what a review of accesses reads, against a server that answers as the contract says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <initializer_list>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

namespace json = boost::json;

class AccessReport : public People {
protected:
    AccessReport() {
        reviewed({used()});
        api.on(
            "GET /api/v1/standing-privileges", 200,
            list(R"({"kind":"administrators","resource":null,"who":"group:admins","source":"administrators",)"
                 R"("detail":"Nobody approves what they ask for"})"));
    }

    void reviewed(std::initializer_list<json::object> items) {
        std::string all;
        for (const json::object& item : items)
            all += (all.empty() ? "" : ",") + json::serialize(item);
        api.on("GET /api/v1/access-review", 200, list(all));
    }
    // Two hours that alice was given, as the contract has them.
    static json::object given(const std::string& use = "sessions") {
        json::object grant = json::parse(People::grant("ended")).as_object();
        grant["use"] = use;
        grant["reason"] = "ticket 7";
        return {{"grant", grant},
                {"request", json::object{{"id", "r-0123abcd"}}},
                {"asked_seconds", 7200},
                {"given_seconds", 7200},
                {"approvers", json::array{"bob", "carol"}},
                {"findings", json::array{}},
                {"use", json::object{{"sessions", 0},
                                     {"users", json::array{}},
                                     {"used_seconds", 0},
                                     {"overstayed", 0},
                                     {"longest_overstay_ms", 0},
                                     {"unconfirmed", 0}}}};
    }
    static json::object found(const char* finding, json::object item = given()) {
        item["findings"].as_array().emplace_back(finding);
        return item;
    }
    static json::object used(json::object item = given()) {
        auto& use = item["use"].as_object();
        use["sessions"] = 2;
        use["users"] = json::array{"alice"};
        use["used_seconds"] = 4320;
        return item;
    }
    std::string target() const { return api.seen().at(0).target; }
};

TEST_F(AccessReport, SaysOfEachGrantWhoApprovedItAndHowMuchOfItWasUsed) {
    const auto done = curfew({"report"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, AllOf(HasSubstr("g-0123abcd"), HasSubstr("2h"), HasSubstr("1h12m"),
                                HasSubstr("bob, carol"), HasSubstr("ticket 7")));
}

TEST_F(AccessReport, SaysWhatAGrantWasForWhereItWasNotEverything) {
    reviewed({given("commands"), given("script"), given("preview")});
    const std::string out = curfew({"report"}).out;
    EXPECT_THAT(out, AllOf(HasSubstr("prod (by command)"), HasSubstr("prod (one script)"),
                           HasSubstr("prod (a preview)")));
}

TEST_F(AccessReport, AddsUpWhatThereIsToLookAt) {
    reviewed({used(), found("unused"), found("given_by_hand"), found("review_due", found("break_glass"))});
    const std::string out = curfew({"report"}).out;
    EXPECT_THAT(out, ContainsRegex("grants +4: 1 used, 1 over and never used"));
    EXPECT_THAT(out, ContainsRegex("time +asked for 8h00m, given 8h00m, used 1h12m in 2 sessions"));
    EXPECT_THAT(out, ContainsRegex("by hand +1\n"));
    EXPECT_THAT(out, ContainsRegex("glass +1, a review is due of 1\n"));
    EXPECT_THAT(out, ContainsRegex("overstays +none\n"));
    EXPECT_THAT(out, ContainsRegex("unproven +none\n"));
}

TEST_F(AccessReport, CountsSessionsThatOverstayedAndBackendsOfWhichNobodyKnows) {
    json::object item = used();
    item["use"].as_object()["overstayed"] = 1;
    item["use"].as_object()["unconfirmed"] = 2;
    reviewed({item});
    const std::string out = curfew({"report"}).out;
    EXPECT_THAT(out, ContainsRegex("overstays +1\n"));
    EXPECT_THAT(out, ContainsRegex("unproven +2\n"));
}

TEST_F(AccessReport, HasWhoNeedsNobodysApproval) {
    const std::string out = curfew({"report"}).out;
    EXPECT_THAT(out, AllOf(HasSubstr("administrators"), HasSubstr("all"), HasSubstr("group:admins"),
                           HasSubstr("Nobody approves what they ask for")));
}

TEST_F(AccessReport, AsksForTheTimeTheResourceAndTheUserThatAreWanted) {
    curfew({"report", "--since", "2026-11-01", "--until", "2026-11-15 18:00", "--resource", "prod orders",
            "--user", "alice"});
    EXPECT_THAT(target(),
                AllOf(HasSubstr("from=2026-11-01T00%3A00%3A00Z"), HasSubstr("to=2026-11-15T18%3A00%3A00Z"),
                      HasSubstr("resource=prod%20orders"), HasSubstr("user=alice")));
}

TEST_F(AccessReport, RefusesATimeThatEndsBeforeItBegins) {
    const auto done = curfew({"report", "--since", "2026-11-15", "--until", "2026-11-01"});
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_THAT(done.err, HasSubstr("--since must be before --until"));
    EXPECT_THAT(api.seen(), IsEmpty());
}

TEST_F(AccessReport, GivesSpreadsheetsALineForEachGrantUnderTheNamesOfItsColumns) {
    reviewed({used(), found("unused", given("commands"))});
    const auto done = curfew({"report", "--csv"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, StartsWith(R"("grant","subject","resource","use","starts_at","ends_at",)"));
    EXPECT_THAT(done.out, HasSubstr("\r\n"
                                    R"("g-0123abcd","alice","prod","sessions","2026-11-25T12:00:00Z",)"));
    EXPECT_THAT(done.out, HasSubstr("\r\n"
                                    R"("g-0123abcd","alice","prod","commands",)"));
    EXPECT_THAT(done.out, HasSubstr(R"(,"bob, carol",)"));
}

TEST_F(AccessReport, GivesMachinesAllOfIt) {
    const auto done = curfew({"report", "--json", "--since", "2026-11-01"});
    const json::object whole = json::parse(done.out).as_object();
    EXPECT_EQ(whole.at("from"), "2026-11-01T00:00:00Z");
    EXPECT_THAT(whole.at("grants").as_array(), SizeIs(1));
    EXPECT_EQ(whole.at("grants").as_array()[0].at("use").at("used_seconds"), 4320);
    EXPECT_EQ(whole.at("standing_privileges").as_array()[0].at("who"), "group:admins");
}

TEST_F(AccessReport, SaysWhyItMayNotBeSeen) {
    api.on("GET /api/v1/access-review", 403, problem(403, "Only auditors see what others had"));
    const auto done = curfew({"report"});
    EXPECT_NE(done.exit_code, 0);
    EXPECT_THAT(done.err, HasSubstr("Only auditors see what others had"));
}

}  // namespace
}  // namespace curfew::test
