// What was: past sessions, the timeline and the audit trail, and who may look.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/history_input.hpp"
#include "audit/proof/receipt_file.hpp"
#include "base/time_text.hpp"
#include "requests_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class History : public AskingByHttp {
protected:
    // A session of `user` that was killed just now.
    std::string ended(const std::string& user, const std::string& resource = "prod") {
        auto record = example_record();
        record.id = SessionId::generate();
        record.user = user;
        record.resource = resource;
        record.started_at = admin.clock.wall_now();
        record.cause = policy::EndCause::session_killed;
        record.detail = "";
        admin.record(record);
        return std::string{record.id.text()};
    }
    std::vector<std::string> past(const std::string& who, const std::string& query = "") const {
        return ids_in(call(who, "GET", "/sessions/past" + query));
    }
    boost::json::value timeline(const std::string& query) const {
        const auto reply = call("ann", "GET", "/timeline?" + query);
        EXPECT_EQ(reply.status, 200) << reply.body;
        return reply.json();
    }
    std::vector<std::string> kinds(const std::string& query) const {
        std::vector<std::string> kinds;
        const auto document = call("ann", "GET", "/audit-trail" + query).json();
        for (const auto& event : document.at("items").as_array())
            kinds.push_back(text(event.at("kind")));
        return kinds;
    }
    int status(const std::string& target) const { return call("ann", "GET", target).status; }
    static constexpr const char* today = "from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00.000Z";
};

TEST(HistoryInput, ReadsInstantsAsJavaScriptWritesThem) {
    const auto at = parse_utc("2026-11-24T14:05:00Z");
    EXPECT_EQ(api::parse_instant("2026-11-24T14:05:00Z"), at);
    EXPECT_EQ(api::parse_instant("2026-11-24T14:05:00.000Z"), at);
    EXPECT_EQ(api::parse_instant("2026-11-24T14:05:00.250Z"), *at + 250ms);
    for (const char* wrong : {"", ".000Z", "2026-11-24T14:05:00.00Z", "2026-11-24T14:05:00.000000Z",
                              "2026-11-24", "2026-02-30T00:00:00.000Z", "2026-11-24T14:05:00.000Z "})
        EXPECT_EQ(api::parse_instant(wrong), std::nullopt) << wrong;
}

// --- Receipts ----------------------------------------------------------------------------------------------

TEST_F(History, GivesTheReceiptOfASession) {
    const std::string session = ended("alice");
    admin.issue_receipts();
    const auto reply = call("ann", "GET", "/sessions/" + session + "/receipt");
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto receipt = audit::read_receipt_file(reply.body).value();
    EXPECT_EQ(receipt.content.at("session").at("id"), boost::json::string(session));
    EXPECT_EQ(audit::judge_receipt(receipt.file, {{receipt_key().public_key()}, {}}),
              audit::ReceiptVerdict::genuine);
}

TEST_F(History, SaysThatASessionHasNoReceiptYet) {
    const auto reply = call("ann", "GET", "/sessions/" + ended("alice") + "/receipt");
    EXPECT_EQ(reply.status, 404);
    EXPECT_THAT(reply.body, HasSubstr("has no receipt"));
}

TEST_F(History, GivesReceiptsToThemWhoMaySeeTheSession) {
    const std::string session = ended("bob");
    admin.issue_receipts();
    EXPECT_EQ(call("bob", "GET", "/sessions/" + session + "/receipt").status, 200);
    const auto refused = call("carol", "GET", "/sessions/" + session + "/receipt");
    EXPECT_EQ(refused.status, 404);
    EXPECT_THAT(refused.body, HasSubstr("There is no session"));
    EXPECT_EQ(call("ann", "GET", "/sessions/s-00000000/receipt").status, 404);
    EXPECT_EQ(call("ann", "GET", "/sessions/nonsense/receipt").status, 404);
}

// --- Past sessions -----------------------------------------------------------------------------------------

TEST_F(History, OfSessionsIsOnesOwnUnlessOneAudits) {
    const auto of_alice = ended("alice");
    const auto of_bob = ended("bob");
    EXPECT_THAT(past("ann"), ElementsAre(of_bob, of_alice));
    EXPECT_THAT(past("olga"), ElementsAre(of_bob, of_alice)) << "an auditor";
    EXPECT_THAT(past("alice"), ElementsAre(of_alice));
    EXPECT_THAT(past("alice", "?user=alice"), ElementsAre(of_alice));
    EXPECT_THAT(past("alice", "?user=bob"), IsEmpty());
    EXPECT_THAT(past("carol"), IsEmpty()) << "a reviewer as well";
}

TEST_F(History, OfSessionsIsNarrowed) {
    const auto of_alice = ended("alice");
    admin.clock.advance(1h);
    const auto of_bob = ended("bob", "managed");
    EXPECT_THAT(past("ann", "?user=bob"), ElementsAre(of_bob));
    EXPECT_THAT(past("ann", "?resource=prod"), ElementsAre(of_alice));
    EXPECT_THAT(past("ann", "?from=2020-01-01T12:30:00.000Z"), ElementsAre(of_bob));
    EXPECT_THAT(past("ann", "?to=2020-01-01T12:30:00Z"), ElementsAre(of_alice));
    EXPECT_THAT(past("ann", "?cause=session_killed&outcome=enforced"), ElementsAre(of_bob, of_alice));
    EXPECT_THAT(past("ann", "?cause=client_closed"), IsEmpty());
    EXPECT_THAT(past("ann", "?outcome=overstayed"), IsEmpty());
    const auto page = call("ann", "GET", "/sessions/past?outcome=enforced&limit=1").json();
    EXPECT_THAT(past("ann", "?outcome=enforced&limit=1&after=" + text(page.at("next"))),
                ElementsAre(of_alice));
}

TEST_F(History, SaysWhatAFilterTakes) {
    for (const auto& [query, takes] :
         std::vector<std::pair<std::string, std::string>>{{"cause=tired", "'cause' must be"},
                                                          {"outcome=good", "overstayed"},
                                                          {"from=yesterday", "2026-11-24T14:05:00Z"},
                                                          {"to=1969-12-31T23:59:59Z", "'to' must be"},
                                                          {"user=", "1 to 100 bytes"},
                                                          {"user=" + std::string(101, 'a'), "1 to 100 bytes"},
                                                          {"limit=0", "'limit'"}}) {
        const auto reply = call("ann", "GET", "/sessions/past?" + query);
        EXPECT_EQ(reply.status, 400) << query;
        EXPECT_THAT(detail(reply), HasSubstr(takes)) << query;
    }
    const auto reply = call("ann", "GET", "/sessions/past?from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z");
    EXPECT_THAT(detail(reply), HasSubstr("before"));
}

// --- The timeline ------------------------------------------------------------------------------------------

TEST_F(History, HasATimelineOfGrantsWithTheirRequestsAndSessions) {
    const auto request = approved();
    const auto rejected = pending();
    ASSERT_EQ(review("carol", rejected, R"({"verdict":"reject","comment":"not now"})").status, 200);
    const auto grant = grants().at(0).grant;
    ASSERT_EQ(
        call("ann", "POST", "/grants/" + std::string{grant.id.text()} + "/extend", R"({"by":"30m"})").status,
        200);
    ended("alice");
    const auto shown = timeline(today);
    EXPECT_EQ(shown.at("from"), "2020-01-01T00:00:00Z");
    EXPECT_EQ(shown.at("to"), "2020-01-02T00:00:00Z");
    EXPECT_EQ(shown.at("as_of"), "2020-01-01T12:00:00Z");
    EXPECT_EQ(shown.at("cut"), false);
    ASSERT_EQ(shown.at("grants").as_array().size(), 2U);
    const auto& by_hand = shown.at("grants").at(0);
    EXPECT_TRUE(by_hand.at("request").is_null());
    ASSERT_EQ(by_hand.at("sessions").as_array().size(), 1U);
    EXPECT_EQ(by_hand.at("sessions").at(0).at("cause"), "session_killed");
    EXPECT_EQ(by_hand.at("sessions").at(0).at("overstay_ms"), 0);
    const auto& asked = shown.at("grants").at(1);
    EXPECT_EQ(text(asked.at("request").at("id")), request);
    EXPECT_EQ(text(asked.at("request").at("approval")), "reviewed");
    EXPECT_EQ(asked.at("request").at("approved_at"), "2020-01-01T12:00:00Z");
    EXPECT_EQ(text(asked.at("grant").at("id")), grant.id.text());
    const auto& extension = asked.at("extensions").at(0);
    EXPECT_EQ(extension.at("by"), "ann");
    EXPECT_TRUE(extension.at("request").is_null());
    EXPECT_EQ(text(extension.at("from")), format_utc(grant.window.ends_at));
    EXPECT_EQ(text(extension.at("to")), format_utc(grant.window.ends_at + 30min));
    EXPECT_THAT(shown.at("not_approved").as_array().size(), 1U);
    EXPECT_EQ(text(shown.at("not_approved").at(0).at("id")), rejected);
}

TEST_F(History, HasATimelineOfOneResourceAndOfSoMuchOfIt) {
    ended("alice");
    ended("bob");
    EXPECT_EQ(timeline(std::string{today} + "&resource=managed").at("grants").as_array().size(), 0U);
    const auto cut = timeline(std::string{today} + "&limit=1");
    EXPECT_EQ(cut.at("grants").as_array().size(), 1U);
    EXPECT_EQ(cut.at("cut"), true);
}

TEST_F(History, HasNoTimelineOfATimeThatIsNone) {
    EXPECT_EQ(status("/timeline"), 400);
    EXPECT_EQ(status("/timeline?from=2020-01-01T00:00:00Z"), 400);
    EXPECT_EQ(status("/timeline?from=2020-01-01T00:00:00Z&to=2020-01-01T00:00:00Z"), 400);
    EXPECT_EQ(status(std::string{"/timeline?"} + today + "&limit=0"), 400);
    EXPECT_EQ(status(std::string{"/timeline?"} + today + "&limit=1001"), 400);
    EXPECT_EQ(status(std::string{"/timeline?"} + today + "&limit=1x"), 400);
}

TEST_F(History, OfEverybodyIsForAdministrators) {
    for (const std::string& target : {std::string{"/timeline?"} + today, std::string{"/audit-trail"}}) {
        EXPECT_EQ(call("bob", "GET", target).status, 403) << target;
        EXPECT_EQ(call("ann", "GET", target).status, 200) << target;
    }
}

// --- A review of accesses ----------------------------------------------------------------------------------

TEST_F(History, HasAReviewOfAccesses) {
    const auto request = approved();
    ended("alice");
    const auto reply = call("olga", "GET", std::string{"/access-review?"} + today);
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto document = reply.json();
    const auto& items = document.at("items").as_array();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_TRUE(items[0].at("request").is_null());
    EXPECT_EQ(items[0].at("findings").at(0), "given_by_hand");
    EXPECT_EQ(items[0].at("use").at("sessions"), 1);
    EXPECT_EQ(items[0].at("use").at("users").at(0), "alice");
    EXPECT_EQ(text(items[1].at("request").at("id")), request);
    EXPECT_EQ(items[1].at("approvers").at(0), "carol");
    EXPECT_EQ(items[1].at("asked_seconds"), items[1].at("given_seconds"));
    EXPECT_EQ(items[1].at("use").at("sessions"), 0);
    EXPECT_THAT(items[1].at("findings").as_array(), IsEmpty()) << "it is not over yet";
}

TEST_F(History, NeedsATimeToReview) {
    EXPECT_EQ(status("/access-review"), 400);
    EXPECT_EQ(status("/access-review?from=2020-01-01T00:00:00Z&to=2020-01-01T00:00:00Z"), 400);
}

TEST_F(History, NamesStandingPrivileges) {
    const auto reply = call("olga", "GET", "/standing-privileges?resource=prod");
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto document = reply.json();
    EXPECT_EQ(document.at("items").at(0).at("kind"), "administrators");
    EXPECT_EQ(status("/standing-privileges?resource=nowhere"), 404);
}

TEST_F(History, OfAccessesIsForAuditors) {
    for (const std::string& target :
         {std::string{"/access-review?"} + today, std::string{"/standing-privileges"}})
        EXPECT_EQ(call("bob", "GET", target).status, 403) << target;
}

// --- The audit trail ---------------------------------------------------------------------------------------

TEST_F(History, HasAnAuditTrail) {
    const auto request = pending();
    const auto reply = call("ann", "GET", "/audit-trail?kind=request.submitted");
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto event = reply.json().at("items").at(0);
    EXPECT_EQ(text(event.at("id")), request);
    EXPECT_EQ(text(event.at("actor")), "bob");
    EXPECT_EQ(event.at("at"), "2020-01-01T12:00:00Z");
    EXPECT_EQ(text(event.at("summary").at("resource")), "prod");
    EXPECT_GT(event.at("number").to_number<int>(), 0);
    EXPECT_EQ(text(event.at("hash")).size(), 64U);
}

TEST_F(History, OfEventsIsNarrowedAndOrdered) {
    const auto request = approved();
    admin.clock.advance(1h);
    pending("alice");
    EXPECT_THAT(kinds("?kind=request"),
                ElementsAre("request.submitted", "request.approved", "request.submitted"));
    EXPECT_THAT(kinds("?id=" + request), ElementsAre("request.approved", "request.submitted"));
    EXPECT_THAT(kinds("?id=" + request + "&order=oldest"),
                ElementsAre("request.submitted", "request.approved"));
    EXPECT_THAT(kinds("?actor=carol"), ElementsAre("request.approved", "grant.given"));
    EXPECT_THAT(kinds("?kind=request&from=2020-01-01T12:30:00Z"), ElementsAre("request.submitted"));
    EXPECT_THAT(kinds("?kind=grant&to=2020-01-01T12:30:00Z"), ElementsAre("grant.given"));
    const auto first = call("ann", "GET", "/audit-trail?kind=request&limit=2").json();
    EXPECT_THAT(kinds("?kind=request&limit=2&after=" + text(first.at("next"))),
                ElementsAre("request.submitted"));
    for (const char* wrong : {"kind=", "kind=Request", "kind=request%25", "order=best", "from=now", "after="})
        EXPECT_EQ(status(std::string{"/audit-trail?"} + wrong), 400) << wrong;
}

}  // namespace
}  // namespace curfew::test
