// What people do with the command line, from the first administrator on, at a real server and without a
// terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cli_office.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Cli : public AtTheOffice {};

TEST_F(Cli, SignsInTheFirstAdministratorByTheLinkInTheLog) {
    const auto me = ada.asks({"whoami"});
    EXPECT_EQ(me.at("user"), "ada");
    EXPECT_EQ(me.at("administrator"), true);
    EXPECT_EQ(me.at("via"), "token");
}

TEST_F(Cli, SignsInByAPasswordThatALinkLetsOneChoose) {
    const auto me = alice.asks({"whoami"});
    EXPECT_EQ(me.at("user"), "alice");
    EXPECT_EQ(me.at("administrator"), false);
    const auto wrong =
        Person{"alice"}.curfew({"login", office.url(), "--password", "--user", "alice"}, "wrong horse\n");
    EXPECT_EQ(wrong.exit_code, 7);
    EXPECT_EQ(wrong.out, "");
}

TEST_F(Cli, TakesALinkOnce) {
    const Person carol{"carol"};
    ada.does({"admin", "create", "user", "carol"});
    const auto link = ada.does({"admin", "link", "carol"});
    carol.does({"login", "--one-time", link}, "a password of carol's\n");
    EXPECT_EQ(carol.asks({"whoami"}).at("user"), "carol");
    EXPECT_EQ(carol.curfew({"login", "--one-time", link}, "another of carol's\n").exit_code, 7);
}

TEST_F(Cli, IsNobodyAfterSigningOut) {
    const Person alice_elsewhere{"alice"};
    alice_elsewhere.does({"login", office.url(), "--password", "--user", "alice"},
                         std::string{Person::password} + "\n");
    const auto before = alice_elsewhere.asks({"tokens"}).at("items").as_array().size();
    alice_elsewhere.does({"logout"});
    EXPECT_EQ(alice_elsewhere.curfew({"whoami", "--server", office.url()}).exit_code, 7);
    EXPECT_EQ(alice.asks({"tokens"}).at("items").as_array().size(), before - 1);
}

TEST_F(Cli, GivesProgramsATokenThatDoesWhatItsScopesSay) {
    const auto secret = alice.does({"tokens", "create", "report", "--scopes", "read"});
    const Environment program{{"CURFEW_TOKEN", secret.substr(0, secret.find('\n'))},
                              {"CURFEW_SERVER", office.url()}};
    EXPECT_EQ(run_curfew({"requests"}, "", program).exit_code, 0);
    const auto resource = new_resource();
    EXPECT_EQ(run_curfew({"request", resource}, "", program).exit_code, 6);
    alice.does({"tokens", "revoke", id_in(alice.does({"tokens"}), "t-")});
}

TEST_F(Cli, LetsOnlyAdministratorsAdminister) {
    const auto refused = alice.curfew({"admin", "create", "group", "friends", "--members", "alice"});
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.err, StartsWith("curfew: "));
    EXPECT_EQ(alice.curfew({"admin", "show", "user", "bob"}).exit_code, 6);
}

TEST_F(Cli, OpensAResourceByOneLine) {
    const auto resource = new_resource();
    EXPECT_THAT(ada.does({"admin", "show", "resource", resource}), HasSubstr("login: managed"));
    EXPECT_THAT(ada.does({"admin", "show", "rule", resource}), HasSubstr("dba"));
    EXPECT_THAT(alice.does({"resources"}), HasSubstr(resource));
    EXPECT_THAT(alice.does({"rules", "explain", "alice", resource}), HasSubstr(resource));
}

TEST_F(Cli, ChangesOnlyWhatNobodyElseHasChanged) {
    const auto resource = new_resource();
    ada.does({"admin", "edit", "rule", resource, "--max-duration", "2h"});
    EXPECT_THAT(ada.does({"admin", "show", "rule", resource}), HasSubstr("2h"));
    const auto longer = alice.curfew({"request", resource, "--for", "3h"});
    EXPECT_NE(longer.exit_code, 0);
    EXPECT_THAT(longer.err, HasSubstr("2h"));
}

TEST_F(Cli, ExportsWhatItCanApply) {
    const auto resource = new_resource();
    const auto exported = ada.does({"admin", "export"});
    EXPECT_THAT(exported, AllOf(HasSubstr(resource + ":"), HasSubstr("alice:"), HasSubstr("dba:")));
    ada.does({"admin", "delete", "rule", resource});
    ada.does({"admin", "delete", "resource", resource});
    EXPECT_EQ(ada.curfew({"admin", "show", "resource", resource}).exit_code, 3);
    ada.does({"admin", "apply", "-"}, exported);
    EXPECT_EQ(ada.does({"admin", "export"}), exported);
}

TEST_F(Cli, AsksAndDecides) {
    const auto resource = new_resource();
    const auto asked = alice.does({"request", resource, "--for", "1h", "--reason", "ticket 7"});
    const auto request = id_in(asked);
    EXPECT_EQ(waiting(resource), request);
    EXPECT_EQ(alice.curfew({"approve", request}).exit_code, 6) << "nobody approves for themselves";
    EXPECT_THAT(bob.does({"approve", request, "--for", "30m", "--comment", "be quick"}),
                HasSubstr("APPROVED"));
    const auto shown = alice.asks({"show", request});
    EXPECT_EQ(shown.at("status"), "APPROVED");
    EXPECT_EQ(shown.at("granted"), "30m");
    EXPECT_EQ(bob.curfew({"reject", request, "--comment", "no"}).exit_code, 4) << "it is decided";
    EXPECT_THAT(alice.does({"grants"}), HasSubstr(resource));
}

TEST_F(Cli, Rejects) {
    const auto resource = new_resource();
    const auto request = id_in(alice.does({"request", resource}));
    EXPECT_THAT(bob.does({"reject", request, "--comment", "not today"}), HasSubstr("REJECTED"));
    EXPECT_THAT(alice.does({"show", request}), HasSubstr("not today"));
}

TEST_F(Cli, TakesBackWhatWaitsAndWhatWasGiven) {
    const auto resource = new_resource();
    const auto pending = id_in(alice.does({"request", resource}));
    EXPECT_THAT(alice.does({"revoke", pending}), StartsWith("Cancelled " + pending));
    EXPECT_EQ(alice.asks({"show", pending}).at("decision"), "cancelled");
    const auto approved = get_access(resource);
    EXPECT_THAT(alice.does({"revoke", grant_of(approved)}), StartsWith("Revoked " + approved))
        << "a grant goes by its request";
    EXPECT_EQ(alice.asks({"show", approved}).at("status"), "REVOKED");
}

TEST_F(Cli, PrintsEveryAnswerAsJsonWhereThatIsWanted) {
    const auto resource = new_resource();
    const auto request = get_access(resource);
    const std::vector<std::vector<std::string>> commands{
        {"whoami"},
        {"resources"},
        {"requests"},
        {"requests", "--mine"},
        {"show", request},
        {"show", grant_of(request)},
        {"grants"},
        {"grants", "--all"},
        {"sessions"},
        {"tokens"},
        {"rules", "explain", "alice", resource},
    };
    for (const auto& command : commands)
        EXPECT_TRUE(alice.asks(command).is_object()) << command.front();
    const std::vector<std::vector<std::string>> administration{
        {"admin", "list", "user"},        {"admin", "list", "group"},
        {"admin", "list", "resource"},    {"admin", "list", "rule"},
        {"admin", "show", "user", "bob"}, {"admin", "show", "resource", resource},
        {"sessions", "--past"},           {"status"},
        {"tokens", "--user", "alice"},    {"revoke", request},
    };
    for (const auto& command : administration)
        EXPECT_TRUE(ada.asks(command).is_object()) << command.front();
}

TEST_F(Cli, SaysWhatIsNotThere) {
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"show", "r-00000000"}, {"show", "g-00000000"}, {"approve", "r-00000000"}}) {
        const auto done = alice.curfew(command);
        EXPECT_EQ(done.exit_code, 3) << command.front();
        EXPECT_THAT(done.err, HasSubstr("00000000"));
    }
    EXPECT_EQ(alice.curfew({"request", "no-such-thing"}).exit_code, 3);
}

}  // namespace
}  // namespace curfew::test
