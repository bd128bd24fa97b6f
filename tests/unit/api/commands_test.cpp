// Commands by HTTP: asked for as scripts, shown to those who decide, and what people connect with for them.
#include <gmock/gmock.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "requests_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

namespace json = boost::json;

std::string with_a_rule_for_commands() {
    std::string workplace = usual_workplace;
    workplace.replace(workplace.find("login: managed,"), 0, "databases: [orders, stock], ");
    return workplace + R"(  commands:
    types: [command]
    resources: [prod, managed]
    required_groups: [developers]
    approval_groups: [dba]
)";
}

class Commands : public AskingByHttp {
protected:
    Commands() : AskingByHttp{declared_.c_str()} {}

    HttpReply ask_to_run(const std::string& sql, const std::string& resource = "managed",
                         const std::string& database = "") const {
        json::object command{{"sql", sql}};
        if (!database.empty()) command["database"] = database;
        const json::object body{{"resource", resource}, {"type", "command"}, {"command", command}};
        return ask("bob", json::serialize(body));
    }
    std::string asked_to_run(const std::string& sql) const {
        const auto made = ask_to_run(sql);
        EXPECT_EQ(made.status, 201) << made.body;
        return id_of(made.json());
    }
    // Has it count as run, and keeps this of it.
    void ran(const std::string& request, policy::CommandResult result) {
        const auto id = RequestId::parse(request).value();
        admin.await([&](Workplace& workplace) -> api::Awaitable<bool> {
            auto claiming = workplace.commands.claim(id);
            const auto claimed = co_await std::move(claiming);
            EXPECT_TRUE(claimed) << claimed.error().message;
            auto keeping = workplace.commands.ran(id, result);
            co_await std::move(keeping);
            co_return true;
        });
    }

private:
    static inline const std::string declared_ = with_a_rule_for_commands();
};

TEST_F(Commands, AreShownAsTheyWereAskedFor) {
    const auto request = ask_to_run("UPDATE orders\n   SET done = true;\n").json();
    EXPECT_EQ(request.at("type"), "command");
    EXPECT_EQ(request.at("status"), "PENDING");
    const json::value expected{
        {"form", "script"},
        {"database", "orders"},
        {"statements", {{{"sql", "UPDATE orders\n   SET done = true;\n"}, {"parameters", json::array{}}}}},
        {"cut", false},
        {"session", nullptr},
        {"why_asked", ""},
        {"preview", nullptr}};
    EXPECT_EQ(json::serialize(request.at("command")), json::serialize(expected));
    EXPECT_TRUE(request.at("command_result").is_null());
}

TEST_F(Commands, ShowWhatWouldBeInvisible) {
    const auto request = ask_to_run("SELECT 'a\xE2\x80\xAE z'").json();
    EXPECT_EQ(request.at("command").at("statements").at(0).at("sql"), "SELECT 'a\\xe2\\x80\\xae z'");
}

TEST_F(Commands, MayNameADatabaseOfTheResource) {
    EXPECT_EQ(ask_to_run("SELECT 1", "managed", "stock").status, 201);
    const auto refused = ask_to_run("SELECT 1", "managed", "secrets");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(detail(refused), HasSubstr("has no database 'secrets'"));
    EXPECT_EQ(refused.json().at("problems").at(0).at("member"), "command.database") << refused.body;
}

TEST_F(Commands, AreNotRunWherePeopleLogInWithTheirOwnPasswords) {
    const auto refused = ask_to_run("SELECT 1", "prod");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(detail(refused), AllOf(HasSubstr("'prod'"), HasSubstr("login: passthrough")));
}

TEST_F(Commands, GoWithRequestsOfTheirType) {
    const auto bare = ask("bob", R"({"resource":"managed","type":"command"})");
    EXPECT_EQ(bare.status, 400);
    const auto other = ask("bob", R"({"resource":"managed","command":{"sql":"SELECT 1"}})");
    EXPECT_EQ(other.status, 400);
    const auto empty = ask("bob", R"({"resource":"managed","type":"command","command":{}})");
    EXPECT_EQ(empty.status, 400);
    EXPECT_THAT(detail(empty), HasSubstr("'sql' is missing"));
}

TEST_F(Commands, MayBeAsLongAsSomebodyCanApprove) {
    std::string script = "SELECT 1;\n";
    while (script.size() + 10 <= policy::longest_command)
        script += "SELECT 1;\n";
    EXPECT_EQ(ask_to_run(script).status, 201);
    script.resize(policy::longest_command + 1, ' ');
    EXPECT_EQ(ask_to_run(script).status, 400);
}

TEST_F(Commands, AreCutInLists) {
    const std::string script = "SELECT '" + std::string(2'500, 'x') + "'";
    const auto id = asked_to_run(script);
    const auto listed = call("bob", "GET", "/requests").json().at("items").at(0).at("command");
    EXPECT_EQ(text(listed.at("statements").at(0).at("sql")), script.substr(0, 2'000));
    EXPECT_EQ(listed.at("statements").at(0).at("sql_size"), script.size());
    EXPECT_EQ(listed.at("cut"), true);
    const auto whole = seen_by("carol", id).at("command");
    EXPECT_EQ(text(whole.at("statements").at(0).at("sql")), script);
    EXPECT_EQ(whole.at("cut"), false);
}

TEST_F(Commands, ShowWhatCameOfThem) {
    const auto id = asked_to_run("SELECT name FROM people");
    EXPECT_EQ(review("carol", id).status, 200);
    policy::CommandResult result;
    result.outcome = policy::CommandResult::Outcome::succeeded;
    result.parts.push_back({"SELECT 2", {"name"}, {{"ann"}, {std::nullopt}}, 2});
    result.notices = {"NOTICE:  two people"};
    result.ended_at = noon;
    ran(id, result);
    const auto request = seen_by("carol", id);
    EXPECT_EQ(request.at("status"), "EXECUTED");
    EXPECT_EQ(request.at("decision"), "command_run");
    const json::value expected{{"outcome", "succeeded"},
                               {"parts",
                                {{{"tag", "SELECT 2"},
                                  {"columns", json::array{"name"}},
                                  {"rows", json::array{json::array{"ann"}, json::array{nullptr}}},
                                  {"rows_in_all", 2}}}},
                               {"notices", json::array{"NOTICE:  two people"}},
                               {"sqlstate", ""},
                               {"message", ""},
                               {"cut", false},
                               {"ended_at", "2020-01-01T12:00:00Z"}};
    EXPECT_EQ(json::serialize(request.at("command_result")), json::serialize(expected));
    const auto listed = call("bob", "GET", "/requests").json().at("items").at(0).at("command_result");
    EXPECT_EQ(listed.at("parts").at(0).at("tag"), "SELECT 2");
    EXPECT_TRUE(listed.at("parts").at(0).at("rows").as_array().empty());
    EXPECT_TRUE(listed.at("notices").as_array().empty());
}

TEST_F(Commands, AreConnectedForWithAPasswordOfTheirOwn) {
    const auto access = call("bob", "POST", "/resources/managed/command-access");
    ASSERT_EQ(access.status, 200) << access.body;
    EXPECT_EQ(access.json().at("grant").at("use"), "commands");
    EXPECT_EQ(access.json().at("grant").at("subject"), "bob");
    const auto credential = access.json().at("credential");
    EXPECT_EQ(credential.at("user"), "bob");
    EXPECT_THAT(text(credential.at("uri")), StartsWith("postgresql://bob:"));
    const auto told = told_to_the_node();
    ASSERT_FALSE(told.empty());
    EXPECT_TRUE(told.back().grant.verifier);
}

TEST_F(Commands, AreConnectedForByTheSameGrantEachTime) {
    const auto first = call("bob", "POST", "/resources/managed/command-access").json();
    const auto second = call("bob", "POST", "/resources/managed/command-access").json();
    EXPECT_EQ(first.at("grant").at("id"), second.at("grant").at("id"));
    EXPECT_NE(first.at("credential").at("password"), second.at("credential").at("password"));
}

TEST_F(Commands, AreConnectedForWithoutAPasswordWherePeopleHaveTheirOwn) {
    const auto access = call("bob", "POST", "/resources/prod/command-access");
    ASSERT_EQ(access.status, 200) << access.body;
    EXPECT_TRUE(access.json().at("credential").is_null());
}

TEST_F(Commands, AreConnectedForByThoseWhoMayAskAlone) {
    EXPECT_EQ(call("carol", "POST", "/resources/managed/command-access").status, 403);
    EXPECT_EQ(call("bob", "POST", "/resources/uncovered/command-access").status, 403);
    EXPECT_EQ(call("bob", "POST", "/resources/managed/command-access", R"({"for":"2h"})").status, 400);
}

}  // namespace
}  // namespace curfew::test
