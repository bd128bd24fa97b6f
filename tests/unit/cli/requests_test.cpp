// Asking, deciding and taking back, against a server that answers as the contract says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class Requests : public People {
protected:
    std::string body_of(const std::string& method_and_path) const {
        return boost::json::serialize(sent(method_and_path));
    }
};

TEST_F(Requests, SayWhatIsWantedAndWhoDecides) {
    api.on("POST /api/v1/requests", 201, request("PENDING"));
    const auto done = curfew({"request", "prod", "--for", "2h", "--reason", "ticket 7"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(body_of("POST /api/v1/requests"), R"({"resource":"prod","duration":"2h","reason":"ticket 7"})");
    EXPECT_THAT(api.seen()[0].header("idempotency-key"), MatchesRegex("[0-9a-f]{32}"));
    EXPECT_EQ(done.out,
              "Asked r-0123abcd: prod for 2h; waiting for approval at "
              "https://curfew.example.org/requests/r-0123abcd\n"
              "  prod: 0 of 2 approvals\n"
              "  dba-team  waiting\n"
              "  security  waiting\n");
}

TEST_F(Requests, MayBeginLaterExtendAndBreakTheGlass) {
    api.on("POST /api/v1/requests", 201, request("APPROVED"));
    EXPECT_EQ(curfew({"request", "prod", "--for", "2h", "--at", "2030-01-02 18:00", "--break-glass",
                      "--reason", "fire", "--replication"})
                  .exit_code,
              0);
    EXPECT_EQ(body_of("POST /api/v1/requests"),
              R"({"resource":"prod","duration":"2h","reason":"fire","break_glass":true,"replication":true,)"
              R"("starts_at":"2030-01-02T18:00:00Z"})");
}

TEST_F(Requests, MayBeForMoreTime) {
    api.on("POST /api/v1/requests", 201, request("PENDING"));
    EXPECT_EQ(curfew({"request", "--extend", "g-0123abcd", "--for", "1h"}).exit_code, 0);
    EXPECT_EQ(body_of("POST /api/v1/requests"), R"({"extends":"g-0123abcd","duration":"1h"})");
}

TEST_F(Requests, AreListedByWhatTheyMeanToOne) {
    api.on("GET /api/v1/requests", 200, list(request("PENDING", false)));
    const auto done = curfew({"requests"});
    EXPECT_EQ(done.out, "r-0123abcd\tPENDING\talice\tprod\t2h\t2026-11-25 12:00:00 UTC\t-\tticket 7\t-\n");
    curfew({"requests", "--waiting"});
    curfew({"requests", "--mine", "--status", "REJECTED"});
    curfew({"requests", "--all", "--resource", "a b", "--limit", "5"});
    const auto seen = api.seen();
    EXPECT_EQ(seen[0].target, "/api/v1/requests?view=all&status=PENDING,APPROVED&limit=100");
    EXPECT_EQ(seen[1].target, "/api/v1/requests?view=waiting_for_me&limit=100");
    EXPECT_EQ(seen[2].target, "/api/v1/requests?view=mine&status=REJECTED&limit=100");
    EXPECT_EQ(seen[3].target, "/api/v1/requests?view=all&resource=a%20b&limit=5");
}

TEST_F(Requests, SayThatThereAreMore) {
    api.on("GET /api/v1/requests", 200, R"({"items":[)" + request("PENDING", false) + R"(],"next":"more"})");
    EXPECT_THAT(curfew({"requests", "--limit", "1"}).err, HasSubstr("--limit shows more"));
}

TEST_F(Requests, AreShownWithTheirReviews) {
    api.on(
        "GET /api/v1/requests/r-0123abcd", 200,
        request(
            "PENDING", true,
            R"([{"reviewer":"bob","group":"dba-team","verdict":"approve","comment":"fine","duration":"1h",)"
            R"("at":"2026-11-25T12:01:00Z"}])"));
    const auto done = curfew({"show", "r-0123abcd"});
    EXPECT_THAT(done.out,
                AllOf(StartsWith("r-0123abcd PENDING"), HasSubstr("why        ticket 7\n"),
                      HasSubstr("bob approved for dba-team, shortened to 1h: fine"),
                      HasSubstr("  dba-team  approved by bob\n"), HasSubstr("  security  waiting\n")));
}

TEST_F(Requests, AreApprovedForAGroupAndForLess) {
    api.on("POST /api/v1/requests/r-0123abcd/reviews", 200, request("APPROVED"));
    const auto done =
        curfew({"approve", "r-0123abcd", "--for", "1h", "--group", "dba-team", "--comment", "be quick"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(body_of("POST /api/v1/requests/r-0123abcd/reviews"),
              R"({"verdict":"approve","group":"dba-team","comment":"be quick","duration":"1h"})");
    EXPECT_THAT(done.out, AllOf(HasSubstr("r-0123abcd APPROVED: alice asks for prod for 2h; decided by bob"),
                                HasSubstr("g-0123abcd until 2026-11-25 14:00:00 UTC")));
}

TEST_F(Requests, AreRejectedWithAComment) {
    api.on("POST /api/v1/requests/r-0123abcd/reviews", 200, request("REJECTED"));
    EXPECT_EQ(curfew({"reject", "r-0123abcd"}).exit_code, 2) << "without a comment";
    const auto done = curfew({"reject", "r-0123abcd", "--comment", "not today"});
    EXPECT_EQ(body_of("POST /api/v1/requests/r-0123abcd/reviews"),
              R"({"verdict":"reject","comment":"not today"})");
    EXPECT_THAT(done.out, HasSubstr("REJECTED: alice asks for prod for 2h; decided by bob: not today"));
}

TEST_F(Requests, PassOnWhyAReviewIsRefused) {
    api.on("POST /api/v1/requests/r-0123abcd/reviews", 403,
           problem(403, "Nobody approves their own request"));
    const auto done = curfew({"approve", "r-0123abcd"});
    EXPECT_EQ(done.exit_code, 6);
    EXPECT_EQ(done.err, "curfew: Nobody approves their own request\n");
}

TEST_F(Requests, AreTakenBackByTheOneVerb) {
    api.on("POST /api/v1/requests/r-0123abcd/revoke", 200, request("REVOKED"));
    const auto done = curfew({"revoke", "r-0123abcd", "--reason", "done"});
    EXPECT_EQ(body_of("POST /api/v1/requests/r-0123abcd/revoke"), R"({"comment":"done"})");
    EXPECT_EQ(done.out, "Revoked r-0123abcd: alice on prod; its sessions are told to end\n");
}

TEST_F(Requests, AreRevokedByTheirGrantToo) {
    api.on("POST /api/v1/grants/g-0123abcd/revoke", 403, problem(403, "Only administrators may"));
    api.on("GET /api/v1/requests", 200, list(request("APPROVED", false)));
    api.on("POST /api/v1/requests/r-0123abcd/revoke", 200, request("REVOKED"));
    const auto done = curfew({"revoke", "g-0123abcd"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, StartsWith("Revoked r-0123abcd"));
}

TEST_F(Requests, LeaveAForeignGrantAlone) {
    api.on("POST /api/v1/grants/g-77777777/revoke", 403, problem(403, "Only administrators may"));
    api.on("GET /api/v1/requests", 200, list(request("APPROVED", false)));
    const auto done = curfew({"revoke", "g-77777777"});
    EXPECT_EQ(done.exit_code, 6);
    EXPECT_EQ(done.err, "curfew: Only administrators may\n");
}

TEST_F(Requests, AreWhatAnExtensionIsForWhoDoesNotAdminister) {
    api.on("GET /api/v1/me", 200, me());
    api.on("POST /api/v1/requests", 201, request("PENDING"));
    EXPECT_EQ(curfew({"extend", "g-0123abcd", "--by", "30m", "--reason", "nearly done"}).exit_code, 0);
    EXPECT_EQ(body_of("POST /api/v1/requests"),
              R"({"extends":"g-0123abcd","duration":"30m","reason":"nearly done"})");
}

TEST_F(Requests, AreNotNeededForAnAdministratorsExtension) {
    api.on("GET /api/v1/me", 200, me(true));
    api.on("POST /api/v1/grants/g-0123abcd/extend", 200, grant());
    EXPECT_EQ(curfew({"extend", "g-0123abcd", "--by", "30m"}).exit_code, 0);
    EXPECT_TRUE(api.seen("POST /api/v1/requests").empty());
}

TEST_F(Requests, AreExplainedRuleByRule) {
    api.on(
        "GET /api/v1/explain", 200,
        R"({"user":"alice","resource":"prod","type":"jit","administrator":false,"rules":[{"rule":{"name":"prod",)"
        R"("description":"Production","required_groups":["dev"],"approval_groups":["dba-team"],)"
        R"("require_all_groups":false,"min_approvals":2,"max_duration":"4h","recording":"statements"},"applies":"yes"},)"
        R"({"rule":{"name":"other","required_groups":[],"approval_groups":[],"min_approvals":1,)"
        R"("max_duration":"1h","recording":"full"},"applies":"other_resource"}],"terms":{"rules":["prod"],"covered":true,)"
        R"("may_ask":true,"max_duration":"4h","default_duration":"1h","break_glass_duration":null,)"
        R"("reason_required":true,"reason_patterns":["OPS-[0-9]+"],"allowed_times":[{"time_zone":"Europe/Berlin",)"
        R"("windows":["Mon-Fri 08:00-18:00"]}],"reviewing_groups":["dba-team"],"skips_review":false,)"
        R"("may_break_glass":false}})");
    const auto done = curfew({"rules", "explain", "alice", "prod"});
    EXPECT_EQ(done.out,
              "alice may ask for prod\n"
              "  duration   at most 4h, 1h where nothing is said\n"
              "  reason     required, must match OPS-[0-9]+\n"
              "  times      Mon-Fri 08:00-18:00 (Europe/Berlin)\n"
              "  review     by dba-team\n"
              "  recorded   statements\n"
              "prod\tapplies\tdev\tdba-team (2 approvals)\t4h\tProduction\n"
              "other\tis for other resources\teveryone\tnone\t1h\t-\n");
    EXPECT_EQ(api.seen()[0].target, "/api/v1/explain?resource=prod&type=jit&user=alice");
}

TEST_F(Requests, ForCommandsAreExplainedWithWhatRunsUnasked) {
    api.on("GET /api/v1/explain", 200,
           R"({"user":"alice","resource":"prod","type":"command","administrator":false,"rules":[{"rule":{)"
           R"("name":"prod","required_groups":[],"approval_groups":["dba-team"],"min_approvals":1,)"
           R"("max_duration":"4h","recording":"off","allowed_statements":{"select":["public.orders","a.*"],)"
           R"("functions":["public.total"]}},"applies":"yes"}],"terms":{"may_ask":true}})");
    EXPECT_THAT(curfew({"rules", "explain", "alice", "prod", "--type", "command"}).out,
                HasSubstr("  unasked    prod: SELECT of public.orders, a.*; functions public.total\n"));
}

TEST_F(Requests, ForCommandsAreExplainedWithWhatIsSeenBeforehand) {
    const auto preview_of_two = [&](const std::string& one, const std::string& other) {
        const auto rule = [](const std::string& preview, const std::string& applies) {
            return R"({"rule":{"name":"r","preview":")" + preview + R"("},"applies":")" + applies + "\"}";
        };
        api.on("GET /api/v1/explain", 200,
               R"({"user":"alice","resource":"prod","type":"command","administrator":false,"rules":[)" +
                   rule(one, "yes") + "," + rule(other, "yes") + "," + rule("dry_run", "not_in_groups") +
                   R"(],"terms":{"may_ask":true}})");
        return curfew({"rules", "explain", "alice", "prod", "--type", "command"}).out;
    };
    EXPECT_THAT(preview_of_two("off", "off"), Not(HasSubstr("preview")));
    EXPECT_THAT(preview_of_two("explain", "off"), HasSubstr("  preview    by EXPLAIN\n"));
    EXPECT_THAT(preview_of_two("explain", "dry_run"),
                HasSubstr("  preview    by a dry run, rolled back, or EXPLAIN\n"));
}

TEST_F(Requests, PrintWhatTheServerSaysAsJson) {
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("PENDING"));
    EXPECT_EQ(curfew({"--json", "show", "r-0123abcd"}).out, request("PENDING") + "\n");
}

TEST_F(Requests, MakeSenseOrAreRefusedHere) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"request"},
                                               {"request", "prod", "--extend", "g-0123abcd"},
                                               {"request", "prod", "--for", "2"},
                                               {"request", "prod", "--at", "teatime"},
                                               {"requests", "--mine", "--waiting"},
                                               {"requests", "--status", "OPEN"},
                                               {"approve"},
                                               {"rules"},
                                               {"rules", "explain", "alice"},
                                               {"tokens", "create", "ci", "--scopes", "everything"}}) {
        const auto done = curfew(arguments);
        EXPECT_EQ(done.exit_code, 2) << testing::PrintToString(arguments);
        EXPECT_NE(done.err, "") << testing::PrintToString(arguments);
    }
    EXPECT_TRUE(api.seen().empty());
}

}  // namespace
}  // namespace curfew::test
