// Who sees which requests, what they may do about them, and how they find them.
#include <gmock/gmock.h>

#include "requests_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace json = boost::json;

class RequestsSeen : public AskingByHttp {};

TEST_F(RequestsSeen, AreHiddenFromWhoHasNothingToDoWithThem) {
    const auto id = pending("alice");
    EXPECT_EQ(call("bob", "GET", "/requests/" + id).status, 404);
    EXPECT_EQ(review("bob", id).status, 404);
    EXPECT_EQ(call("bob", "POST", "/requests/" + id + "/revoke").status, 404);
    EXPECT_EQ(call("bob", "POST", "/requests/" + id + "/credential").status, 404);
    EXPECT_THAT(list("bob"), IsEmpty());
    EXPECT_THAT(list("bob", "?requester=alice"), IsEmpty());
    EXPECT_THAT(list("bob", "?resource=prod"), IsEmpty());
    for (const char* who : {"alice", "carol", "ann"}) {
        EXPECT_EQ(id_of(seen_by(who, id)), id) << who;
        EXPECT_THAT(list(who), ElementsAre(id)) << who;
    }
    EXPECT_EQ(call("ann", "GET", "/requests/r-00000000").status, 404);
    EXPECT_EQ(call("ann", "GET", "/requests/prod").status, 404);
}

TEST_F(RequestsSeen, SayWhatEachViewerMayDoAboutThem) {
    const auto id = pending("bob");
    const auto may_do = [&](const std::string& who) { return seen_by(who, id).at("view").as_object(); };
    EXPECT_EQ(may_do("carol").at("may_review_for"), json::value(json::array{"dba"}));
    EXPECT_EQ(may_do("carol").at("may_cancel"), false);
    EXPECT_EQ(may_do("bob").at("may_cancel"), true);
    EXPECT_EQ(may_do("ann").at("may_review_for"), json::value(json::array{})) << "is in no approval group";
    review("carol", id);
    for (const char* who : {"alice", "ann", "bob", "carol"}) {
        EXPECT_EQ(may_do(who).at("may_revoke"), true) << who;
        EXPECT_EQ(may_do(who).at("may_cancel"), false) << who;
    }
}

TEST_F(RequestsSeen, AreListedAPageAtATimeNewestFirst) {
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i)
        made.insert(made.begin(), pending());
    std::vector<std::string> listed;
    std::string next;
    int pages = 0;
    do {
        const auto page = call("carol", "GET", "/requests?limit=2" + next).json();
        EXPECT_LE(page.at("items").as_array().size(), 2U);
        for (const auto& item : page.at("items").as_array()) {
            listed.push_back(id_of(item));
            EXPECT_TRUE(item.at("view").is_null());
        }
        if (page.at("next").is_null()) break;
        next = "&after=" + text(page.at("next"));
    } while (++pages < 10);
    EXPECT_EQ(listed, made);
    EXPECT_EQ(call("carol", "GET", "/requests?after=somewhere").status, 400);
    EXPECT_EQ(call("carol", "GET", "/requests?limit=1000").status, 200);
}

TEST_F(RequestsSeen, AreListedWithWhatEachViewerMayDoWhereThatIsAskedFor) {
    const auto id = pending("bob");
    for (const char* who : {"bob", "carol"}) {
        const auto listed = call(who, "GET", "/requests?with_views=true").json().at("items").as_array();
        ASSERT_EQ(listed.size(), 1U) << who;
        EXPECT_EQ(listed.front(), seen_by(who, id)) << who;
    }
    EXPECT_EQ(call("bob", "GET", "/requests?with_views=maybe").status, 400);
}

TEST_F(RequestsSeen, AreListedByStatusRequesterAndResource) {
    const auto waiting = pending("bob");
    const auto managed = pending("alice", "managed");
    const auto done = approved("bob");
    EXPECT_THAT(list("ann", "?status=PENDING"), ElementsAre(managed, waiting));
    EXPECT_THAT(list("ann", "?status=APPROVED,REJECTED"), ElementsAre(done));
    EXPECT_THAT(list("ann", "?requester=bob"), ElementsAre(done, waiting));
    EXPECT_THAT(list("ann", "?requester=AL"), ElementsAre(managed)) << "by any of their names";
    EXPECT_THAT(list("ann", "?resource=managed"), ElementsAre(managed));
    EXPECT_THAT(list("ann", "?resource=prod&status=PENDING&requester=bob"), ElementsAre(waiting));
    EXPECT_EQ(call("ann", "GET", "/requests?status=pending").status, 400);
    EXPECT_EQ(call("ann", "GET", "/requests?status=").status, 400);
    EXPECT_EQ(call("ann", "GET", "/requests?state=PENDING").status, 400);
}

TEST_F(RequestsSeen, AreListedAsOnesOwnAndAsWaitingForOneself) {
    const auto of_alice = pending("alice");
    const auto of_bob = pending("bob");
    EXPECT_THAT(list("alice", "?view=mine"), ElementsAre(of_alice));
    EXPECT_THAT(list("alice", "?view=waiting_for_me"), ElementsAre(of_bob)) << "not her own";
    EXPECT_THAT(list("carol", "?view=waiting_for_me"), ElementsAre(of_bob, of_alice));
    EXPECT_THAT(list("carol", "?view=waiting_for_me&requester=alice"), ElementsAre(of_alice));
    EXPECT_THAT(list("bob", "?view=waiting_for_me"), IsEmpty());
    review("carol", of_bob);
    EXPECT_THAT(list("alice", "?view=waiting_for_me"), IsEmpty());
    EXPECT_EQ(call("bob", "GET", "/requests?view=yours").status, 400);
    EXPECT_EQ(call("bob", "GET", "/requests?view=mine&requester=alice").status, 400);
}

// --- Who comes by the Unix socket and is no user
// --------------------------------------------------------------

TEST_F(RequestsSeen, CanBeSeenAndRevokedByWhoIsNoUser) {
    const auto id = approved();
    EXPECT_EQ(ids_in(admin.request("GET", "/api/v1/requests")), std::vector{id});
    const auto seen = admin.request("GET", "/api/v1/requests/" + id).json();
    EXPECT_EQ(seen.at("view").at("may_revoke"), true);
    EXPECT_EQ(seen.at("view").at("may_review_for"), json::value(json::array{}));
    const auto revoked = admin.request("POST", "/api/v1/requests/" + id + "/revoke");
    EXPECT_EQ(revoked.status, 200);
    EXPECT_EQ(revoked.json().at("status"), "REVOKED");
}

TEST_F(RequestsSeen, CannotBeMadeNorReviewedByWhoIsNoUser) {
    const auto id = pending("bob", "managed");
    const auto asked = admin.request("POST", "/api/v1/requests", R"({"resource":"prod"})");
    EXPECT_EQ(asked.status, 403);
    EXPECT_THAT(detail(asked), AllOf(HasSubstr("is no user of Curfew"), HasSubstr("curfew login"),
                                     HasSubstr("curfew grant")));
    EXPECT_EQ(admin.request("POST", "/api/v1/requests/" + id + "/reviews", R"({"verdict":"approve"})").status,
              403);
    review("carol", id);
    EXPECT_EQ(admin.request("POST", "/api/v1/requests/" + id + "/credential").status, 403);
    EXPECT_THAT(ids_in(admin.request("GET", "/api/v1/requests?view=mine")), IsEmpty());
    EXPECT_THAT(ids_in(admin.request("GET", "/api/v1/requests?view=waiting_for_me")), IsEmpty());
}

}  // namespace
}  // namespace curfew::test
