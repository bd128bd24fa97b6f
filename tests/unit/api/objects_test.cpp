// Users, groups, resources and rules: made, shown, changed and removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// `file`, and what it may refer to.
std::string workplace_with_files(const TemporaryDirectory& directory) {
    return std::string{usual_workplace} + "live: { files: " + directory.path().string() + " }\n";
}

class Objects : public PeopleTest {
protected:
    explicit Objects(const Behind& behind = {}) : PeopleTest{behind} {}

    HttpReply put(const std::string& path, const std::string& body, const std::string& if_match = "*") {
        return administer("PUT", path, body, {{"If-Match", if_match}});
    }
    HttpReply remove(const std::string& path, const std::string& if_match = "*") {
        return administer("DELETE", path, "", {{"If-Match", if_match}});
    }
    std::vector<std::string> names(const std::string& path) {
        const auto list = administer("GET", path).json();
        std::vector<std::string> found;
        for (const auto& item : list.at("items").as_array())
            found.emplace_back(item.at("name").as_string());
        return found;
    }
    // Without who changed it last, and when.
    static boost::json::value settings(const HttpReply& reply) {
        auto shown = reply.json().as_object();
        shown.erase("changed_at");
        shown.erase("changed_by");
        return shown;
    }
};

TEST_F(Objects, AreMadeShownChangedAndRemoved) {
    const auto made = administer("POST", "/groups", R"({"name":"ops team","members":["bob"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.at("location"), "/api/v1/groups/ops%20team");
    EXPECT_EQ(settings(made),
              (boost::json::value{{"name", "ops team"}, {"members", {"bob"}}, {"declared", false}}));
    EXPECT_EQ(made.json().at("changed_at"), "2020-01-01T12:00:00Z");
    const auto shown = administer("GET", "/groups/ops%20team");
    EXPECT_EQ(shown.body, made.body);
    EXPECT_EQ(shown.headers.at("etag"), made.headers.at("etag"));
    const auto changed =
        put("/groups/ops%20team", R"({"members":["alice","bob"]})", shown.headers.at("etag"));
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_NE(changed.headers.at("etag"), shown.headers.at("etag"));
    EXPECT_EQ(changed.json().at("members"), (boost::json::value{"alice", "bob"}));
    EXPECT_EQ(remove("/groups/ops%20team", changed.headers.at("etag")).status, 204);
    EXPECT_EQ(administer("GET", "/groups/ops%20team").status, 404);
}

TEST_F(Objects, NameWhoChangedThemLast) {
    give_password("ann");
    const auto ann = with_cookie(sign_in("ann"));
    ASSERT_EQ(call("POST", "/users", R"({"name":"frank"})", ann).status, 201);
    EXPECT_EQ(administer("GET", "/users/frank").json().at("changed_by"), "ann");
}

// --- How they are shown
// ----------------------------------------------------------------------------------------

TEST_F(Objects, ThatAreUsersAreShownWithWhatTheyAreIn) {
    EXPECT_EQ(administer("GET", "/users/alice").json(), boost::json::parse(R"({
        "name": "alice", "display_name": "Alice Adams", "email": null, "oidc_subject": null, "aliases": ["al"],
        "scram_verifier": null, "certificate_name": "alice", "groups": ["dba", "developers"],
        "administrator": false, "has_password": false, "declared": true, "changed_at": null,
        "changed_by": null})"));
    give_password("ann");
    const auto ann = administer("GET", "/users/ann").json();
    EXPECT_EQ(ann.at("administrator"), true);
    EXPECT_EQ(ann.at("has_password"), true);
    const auto all = administer("GET", "/users").json();
    for (const auto& user : all.at("items").as_array())
        EXPECT_EQ(user.at("has_password").as_bool(), user.at("name") == "ann");
}

TEST_F(Objects, ThatAreResourcesAreShownWithEveryDefault) {
    EXPECT_EQ(administer("GET", "/resources/prod").json(), boost::json::parse(R"({
        "name": "prod", "description": "", "host": "127.0.0.1", "port": 5432,
        "tls": {"sslmode": "disable", "root_certificate": null, "certificate": null, "key": null},
        "databases": ["orders", "stock"], "default_database": "orders", "login": "passthrough",
        "authentication": null, "role": null, "ephemeral": null, "admin_login": null, "ungoverned": null,
        "prepared_transactions": null, "on_store_loss": "keep-until-deadline", "recording": "off",
        "wind_down": null, "attributes": {"env": "prod"},
        "declared": true, "changed_at": null, "changed_by": null})"));
    const auto managed = administer("GET", "/resources/managed").json();
    EXPECT_EQ(managed.at("authentication"), "scram");
    EXPECT_EQ(managed.at("role"), (boost::json::value{{"user", "app"}, {"password", nullptr}}));
    const auto local =
        administer("POST", "/resources", R"({"name":"local","host":"/run/postgresql","port":5433})");
    ASSERT_EQ(local.status, 201) << local.body;
    EXPECT_EQ(local.json().at("host"), "/run/postgresql");
    EXPECT_EQ(local.json().at("port"), 5433);
    EXPECT_TRUE(local.json().at("tls").is_null());
}

TEST_F(Objects, ThatAreRulesAreShownWithEveryDefault) {
    EXPECT_EQ(administer("GET", "/rules/prod").json(), boost::json::parse(R"({
        "name": "prod", "description": "Production", "types": ["jit"], "resources": ["managed", "prod"],
        "attributes": {}, "required_groups": ["developers"], "approval_groups": ["dba"],
        "require_all_groups": false, "min_approvals": 1, "force_approval_groups": [], "skip_review_groups": [],
        "break_glass_groups": [], "max_duration": "4h", "default_duration": "1h",
        "break_glass_duration": "30m", "reason_required": false, "reason_pattern": null, "allowed_times": null,
        "recording": "off", "allowed_statements": null, "preview": "off",
        "declared": true, "changed_at": null, "changed_by": null})"));
    const auto night = administer("POST", "/rules", R"({"name":"night","attributes":{"env":"prod"},
        "approval_groups":["dba"],"reason_pattern":"OPS-[0-9]+",
        "allowed_times":{"time_zone":"Europe/Berlin","windows":["Mon-Fri 20:00-24:00"]}})");
    ASSERT_EQ(night.status, 201) << night.body;
    EXPECT_EQ(night.json().at("reason_pattern"), "OPS-[0-9]+");
    EXPECT_EQ(night.json().at("allowed_times").at("time_zone"), "Europe/Berlin");
}

TEST_F(Objects, ThatAreRulesForCommandsSayWhatIsSeenBeforehand) {
    const auto made = administer("POST", "/rules", R"({"name":"commands","types":["command"],
        "resources":["managed"],"approval_groups":["dba"],"preview":"explain"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json().at("preview"), "explain");
    EXPECT_EQ(administer("GET", "/rules/commands").json().at("preview"), "explain");
    const auto refused = administer("POST", "/rules", R"({"name":"windows","resources":["managed"],
        "approval_groups":["dba"],"preview":"dry_run"})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.problems(), ElementsAre(StartsWith("preview: is about commands")));
}

// What is shown is what can be sent again: nothing changes by that.
TEST_F(Objects, AreTheSameAfterWhatIsShownIsSentAgain) {
    for (const char* made :
         {R"(/rules {"name":"r","resources":["prod"],"approval_groups":["dba"]})",
          R"(/rules {"name":"c","resources":["prod"],"approval_groups":["dba"],)"
          R"("types":["command"],"preview":"dry_run"})",
          R"(/resources {"name":"r","host":"db1"})", R"(/resources {"name":"s","host":"/run/postgresql"})",
          R"(/users {"name":"r","aliases":["rr"],"email":"r@example.org"})"}) {
        const std::string text{made};
        const auto path = text.substr(0, text.find(' '));
        const auto first = administer("POST", path, text.substr(text.find(' ')));
        ASSERT_EQ(first.status, 201) << first.body;
        boost::json::object sent;
        const boost::json::value shown = first.json();
        for (const auto& [name, value] : shown.as_object()) {
            const bool told = name == "name" || name == "declared" || name == "changed_at" ||
                              name == "changed_by" || name == "groups" || name == "administrator" ||
                              name == "has_password";
            const bool nothing = value.is_null() || (value.is_string() && value.as_string().empty()) ||
                                 (value.is_array() && value.as_array().empty()) ||
                                 (value.is_object() && value.as_object().empty());
            if (!told && !nothing) sent[name] = value;
        }
        if (auto* tls = sent.if_contains("tls"))
            sent["tls"] = boost::json::object{{"sslmode", tls->at("sslmode")}};
        const auto name = text_of(first, "name");
        const auto again = put(path + "/" + name, boost::json::serialize(sent));
        ASSERT_EQ(again.status, 200) << again.body;
        EXPECT_EQ(settings(again), settings(first));
    }
}

class ObjectsWithSecrets : public Objects {
protected:
    ObjectsWithSecrets() : Objects{Behind{declared()}} {}

    static std::string declared() {
        files = std::make_unique<TemporaryDirectory>();
        files->write("password", "very secret\n");
        std::string yaml = workplace_with_files(*files);
        const std::string role = "role: { user: app }";
        yaml.replace(yaml.find(role), role.size(),
                     "role: { user: app, password: { file: " + (*files / "password").string() + " } }");
        return yaml;
    }
    ~ObjectsWithSecrets() override { files.reset(); }
    static std::unique_ptr<TemporaryDirectory> files;
};
std::unique_ptr<TemporaryDirectory> ObjectsWithSecrets::files;

TEST_F(ObjectsWithSecrets, TellWhereASecretIsAndNeverWhatItIs) {
    const std::string file = (*files / "password").string();
    const auto made =
        administer("POST", "/resources",
                   R"({"name":"live","host":"db1","admin_login":{"user":"curfew","password":{"file":")" +
                       file + R"("}}})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(
        made.json().at("admin_login"),
        (boost::json::value{{"user", "curfew"}, {"password", {{"file", file}}}, {"database", "postgres"}}));
    EXPECT_THAT(made.body, Not(HasSubstr("very secret")));
    const auto declared = administer("GET", "/resources/managed");
    EXPECT_EQ(declared.json().at("role"),
              (boost::json::value{{"user", "app"}, {"password", {{"declared", true}}}}));
    EXPECT_THAT(declared.body, AllOf(Not(HasSubstr("very secret")), Not(HasSubstr(file))));
}

TEST_F(ObjectsWithSecrets, DoNotRepeatASecretThatStandsInPlaceOfItsName) {
    const auto reply = administer("POST", "/users", R"({"name":"frank","scram_verifier":"very secret"})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, Not(HasSubstr("very secret")));
}

TEST_F(Objects, MayHaveRolesThatCurfewMakes) {
    const auto made =
        administer("POST", "/resources",
                   R"({"name":"live","host":"db1","login":"ephemeral","admin_login":{"user":"a"},
                                     "ephemeral":{"member_of":["app_rw"],"owner":"app_owner"}})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json().at("ephemeral"),
              (boost::json::value{{"member_of", boost::json::array{"app_rw"}}, {"owner", "app_owner"}}));
    EXPECT_EQ(made.json().at("login"), "ephemeral");
    EXPECT_EQ(made.json().at("authentication"), "scram");
}

TEST_F(Objects, AreListedByNameAPageAtATime) {
    ASSERT_EQ(administer("POST", "/groups", R"({"name":"app"})").status, 201);
    EXPECT_THAT(names("/groups"), ElementsAre("administrators", "app", "dba", "developers", "security"));
    const auto first = administer("GET", "/groups?limit=2").json();
    EXPECT_EQ(first.at("next"), "app");
    EXPECT_THAT(names("/groups?limit=2&after=app"), ElementsAre("dba", "developers"));
    EXPECT_TRUE(administer("GET", "/groups?limit=2&after=developers").json().at("next").is_null());
    EXPECT_THAT(names("/users"), ElementsAre("alice", "ann", "bob", "carol"));
    EXPECT_THAT(names("/resources"), ElementsAre("managed", "prod", "uncovered"));
    EXPECT_THAT(names("/rules"), ElementsAre("prod"));
}

// --- What keeps people from undoing each other's changes
// -------------------------------------------------------

TEST_F(Objects, AreChangedOnlyByWhoHasSeenThemAsTheyAre) {
    ASSERT_EQ(administer("POST", "/groups", R"({"name":"ops"})").status, 201);
    const auto seen = administer("GET", "/groups/ops").headers.at("etag");
    ASSERT_EQ(put("/groups/ops", R"({"members":["bob"]})", seen).status, 200);
    const auto late = put("/groups/ops", "{}", seen);
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(late.json().at("code"), "precondition_failed");
    EXPECT_EQ(remove("/groups/ops", seen).status, 412);
    EXPECT_EQ(put("/groups/ops", "{}", "\"0\"").status, 412);
    EXPECT_EQ(remove("/groups/ops", "\"0\"").status, 412);
    EXPECT_EQ(administer("PUT", "/groups/ops", "{}").status, 428);
    EXPECT_EQ(administer("DELETE", "/groups/ops").status, 428);
    EXPECT_EQ(administer("GET", "/groups/ops").json().at("members"), boost::json::value{"bob"});
    EXPECT_EQ(put("/groups/ops", "{}", "*").status, 200) << "whatever it is";
    EXPECT_EQ(remove("/groups/ops", "*").status, 204);
}

TEST_F(Objects, ThatThereAreNotAreNeitherChangedNorRemoved) {
    EXPECT_EQ(put("/groups/ops", "{}").status, 404);
    EXPECT_EQ(put("/groups/ops", "{}", "\"1\"").status, 404);
    EXPECT_EQ(remove("/groups/ops").status, 404);
    EXPECT_EQ(administer("GET", "/groups/ops").status, 404);
}

TEST_F(Objects, AreMadeOnce) {
    const Headers key{{"Idempotency-Key", "k-1"}};
    const auto first = administer("POST", "/groups", R"({"name":"ops"})", key);
    const auto again = administer("POST", "/groups", R"({"name":"ops"})", key);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.headers.at("etag"), first.headers.at("etag"));
    const auto another = administer("POST", "/groups", R"({"name":"ops"})");
    EXPECT_EQ(another.status, 409);
    EXPECT_THAT(detail_of(another), HasSubstr("exists already"));
}

TEST_F(Objects, ThatTheFileDeclaresAreReadOnly) {
    const auto before = administer("GET", "/groups/dba");
    EXPECT_FALSE(before.headers.contains("etag"));
    for (const auto& reply :
         {put("/groups/dba", "{}"), put("/groups/dba", "{}", "\"1\""), remove("/groups/dba"),
          administer("PUT", "/groups/dba", "{}"), administer("DELETE", "/groups/dba"),
          administer("POST", "/groups", R"({"name":"dba"})")}) {
        EXPECT_EQ(reply.status, 409);
        EXPECT_EQ(reply.json().at("code"), "conflict");
        EXPECT_THAT(detail_of(reply), HasSubstr("declared in the configuration file"));
    }
    EXPECT_EQ(administer("GET", "/groups/dba").body, before.body);
}

TEST_F(Objects, AreNotMadeOfNonsense) {
    const auto wrong = administer(
        "POST", "/rules", R"({"name":"night","resources":["nosuch"],"min_approvals":0,"colour":"red"})");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(detail_of(wrong), AllOf(HasSubstr("min_approvals"), HasSubstr("colour")));
    const auto unknown = administer("POST", "/groups", R"({"name":"ops","members":["nobody"]})");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_THAT(detail_of(unknown), HasSubstr("there is no user 'nobody'"));
    for (const char* body : {"", "{}", "[]", R"({"name":7})", R"({"name":""})", "{", R"({"name":"a\nb"})"})
        EXPECT_EQ(administer("POST", "/groups", body).status, 400) << body;
    ASSERT_EQ(administer("POST", "/groups", R"({"name":"ops"})").status, 201);
    for (const char* body : {"", "[]", R"(["bob"])", R"({"name":"ops"})"})
        EXPECT_EQ(put("/groups/ops", body).status, 400) << body;
    EXPECT_THAT(names("/rules"), ElementsAre("prod"));
}

TEST_F(Objects, AreRefusedMemberByMember) {
    const auto rule = administer("POST", "/rules", R"({"name":"a/b","resources":["prod"],"colour":"red",
        "approval_groups":["dba",[]],"max_duration":"1h","default_duration":"2h",
        "allowed_times":{"time_zone":"UTC","windows":["Mon-Fri 08:00-18:00","Mon 25:00-26:00"]}})");
    EXPECT_EQ(rule.status, 400);
    EXPECT_THAT(rule.problems(),
                UnorderedElementsAre(StartsWith("name: "), StartsWith("colour: unknown key"),
                                     StartsWith("approval_groups[1]: "),
                                     StartsWith("default_duration: 2h is longer than 'max_duration'"),
                                     StartsWith("allowed_times.windows[1]: ")));
    const auto names = administer(
        "POST", "/rules",
        R"({"name":"r","resources":["nosuch"],"approval_groups":["dba"],"required_groups":["nobody"]})");
    EXPECT_THAT(names.problems(),
                UnorderedElementsAre(StartsWith("resources: there is no resource 'nosuch'"),
                                     StartsWith("required_groups: there is no group 'nobody'")));
    EXPECT_THAT(detail_of(names), HasSubstr("live rule 'r': resources: there is no resource 'nosuch'"));
    const auto group = administer("POST", "/groups", R"({"name":"ops","members":["bob","nobody"]})");
    EXPECT_THAT(group.problems(), ElementsAre(StartsWith("members[1]: there is no user 'nobody'")));
    EXPECT_THAT(administer("POST", "/groups", "{}").problems(), ElementsAre(StartsWith("name: ")));
}

TEST_F(Objects, AreRefusedByTheMemberThatSomebodyElseHasAlready) {
    ASSERT_EQ(administer("POST", "/users", R"({"name":"frank","email":"f@example.org"})").status, 201);
    const auto taken = administer("POST", "/users", R"({"name":"gina","email":"F@example.org"})");
    EXPECT_EQ(taken.status, 400);
    EXPECT_THAT(taken.problems(),
                ElementsAre("email: the address 'f@example.org' already means the user 'frank'"));
}

TEST_F(Objects, ThatStandInTheWayOfAnotherAreNoMatterOfItsMembers) {
    ASSERT_EQ(administer("POST", "/users", R"({"name":"zoe","email":"z@example.org"})").status, 201);
    const auto taken = administer("POST", "/users", R"({"name":"frank","email":"z@example.org"})");
    EXPECT_EQ(taken.status, 400);
    EXPECT_THAT(taken.problems(), ElementsAre(": live user 'zoe': email: the address 'z@example.org' "
                                              "already means the user 'frank'"));
}

TEST_F(Objects, AreRefusedWithoutMembersWhereNoneIsWrong) {
    ASSERT_EQ(administer("POST", "/groups", R"({"name":"ops"})").status, 201);
    EXPECT_FALSE(administer("POST", "/groups", R"({"name":"ops"})").json().as_object().contains("problems"));
}

// --- What a change ends
// ----------------------------------------------------------------------------------------

TEST_F(Objects, ThatAreUsersLeaveTheirGroupsWhenTheyGo) {
    ASSERT_EQ(administer("POST", "/users", R"({"name":"frank"})").status, 201);
    ASSERT_EQ(administer("POST", "/groups", R"({"name":"ops","members":["bob","frank"]})").status, 201);
    ASSERT_EQ(remove("/users/frank").status, 204);
    EXPECT_EQ(administer("GET", "/groups/ops").json().at("members"), boost::json::value{"bob"});
}

TEST_F(Objects, TakeEffectAtOnce) {
    give_password("bob");
    const auto bob = with_cookie(sign_in("bob"));
    EXPECT_EQ(call("GET", "/users", "", bob).status, 403);
    ASSERT_EQ(administer("POST", "/users", R"({"name":"frank","aliases":["frankie"]})").status, 201);
    give_password("frank");
    EXPECT_EQ(call("GET", "/me", "", with_cookie(sign_in("Frankie"))).json().at("name"), "frank");
}

// --- Who may know
// ----------------------------------------------------------------------------------------------

TEST_F(Objects, DoNotTellOthersWhetherThereIsSomebody) {
    give_password("bob");
    const auto bob = with_cookie(sign_in("bob"));
    for (const char* method : {"GET", "PUT", "DELETE"}) {
        const auto somebody = call(method, "/users/alice", "", bob);
        const auto nobody = call(method, "/users/nobody", "", bob);
        EXPECT_EQ(somebody.status, 403);
        EXPECT_EQ(somebody.body, nobody.body);
    }
    EXPECT_EQ(call("POST", "/users", R"({"name":"alice"})", bob).body,
              call("POST", "/users", R"({"name":"nobody"})", bob).body);
    EXPECT_EQ(call("POST", "/users/alice/one-time-link", "", bob).body,
              call("POST", "/users/nobody/one-time-link", "", bob).body);
}

}  // namespace
}  // namespace curfew::test
