// Asking, deciding and taking back, by HTTP.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <future>

#include "requests_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

namespace json = boost::json;

class Requests : public AskingByHttp {};

TEST_F(Requests, AreMadeInTheNameOfWhoAsks) {
    const auto reply = ask("bob", R"({"resource":"prod","duration":"2h","reason":"ticket 7"})");
    EXPECT_EQ(reply.status, 201);
    const auto request = reply.json();
    EXPECT_EQ(reply.headers.at("location"), "/api/v1/requests/" + id_of(request));
    auto expected = json::object{{"id", request.at("id")},
                                 {"kind", "access"},
                                 {"type", "jit"},
                                 {"requester", "bob"},
                                 {"resource", "prod"},
                                 {"duration", "2h"},
                                 {"starts_at", nullptr},
                                 {"reason", "ticket 7"},
                                 {"replication", false},
                                 {"asked_at", "2020-01-01T12:00:00Z"},
                                 {"review_ends_at", "2020-01-01T13:00:00Z"},
                                 {"status", "PENDING"},
                                 {"decision", "none"},
                                 {"decided_by", nullptr},
                                 {"decided_at", nullptr},
                                 {"decision_comment", ""},
                                 {"approval", "none"},
                                 {"approved_at", nullptr},
                                 {"reviews", json::array{}},
                                 {"rules", json::array{}},
                                 {"granted", nullptr},
                                 {"grant", nullptr},
                                 {"review_due", false},
                                 {"command", nullptr},
                                 {"command_result", nullptr}};
    const json::value rule{{"rule", "prod"},     {"approval_groups", json::array{"dba"}},
                           {"approvals", 0},     {"wanted", 1},
                           {"satisfied", false}, {"missing_groups", json::array{}}};
    expected["view"] =
        json::object{{"progress", json::object{{"approved", false}, {"rules", json::array{rule}}}},
                     {"may_review_for", json::array{}},
                     {"may_cancel", true},
                     {"may_revoke", false},
                     {"grant", nullptr},
                     {"url", "https://curfew.example.org/requests/" + id_of(request)}};
    EXPECT_EQ(request, json::value(expected)) << json::serialize(request);
}

TEST_F(Requests, MayNameWhenTheyStartAndWhatTheyAreFor) {
    const auto made =
        ask("bob", R"({"resource":"prod","starts_at":"2020-01-02T08:00:00Z","replication":true})").json();
    EXPECT_EQ(made.at("starts_at"), "2020-01-02T08:00:00Z");
    EXPECT_EQ(made.at("replication"), true);
    const auto approved_by_carol = review("carol", id_of(made)).json();
    EXPECT_EQ(approved_by_carol.at("view").at("grant").at("state"), "upcoming");
    EXPECT_EQ(approved_by_carol.at("view").at("grant").at("starts_at"), "2020-01-02T08:00:00Z");
    EXPECT_EQ(approved_by_carol.at("view").at("grant").at("replication"), true);
}

TEST_F(Requests, AreRefusedWithAllThatIsWrongWithThem) {
    const auto reply = ask("bob", R"({"resource":"prod","extends":"g-0123abcd","type":"sql","duration":"2",)"
                                  R"("starts_at":"noon","break_glass":1,"reviewer":"bob"})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(
        detail(reply),
        AllOf(HasSubstr("Either 'resource' or 'extends'"), HasSubstr("'type' must be jit or command"),
              HasSubstr("'2' is not a duration"), HasSubstr("'starts_at' must be a time in UTC"),
              HasSubstr("'break_glass' must be true or false"), HasSubstr("'reviewer' is not known")));
    EXPECT_EQ(ask("bob", "{}").status, 400);
    EXPECT_THAT(list("ann"), IsEmpty());
}

TEST_F(Requests, AreRefusedWhereNoRuleLetsThemBeMade) {
    EXPECT_EQ(ask("carol").status, 403) << "is not among developers";
    EXPECT_EQ(ask("bob", R"({"resource":"uncovered"})").status, 403);
    EXPECT_EQ(ask("bob", R"({"resource":"nowhere"})").status, 404);
    const auto too_long = ask("bob", R"({"resource":"prod","duration":"5h"})");
    EXPECT_EQ(too_long.status, 400);
    EXPECT_THAT(too_long.problems(), ElementsAre("duration: " + detail(too_long)));
    EXPECT_THAT(ask("bob", R"({"resource":"prod","starts_at":"2019-01-01T12:00:00Z"})").problems(),
                ElementsAre(HasSubstr("starts_at: the start")));
}

TEST_F(Requests, OfAnAdministratorAreApprovedAtOnce) {
    const auto made = ask("ann", R"({"resource":"uncovered"})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.json().at("status"), "APPROVED");
    EXPECT_EQ(made.json().at("decision"), "administrator");
    EXPECT_THAT(told_to_the_node(), SizeIs(1));
}

TEST_F(Requests, GiveAGrantOnceTheyAreApproved) {
    const auto id = pending();
    const auto reply = review("carol", id, R"({"verdict":"approve","comment":"fine"})");
    EXPECT_EQ(reply.status, 200);
    const auto request = reply.json();
    EXPECT_EQ(request.at("status"), "APPROVED");
    EXPECT_EQ(request.at("decision"), "reviewed");
    EXPECT_EQ(request.at("decided_by"), "carol");
    EXPECT_EQ(request.at("granted"), "1h");
    EXPECT_EQ(request.at("rules"), json::value(json::array{"prod"}));
    const json::value expected{{"reviewer", "carol"}, {"group", "dba"},      {"verdict", "approve"},
                               {"comment", "fine"},   {"duration", nullptr}, {"at", "2020-01-01T12:00:00Z"}};
    EXPECT_EQ(request.at("reviews"), json::value(json::array{expected}));
    EXPECT_TRUE(request.at("view").at("progress").is_null());
    const auto grant = request.at("view").at("grant");
    EXPECT_EQ(grant.at("id"), request.at("grant"));
    EXPECT_EQ(grant.at("subject"), "bob");
    EXPECT_EQ(grant.at("ends_at"), "2020-01-01T13:00:00Z");
    ASSERT_THAT(told_to_the_node(), SizeIs(1));
    EXPECT_EQ(told_to_the_node()[0].grant.id.text(), text(request.at("grant")));
}

TEST_F(Requests, MayBeShortenedAndNeverLengthened) {
    const auto id = pending();
    const auto longer = review("carol", id, R"({"verdict":"approve","duration":"2h"})");
    EXPECT_EQ(longer.status, 400);
    EXPECT_THAT(detail(longer), HasSubstr("never lengthen"));
    EXPECT_THAT(longer.problems(), ElementsAre("duration: " + detail(longer)));
    const auto request = review("carol", id, R"({"verdict":"approve","duration":"20m"})").json();
    EXPECT_EQ(request.at("duration"), "1h");
    EXPECT_EQ(request.at("granted"), "20m");
    EXPECT_EQ(request.at("reviews").at(0).at("duration"), "20m");
    EXPECT_EQ(request.at("view").at("grant").at("ends_at"), "2020-01-01T12:20:00Z");
}

TEST_F(Requests, AreNotReviewedByWhoMadeThemHoweverTheyCome) {
    const auto id = pending("alice");
    EXPECT_EQ(seen_by("alice", id).at("view").at("may_review_for"), json::value(json::array{}));
    EXPECT_EQ(review("alice", id).status, 403);
    const auto by_token =
        admin.request_by_tcp("POST", "/api/v1/requests/" + id + "/reviews", R"({"verdict":"approve"})",
                             headers_of("alice by token with review"));
    EXPECT_EQ(by_token.status, 403);
    EXPECT_EQ(seen_by("alice", id).at("status"), "PENDING");
    EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(Requests, AreRejectedByOneReviewer) {
    const auto id = pending();
    const auto request = review("carol", id, R"({"verdict":"reject","comment":"not today"})").json();
    EXPECT_EQ(request.at("status"), "REJECTED");
    EXPECT_EQ(request.at("decision_comment"), "not today");
    EXPECT_EQ(review("alice", id).status, 409);
    EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(Requests, RefuseAReviewThatIsNone) {
    const auto id = pending();
    EXPECT_EQ(review("carol", id, "{}").status, 400);
    EXPECT_EQ(review("carol", id, R"({"verdict":"maybe"})").status, 400);
    EXPECT_EQ(review("carol", id, R"({"verdict":"approve","group":"security"})").status, 403);
    EXPECT_EQ(review("carol", "r-00000000").status, 404);
    EXPECT_EQ(review("carol", "nonsense").status, 404);
}

TEST_F(Requests, GiveOneGrantHoweverManyApproveAtOnce) {
    for (int round = 0; round < 20; ++round) {
        const auto id = pending();
        const auto approve = [&](const std::string& who) {
            return std::async(std::launch::async, [this, who, id] { return review(who, id).status; });
        };
        auto one = approve("alice");
        auto other = approve("carol");
        EXPECT_THAT((std::vector{one.get(), other.get()}), UnorderedElementsAre(200, 409));
        EXPECT_THAT(grants(), SizeIs(round + 1));
    }
    EXPECT_THAT(told_to_the_node(), SizeIs(20));
}

TEST_F(Requests, AreMadeOnceUnderAnIdempotencyKey) {
    const Headers key{{"Idempotency-Key", "k-1"}};
    const std::string body = R"({"resource":"prod","reason":"ticket 7"})";
    const auto first = call("bob", "POST", "/requests", body, key);
    const auto again = call("bob", "POST", "/requests", body, key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.headers.at("location"), first.headers.at("location"));
    EXPECT_THAT(list("bob"), SizeIs(1));
    EXPECT_EQ(call("bob", "POST", "/requests", R"({"resource":"managed"})", key).status, 400);
}

// --- Taking back
// ----------------------------------------------------------------------------------------------

TEST_F(Requests, AreCancelledWhilePendingByWhoMadeThem) {
    const auto id = pending();
    EXPECT_EQ(call("carol", "POST", "/requests/" + id + "/revoke").status, 403);
    const auto reply = call("bob", "POST", "/requests/" + id + "/revoke");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().at("status"), "REJECTED");
    EXPECT_EQ(reply.json().at("decision"), "cancelled");
    EXPECT_EQ(call("bob", "POST", "/requests/" + id + "/revoke").status, 409);
}

TEST_F(Requests, EndTheirGrantWhenTheyAreRevoked) {
    for (const char* by : {"bob", "carol", "ann"}) {
        const auto id = approved();
        const auto reply = call(by, "POST", "/requests/" + id + "/revoke", R"({"comment":"enough"})");
        EXPECT_EQ(reply.status, 200) << reply.body;
        EXPECT_EQ(reply.json().at("status"), "REVOKED");
        EXPECT_EQ(reply.json().at("decided_by").as_string(), by);
        EXPECT_EQ(reply.json().at("view").at("grant").at("state"), "revoked");
        EXPECT_EQ(reply.json().at("view").at("grant").at("revoked").at("reason"), "enough");
        ASSERT_TRUE(told_to_the_node().back().grant.revoked);
        EXPECT_EQ(told_to_the_node().back().grant.revoked->by, by);
    }
}

TEST_F(Requests, AreRevokedWithTheGrantThatTheyGave) {
    const auto id = approved();
    const auto grant = text(seen_by("bob", id).at("grant"));
    EXPECT_EQ(call("bob", "POST", "/grants/" + grant + "/revoke").status, 403);
    const auto reply = call("ann", "POST", "/grants/" + grant + "/revoke", R"({"reason":"enough"})");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().at("id").as_string(), grant);
    EXPECT_EQ(reply.json().at("state"), "revoked");
    EXPECT_EQ(reply.json().at("revoked").at("by"), "ann");
    const auto request = seen_by("bob", id);
    EXPECT_EQ(request.at("status"), "REVOKED");
    EXPECT_EQ(request.at("decided_by"), "ann");
    EXPECT_EQ(request.at("decision_comment"), "enough");
    EXPECT_TRUE(told_to_the_node().back().grant.revoked);
    EXPECT_EQ(call("ann", "POST", "/grants/" + grant + "/revoke").status, 409);
}

// --- More time
// ------------------------------------------------------------------------------------------------

TEST_F(Requests, MayBeForMoreOfAGrant) {
    const auto grant = text(seen_by("bob", approved()).at("grant"));
    const auto asked = ask("bob", R"({"extends":")" + grant + R"(","duration":"30m"})");
    EXPECT_EQ(asked.status, 201) << asked.body;
    EXPECT_EQ(asked.json().at("kind"), "extension");
    EXPECT_EQ(asked.json().at("resource"), "prod");
    EXPECT_EQ(asked.json().at("grant").as_string(), grant);
    const auto reply = review("carol", id_of(asked.json()));
    EXPECT_EQ(reply.json().at("view").at("grant").at("ends_at"), "2020-01-01T13:30:00Z");
    EXPECT_EQ(told_to_the_node().back().remaining, 90min);
}

TEST_F(Requests, ForMoreAreRefusedOfGrantsThatAreNotOnesOwn) {
    const auto grant = text(seen_by("bob", approved()).at("grant"));
    EXPECT_EQ(ask("alice", R"({"extends":")" + grant + "\"}").status, 403);
    EXPECT_EQ(ask("alice", R"({"extends":"g-00000000"})").status, 404);
    EXPECT_EQ(ask("alice", R"({"extends":"prod"})").status, 400);
}

// --- Broken glass
// ---------------------------------------------------------------------------------------------

const char* const with_break_glass = R"(
listeners: [{ name: main, address: "127.0.0.1:6432" }]
store: { path: /nowhere/curfew.db }
resources:
  prod: { host: 127.0.0.1, login: passthrough, tls: { sslmode: disable } }
users: { alice: {}, ann: {}, bob: {}, carol: {} }
groups: { dba: [alice, carol], developers: [alice, bob], administrators: [ann] }
rules:
  prod:
    resources: [prod]
    required_groups: [developers]
    approval_groups: [dba]
    break_glass_groups: [developers]
    break_glass_duration: 15m
)";

class BrokenGlass : public AskingByHttp {
protected:
    BrokenGlass() : AskingByHttp{with_break_glass} {}

    HttpReply break_glass(const std::string& reason) {
        return ask("bob",
                   R"({"resource":"prod","duration":"1h","break_glass":true,"reason":")" + reason + "\"}");
    }
};

TEST_F(BrokenGlass, LetsInAtOnceForAShortWhileAndWithAReason) {
    EXPECT_EQ(break_glass("").status, 400);
    const auto request = break_glass("the shop is down").json();
    EXPECT_EQ(request.at("status"), "APPROVED");
    EXPECT_EQ(request.at("decision"), "break_glass");
    EXPECT_EQ(request.at("granted"), "15m");
    EXPECT_EQ(request.at("review_due"), true);
    EXPECT_THAT(told_to_the_node(), SizeIs(1));
}

TEST_F(BrokenGlass, WaitsForAReviewHoweverItEnds) {
    const auto id = id_of(break_glass("the shop is down").json());
    EXPECT_THAT(list("carol", "?view=waiting_for_me"), ElementsAre(id));
    EXPECT_THAT(list("carol", "?view=waiting_for_me&status=PENDING"), IsEmpty());
    EXPECT_THAT(list("carol", "?view=waiting_for_me&status=APPROVED"), ElementsAre(id));
    EXPECT_THAT(list("bob", "?view=waiting_for_me"), IsEmpty());
    EXPECT_EQ(seen_by("carol", id).at("view").at("may_review_for"), json::value(json::array{"dba"}));
    const auto reviewed = review("carol", id).json();
    EXPECT_EQ(reviewed.at("status"), "APPROVED");
    EXPECT_EQ(reviewed.at("review_due"), false);
    EXPECT_THAT(list("carol", "?view=waiting_for_me"), IsEmpty());
}

TEST_F(BrokenGlass, IsMendedAtOnceWhereTheReviewSaysNo) {
    const auto id = id_of(break_glass("the shop is down").json());
    const auto reviewed = review("carol", id, R"({"verdict":"reject","comment":"it was not"})").json();
    EXPECT_EQ(reviewed.at("status"), "REVOKED");
    EXPECT_EQ(reviewed.at("review_due"), false);
    EXPECT_TRUE(told_to_the_node().back().grant.revoked);
}

}  // namespace
}  // namespace curfew::test
