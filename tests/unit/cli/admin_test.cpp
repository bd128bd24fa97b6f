// `curfew admin`: what is kept live, against a server that answers as the contract says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Admin : public People {
protected:
    std::string body_of(const std::string& method_and_path) const {
        return boost::json::serialize(sent(method_and_path));
    }
    static std::string rule(const std::string& most = "4h") {
        return R"({"name":"prod","description":"","types":["jit"],"resources":["prod"],"attributes":{},)"
               R"("required_groups":[],"approval_groups":["dba-team","security"],"require_all_groups":true,)"
               R"("min_approvals":2,"force_approval_groups":[],"skip_review_groups":[],"break_glass_groups":[],)"
               R"("max_duration":")" +
               most +
               R"(","default_duration":"1h","break_glass_duration":"1h","reason_required":false,)"
               R"("reason_pattern":null,"allowed_times":null,"declared":false,)"
               R"("changed_at":"2026-11-25T12:00:00Z","changed_by":"alice"})";
    }
    static std::string group(const std::string& name, const std::string& members, bool declared = false) {
        return R"({"name":")" + name + R"(","members":[)" + members + R"(],"declared":)" +
               (declared ? "true" : "false") + R"(,"changed_at":null,"changed_by":null})";
    }
    static std::string resource() {
        return R"({"name":"prod","description":"","host":"db1","port":5432,"tls":{"sslmode":"prefer",)"
               R"("root_certificate":null,"certificate":null,"key":null},"databases":[],"default_database":"",)"
               R"("login":"managed","authentication":"scram","role":{"user":"app","password":{"file":"/etc/p"}},)"
               R"("admin_login":null,"attributes":{"env":"prod"},"declared":false,"changed_at":null,)"
               R"("changed_by":null})";
    }
};

TEST_F(Admin, MakesAResourceAndItsRuleInOneLine) {
    api.on("POST /api/v1/resources", 201, resource(), "ETag: \"1\"\r\n");
    api.on("POST /api/v1/rules", 201, rule());
    const auto done =
        curfew({"admin", "create", "resource", "prod", "--host", "db1", "--login", "managed", "--role", "app",
                "--role-password", "file:/etc/p", "--attributes", "env=prod,team=dba", "--reviewers",
                "dba-team,security", "--require-all-groups", "--max-duration", "4h"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(
        body_of("POST /api/v1/resources"),
        R"({"name":"prod","host":"db1","login":"managed","role":{"user":"app","password":{"file":"/etc/p"}},)"
        R"("attributes":{"env":"prod","team":"dba"}})");
    EXPECT_EQ(body_of("POST /api/v1/rules"),
              R"({"name":"prod","approval_groups":["dba-team","security"],"require_all_groups":true,)"
              R"("max_duration":"4h","resources":["prod"]})");
    EXPECT_EQ(done.out, "Created resource prod, and rule prod: reviewed by dba-team, security\n");
}

TEST_F(Admin, TakesTheResourceBackWhoseRuleIsRefused) {
    api.on("POST /api/v1/resources", 201, resource(), "ETag: \"1\"\r\n");
    api.on("POST /api/v1/rules", 400, problem(400, "There is no group 'dab-team'"));
    api.on("DELETE /api/v1/resources/prod", 204, "");
    const auto done =
        curfew({"admin", "create", "resource", "prod", "--host", "db1", "--reviewers", "dab-team"});
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_THAT(done.err,
                HasSubstr("Nothing was made, for its rule could not be: There is no group 'dab-team'"));
    EXPECT_EQ(api.seen("DELETE /api/v1/resources/prod")[0].header("if-match"), "\"1\"");
}

TEST_F(Admin, SaysThatAResourceWithoutARuleIsClosed) {
    api.on("POST /api/v1/resources", 201, resource());
    const auto done = curfew({"admin", "create", "resource", "prod", "--host", "db1"});
    EXPECT_EQ(done.out, "Created resource prod\n");
    EXPECT_THAT(done.err, HasSubstr("closed to everyone but administrators"));
    EXPECT_TRUE(api.seen("POST /api/v1/rules").empty());
}

TEST_F(Admin, TakesKindAndVerbInEitherOrder) {
    api.on("POST /api/v1/groups", 201, group("dba-team", "\"bob\""));
    EXPECT_EQ(curfew({"admin", "group", "create", "dba-team", "--members", "bob"}).exit_code, 0);
    EXPECT_EQ(body_of("POST /api/v1/groups"), R"({"name":"dba-team","members":["bob"]})");
}

TEST_F(Admin, MakesARuleWithItsTimes) {
    api.on("POST /api/v1/rules", 201, rule());
    EXPECT_EQ(curfew({"admin", "create", "rule", "prod", "--attributes", "env=prod", "--approval-groups",
                      "dba-team", "--allowed-times", "Mon,Wed 08:00-18:00", "--allowed-times",
                      "Fri 08:00-12:00", "--time-zone", "Europe/Berlin", "--min-approvals", "2"})
                  .exit_code,
              0);
    EXPECT_EQ(
        body_of("POST /api/v1/rules"),
        R"({"name":"prod","attributes":{"env":"prod"},"approval_groups":["dba-team"],)"
        R"("min_approvals":2,)"
        R"("allowed_times":{"time_zone":"Europe/Berlin","windows":["Mon,Wed 08:00-18:00","Fri 08:00-12:00"]}})");
}

TEST_F(Admin, MakesARuleForCommandsWithAPreview) {
    api.on("POST /api/v1/rules", 201, rule());
    EXPECT_EQ(curfew({"admin", "create", "rule", "prod", "--types", "command", "--resources", "prod",
                      "--preview", "dry_run", "--approval-groups", "dba-team"})
                  .exit_code,
              0);
    EXPECT_EQ(body_of("POST /api/v1/rules"),
              R"({"name":"prod","types":["command"],"resources":["prod"],"preview":"dry_run",)"
              R"("approval_groups":["dba-team"]})");
}

TEST_F(Admin, ChangesWhatIsSaidAndKeepsTheRest) {
    api.on("GET /api/v1/rules/prod", 200, rule(), "ETag: \"7\"\r\n");
    api.on("PUT /api/v1/rules/prod", 200, rule("2h"));
    const auto done = curfew({"admin", "edit", "rule", "prod", "--max-duration", "2h", "--default-duration",
                              "", "--require-all-groups=false"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    const auto body = sent("PUT /api/v1/rules/prod");
    EXPECT_EQ(body.at("max_duration"), "2h");
    EXPECT_EQ(body.at("require_all_groups"), false);
    EXPECT_EQ(body.at("min_approvals"), 2);
    for (const char* gone : {"default_duration", "name", "declared", "changed_at", "reason_pattern"})
        EXPECT_FALSE(body.contains(gone)) << gone;
    EXPECT_EQ(api.seen("PUT /api/v1/rules/prod")[0].header("if-match"), "\"7\"");
}

TEST_F(Admin, SaysThatSomebodyElseWasFaster) {
    api.on("GET /api/v1/rules/prod", 200, rule(), "ETag: \"7\"\r\n");
    api.on("PUT /api/v1/rules/prod", 412, problem(412, "It has changed since"));
    EXPECT_EQ(curfew({"admin", "edit", "rule", "prod", "--max-duration", "2h"}).exit_code, 4);
}

TEST_F(Admin, AddsAndRemovesMembers) {
    api.on("GET /api/v1/groups/dba-team", 200, group("dba-team", R"("bob","carol")"));
    api.on("PUT /api/v1/groups/dba-team", 200, group("dba-team", ""));
    curfew({"admin", "edit", "group", "dba-team", "--add", "dave,carol", "--remove", "bob"});
    EXPECT_EQ(body_of("PUT /api/v1/groups/dba-team"), R"({"members":["dave","carol"]})");
}

TEST_F(Admin, ChangesNothingThatIsDeclared) {
    api.on("GET /api/v1/groups/dba-team", 200, group("dba-team", "\"bob\"", true));
    const auto done = curfew({"admin", "edit", "group", "dba-team", "--add", "dave"});
    EXPECT_EQ(done.exit_code, 4);
    EXPECT_THAT(done.err, HasSubstr("declared in the configuration file"));
}

TEST_F(Admin, ChangesInAnEditor) {
    api.on("GET /api/v1/groups/dba-team", 200, group("dba-team", "\"bob\""));
    api.on("PUT /api/v1/groups/dba-team", 200, group("dba-team", ""));
    const auto done = run_curfew({"admin", "edit", "group", "dba-team"}, "",
                                 signed_in({{"EDITOR", "sed -i s/bob/carol/"}}));
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(body_of("PUT /api/v1/groups/dba-team"), R"({"members":["carol"]})");
    EXPECT_EQ(
        run_curfew({"admin", "edit", "group", "dba-team"}, "", signed_in({{"EDITOR", "false"}})).exit_code,
        1);
    EXPECT_EQ(curfew({"admin", "edit", "group", "dba-team"}).exit_code, 2) << "there is no editor";
    EXPECT_EQ(api.seen("PUT /api/v1/groups/dba-team").size(), 1U);
}

TEST_F(Admin, ShowsOneAsTheConfigurationFileWouldHaveIt) {
    api.on("GET /api/v1/resources/prod", 200, resource());
    EXPECT_EQ(curfew({"admin", "show", "resource", "prod"}).out,
              "# live\n"
              "resources:\n"
              "  prod:\n"
              "    host: db1\n"
              "    port: 5432\n"
              "    login: managed\n"
              "    authentication: scram\n"
              "    role:\n"
              "      user: app\n"
              "      password:\n"
              "        file: /etc/p\n"
              "    tls:\n"
              "      sslmode: prefer\n"
              "    attributes:\n"
              "      env: prod\n");
}

TEST_F(Admin, ListsEachKind) {
    api.on("GET /api/v1/groups", 200,
           list(group("dba-team", R"("bob","carol")") + "," + group("dev", "", true)));
    EXPECT_EQ(curfew({"admin", "list", "group"}).out, "dba-team\tbob, carol\tlive\ndev\t-\tdeclared\n");
    api.on("GET /api/v1/resources", 200, list(resource()));
    EXPECT_EQ(curfew({"admin", "list", "resource"}).out,
              "prod\tdb1\t5432\tmanaged\tany\tenv=prod\tlive\t-\n");
    api.on("GET /api/v1/rules", 200, list(rule()));
    EXPECT_EQ(curfew({"admin", "list", "rule"}).out,
              "prod\tprod\teveryone\tdba-team, security\t4h\tlive\t-\n");
}

TEST_F(Admin, DeletesOne) {
    api.on("DELETE /api/v1/users/a%20b", 204, "");
    EXPECT_EQ(curfew({"admin", "delete", "user", "a b"}).out, "Deleted user a b\n");
    EXPECT_EQ(api.seen()[0].header("if-match"), "*");
}

TEST_F(Admin, PrintsAOneTimeLinkAlone) {
    api.on("POST /api/v1/users/bob/one-time-link", 201,
           R"({"user":"bob","code":"cfl_x","url":"https://curfew.example.org/#cfl_x",)"
           R"("expires_at":"2026-11-25T12:00:00Z"})");
    EXPECT_EQ(curfew({"admin", "link", "bob"}).out, "https://curfew.example.org/#cfl_x\n");
}

TEST_F(Admin, ExportsWhatIsLiveAndTakesItBackAsItWas) {
    api.on("GET /api/v1/users", 200, list(""));
    api.on("GET /api/v1/groups", 200, list(group("dba-team", "\"bob\"") + "," + group("dev", "", true)));
    api.on("GET /api/v1/resources", 200, list(resource()));
    api.on("GET /api/v1/rules", 200, list(rule()));
    const auto exported = curfew({"admin", "export"});
    EXPECT_EQ(exported.exit_code, 0) << exported.err;
    EXPECT_THAT(exported.out, AllOf(StartsWith("groups:\n  dba-team:\n    members: [bob]\n"),
                                    HasSubstr("    max_duration: 4h"), Not(HasSubstr("dev:"))));
    api.on("GET /api/v1/groups/dba-team", 200, group("dba-team", "\"bob\""));
    api.on("GET /api/v1/resources/prod", 200, resource());
    api.on("GET /api/v1/rules/prod", 200, rule());
    const auto applied = run_curfew({"admin", "apply", "-"}, exported.out, signed_in());
    EXPECT_EQ(applied.exit_code, 0) << applied.err;
    EXPECT_EQ(applied.out, "unchanged group dba-team\nunchanged resource prod\nunchanged rule prod\n");
}

TEST_F(Admin, AppliesWhatIsNewAndWhatDiffers) {
    api.on("GET /api/v1/rules/prod", 200, rule(), "ETag: \"7\"\r\n");
    api.on("PUT /api/v1/rules/prod", 200, rule());
    api.on("POST /api/v1/users", 201, "{}");
    const auto done =
        run_curfew({"admin", "apply", "-"},
                   "rules:\n  prod: {resources: [prod], min_approvals: 3, reason_required: true}\n"
                   "users:\n  bob: {display_name: 'true', aliases: [007]}\n",
                   signed_in());
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out, "created user bob\nchanged rule prod\n") << "users first: rules may name them";
    EXPECT_EQ(body_of("POST /api/v1/users"), R"({"name":"bob","display_name":"true","aliases":["007"]})");
    EXPECT_EQ(body_of("PUT /api/v1/rules/prod"),
              R"({"resources":["prod"],"min_approvals":3,"reason_required":true})");
}

TEST_F(Admin, RefusesAFileThatCannotBeKeptLive) {
    for (const char* text : {"listeners: []\n", "users: [bob]\n", "{", "a: 1\na: 2\n", "just text\n", ""}) {
        const auto done = run_curfew({"admin", "apply", "-"}, text, signed_in());
        EXPECT_EQ(done.exit_code, 2) << text;
        EXPECT_NE(done.err, "") << text;
    }
    EXPECT_EQ(curfew({"admin", "apply", "/nonexistent.yaml"}).exit_code, 2);
    EXPECT_TRUE(api.seen().empty());
}

TEST_F(Admin, RefusesOptionsThatMakeNoSense) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"create", "resource", "prod"},
             {"create", "resource", "prod", "--host", "db1", "--min-approvals", "2"},
             {"create", "resource", "prod", "--host", "db1", "--port", "many"},
             {"create", "rule", "prod", "--max-duration", "4"},
             {"create", "rule", "prod", "--attributes", "prod"},
             {"create", "user", "bob", "--scram-verifier", "SCRAM-SHA-256$secret"},
             {"create", "group"},
             {"list", "sessions"},
             {"create"}}) {
        auto all = arguments;
        all.insert(all.begin(), "admin");
        const auto done = curfew(all);
        EXPECT_EQ(done.exit_code, 2) << testing::PrintToString(arguments);
        EXPECT_THAT(done.err, AllOf(Not(testing::IsEmpty()), Not(HasSubstr("secret"))));
    }
    EXPECT_TRUE(api.seen().empty());
}

}  // namespace
}  // namespace curfew::test
