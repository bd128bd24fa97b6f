#include "policy/diagnosis.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace curfew::policy {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string one_address = "255.255.255.255";

// curfewd on another machine than PostgreSQL, and nothing wrong.
ServerFacts sound() {
    ServerFacts facts;
    facts.admin_role = "curfew_admin";
    facts.version = 150000;
    facts.settings = {{"listen_addresses", "*"},
                      {"client_connection_check_interval", "10000"},
                      {"idle_session_timeout", "0"},
                      {"unix_socket_permissions", "0777"}};
    facts.node_addresses = {"192.0.2.10"};
    facts.hba = {{1, "local", {"all"}, {"postgres"}, "", "", "peer", ""},
                 {2, "hostssl", {"all"}, {"all"}, "192.0.2.10", one_address, "scram-sha-256", ""},
                 {3, "host", {"all"}, {"all"}, "all", "", "reject", ""}};
    facts.ungoverned.emplace();
    RoleFacts role;
    role.name = "app_rw";
    facts.roles = {role};
    return facts;
}

// The same, beside PostgreSQL, by its Unix socket.
ServerFacts sound_beside() {
    ServerFacts facts = sound();
    facts.settings["listen_addresses"] = "";
    facts.settings["unix_socket_permissions"] = "0770";
    facts.node_addresses = {""};
    facts.hba = {{1, "local", {"all"}, {"all"}, "", "", "scram-sha-256", ""}};
    return facts;
}

const GovernedRoles shared_role{{"app_rw"}, true};
const GovernedRoles peoples_roles{{"app_rw"}, false};

auto has(const std::string& check, Severity severity) {
    return Contains(AllOf(Field(&Finding::check, check), Field(&Finding::severity, severity)));
}
std::string problems(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings)
        text += finding.problem + "\n";
    return text;
}

TEST(Diagnosis, FindsNothingWhereNothingIsWrong) {
    EXPECT_EQ(problems(diagnose(sound(), shared_role)), "");
    EXPECT_EQ(problems(diagnose(sound(), peoples_roles)), "");
    EXPECT_EQ(problems(diagnose(sound_beside(), shared_role)), "");
    EXPECT_EQ(problems(diagnose(sound_beside(), peoples_roles)), "");
}

TEST(Diagnosis, HasARemedyForEveryFinding) {
    ServerFacts facts = sound();
    facts.admin_sees_all = facts.admin_signals_all = false;
    facts.settings = {{"idle_session_timeout", "5000"}};
    facts.roles.front().create_role = facts.roles.front().create_database = true;
    facts.roles.front().replication = facts.roles.front().bypass_rls = true;
    facts.roles.front().member_of = {"pg_signal_backend"};
    facts.roles.front().admin_of = {"dba"};
    facts.roles.front().valid_until = "2026-12-31T00:00:00Z";
    facts.roles.front().can_log_in = false;
    facts.ungoverned.reset();
    facts.prepared_transactions = {"x"};
    facts.inactive_slots = {"y"};
    facts.hba.reset();
    const auto findings = diagnose(facts, shared_role);
    EXPECT_GE(findings.size(), 14U);
    EXPECT_THAT(findings, Each(Field(&Finding::remedy, Not(IsEmpty()))));
}

TEST(Diagnosis, NamesTheMostSeriousFirst) {
    ServerFacts facts = sound();
    facts.hba.reset();
    facts.roles.front().bypass_rls = true;
    facts.roles.front().create_role = true;
    std::vector<Severity> severities;
    for (const Finding& finding : diagnose(facts, shared_role))
        severities.push_back(finding.severity);
    EXPECT_THAT(severities, ElementsAre(Severity::serious, Severity::warning, Severity::unchecked));
}

// --- Roles
// ----------------------------------------------------------------------------------------------------

TEST(DiagnosisOfRoles, FindsASuperuser) {
    ServerFacts facts = sound();
    facts.roles.front().superuser = true;
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("role_superuser", Severity::serious));
    EXPECT_THAT(problems(findings), HasSubstr("\"curfew_admin\" cannot terminate its backends"));
    facts.admin_is_superuser = true;
    EXPECT_THAT(problems(diagnose(facts, shared_role)), Not(HasSubstr("cannot terminate")));
}

TEST(DiagnosisOfRoles, FindsWhatOutlastsASession) {
    ServerFacts facts = sound();
    facts.roles.front().create_role = true;
    facts.roles.front().replication = true;
    facts.roles.front().create_database = true;
    facts.roles.front().bypass_rls = true;
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("role_createrole", Severity::serious));
    EXPECT_THAT(findings, has("role_replication", Severity::warning));
    EXPECT_THAT(findings, has("role_createdb", Severity::warning));
    EXPECT_THAT(findings, has("role_bypassrls", Severity::warning));
}

TEST(DiagnosisOfRoles, FindsMembershipsThatNoTimeBoxHolds) {
    ServerFacts facts = sound();
    facts.roles.front().member_of = {"readers", "pg_execute_server_program"};
    facts.roles.front().admin_of = {"readers"};
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("role_membership", Severity::serious));
    EXPECT_THAT(findings, has("role_admin_option", Severity::warning));
    EXPECT_EQ(findings.size(), 2U) << problems(findings);
}

TEST(DiagnosisOfRoles, FindsAPasswordThatEnds) {
    ServerFacts facts = sound();
    facts.roles.front().valid_until = "2026-12-31T00:00:00Z";
    EXPECT_THAT(diagnose(facts, shared_role), has("role_valid_until", Severity::warning));
    EXPECT_THAT(diagnose(facts, peoples_roles), IsEmpty()) << "their own affair until then";
    facts.roles.front().expired = true;
    EXPECT_THAT(diagnose(facts, shared_role), has("role_valid_until", Severity::serious));
    EXPECT_THAT(diagnose(facts, peoples_roles), has("role_valid_until", Severity::warning));
}

TEST(DiagnosisOfRoles, TakesNoOffenceAtTheEndOfARoleThatWasMadeForOneGrant) {
    ServerFacts facts = sound();
    facts.roles.front().name = "curfew_alice_g-7k2m9q4d";
    facts.roles.front().valid_until = "2026-12-31T00:00:00Z";
    facts.roles.front().expired = true;
    facts.roles.front().can_log_in = false;
    EXPECT_THAT(diagnose(facts, {{}, true, "^curfew_"}), IsEmpty());
}

TEST(DiagnosisOfRoles, FindsThatTheRoleOfTheResourceIsNotThere) {
    ServerFacts facts = sound();
    facts.roles.clear();
    EXPECT_THAT(diagnose(facts, shared_role), has("role_missing", Severity::serious));
    EXPECT_THAT(diagnose(facts, peoples_roles), IsEmpty()) << "not everybody has a role everywhere";
}

TEST(DiagnosisOfRoles, FindsWhyEphemeralRolesCannotBeMadeOrDropped) {
    ServerFacts facts = sound();
    facts.role_making = RoleMaking{false, "app_owner", true, false, {"no_such"}, {"app_rw"}};
    const auto found = diagnose(facts, shared_role);
    EXPECT_THAT(found, has("ephemeral_roles", Severity::serious));
    EXPECT_THAT(problems(found), AllOf(HasSubstr("cannot make the roles"), HasSubstr("no role \"no_such\""),
                                       HasSubstr("a member of \"app_rw\""),
                                       HasSubstr("cannot give what people leave to \"app_owner\"")));
    EXPECT_THAT(found,
                Contains(Field(&Finding::remedy, HasSubstr("GRANT \"app_owner\" TO \"curfew_admin\""))));
    facts.role_making = RoleMaking{true, "app_owner", false, false, {}, {}};
    EXPECT_THAT(problems(diagnose(facts, shared_role)), HasSubstr("There is no role \"app_owner\""));
    facts.role_making = RoleMaking{true, "app_owner", true, true, {}, {}};
    EXPECT_THAT(diagnose(facts, shared_role), IsEmpty());
}

TEST(DiagnosisOfRoles, FindsThoseThatWereMadeForAResourceThatIsGone) {
    ServerFacts facts = sound();
    facts.unkept_roles = {"curfew_alice_g-7k3mq9xd"};
    const auto found = diagnose(facts, shared_role);
    EXPECT_THAT(found, has("unkept_roles", Severity::warning));
    EXPECT_THAT(found,
                Contains(Field(&Finding::remedy, HasSubstr("DROP ROLE \"curfew_alice_g-7k3mq9xd\";"))));
}

TEST(DiagnosisOfRoles, QuotesNames) {
    ServerFacts facts = sound();
    facts.roles.front().name = "a\"b";
    facts.roles.front().create_role = true;
    EXPECT_EQ(diagnose(facts, {{"a\"b"}, true}).at(0).remedy, "ALTER ROLE \"a\"\"b\" NOCREATEROLE;");
}

TEST(DiagnosisOfRoles, NamesAFewOfMany) {
    EXPECT_EQ(named_roles({"a"}), "\"a\"");
    EXPECT_EQ(named_roles({"a", "b"}), "\"a\" and \"b\"");
    EXPECT_EQ(named_roles({"a", "b", "c", "d"}), "\"a\", \"b\", \"c\" and \"d\"");
    EXPECT_EQ(named_roles({"a", "b", "c", "d", "e"}), "\"a\", \"b\", \"c\" and 2 others");
}

// --- Settings, and what is there
// ------------------------------------------------------------------------------

TEST(DiagnosisOfSettings, FindsThatStatementsOutliveTheirClients) {
    ServerFacts facts = sound();
    facts.settings["client_connection_check_interval"] = "0";
    EXPECT_THAT(diagnose(facts, shared_role), has("client_connection_check", Severity::warning));
    facts.settings.erase("client_connection_check_interval");
    EXPECT_THAT(problems(diagnose(facts, shared_role)), HasSubstr("14 and later"));
}

TEST(DiagnosisOfSettings, FindsWhatCurfewsRoleLacks) {
    ServerFacts facts = sound();
    facts.admin_sees_all = false;
    facts.admin_signals_all = false;
    facts.settings["idle_session_timeout"] = "60000";
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("admin_rights", Severity::serious));
    EXPECT_THAT(findings, has("admin_idle_timeout", Severity::warning));
    EXPECT_EQ(findings.size(), 3U);
}

TEST(DiagnosisOfTheMoment, FindsWhoIsInWithoutASession) {
    ServerFacts facts = sound();
    facts.ungoverned->push_back({{4711, "2026-11-24T14:05:00Z"}, "app_rw", "orders", "198.51.100.7", "psql"});
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("ungoverned_backends", Severity::serious));
    EXPECT_THAT(problems(findings),
                HasSubstr("pid 4711 (role \"app_rw\", database \"orders\", from 198.51.100.7"));
    facts.ungoverned.reset();
    facts.ungoverned_problem = "the store is away";
    EXPECT_THAT(diagnose(facts, shared_role), has("ungoverned_backends", Severity::unchecked));
}

TEST(DiagnosisOfTheMoment, FindsWhatSessionsLeftBehind) {
    ServerFacts facts = sound();
    facts.prepared_transactions = {"xa-7"};
    facts.inactive_slots = {"forgotten"};
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("prepared_transactions", Severity::warning));
    EXPECT_THAT(findings, has("inactive_slots", Severity::warning));
}

// --- Ways around
// ----------------------------------------------------------------------------------------------

TEST(DiagnosisOfWaysIn, CannotBeMadeOfAFileThatCannotBeRead) {
    ServerFacts facts = sound();
    facts.hba.reset();
    facts.hba_problem = "permission denied";
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("hba_unreadable", Severity::unchecked));
    EXPECT_THAT(findings.at(0).remedy, HasSubstr("GRANT EXECUTE ON FUNCTION pg_hba_file_rules()"));
}

TEST(DiagnosisOfWaysIn, FindsALineThatPostgresCannotUse) {
    ServerFacts facts = sound();
    facts.hba->push_back({9, "host", {"all"}, {"all"}, "all", "", "", "invalid authentication method"});
    EXPECT_THAT(problems(diagnose(facts, shared_role)), HasSubstr("Line 9 of pg_hba.conf is wrong"));
}

TEST(DiagnosisOfWaysIn, FindsALineForOtherAddresses) {
    ServerFacts facts = sound();
    facts.hba->at(1) = {2, "host", {"all"}, {"all"}, "192.0.2.0", "255.255.255.0", "scram-sha-256", ""};
    // Everybody has a password of their own; of the shared role nobody should know it.
    EXPECT_THAT(diagnose(facts, peoples_roles), has("way_around", Severity::serious));
    EXPECT_THAT(diagnose(facts, shared_role), has("way_around", Severity::warning));
    EXPECT_THAT(problems(diagnose(facts, shared_role)),
                HasSubstr("Line 2 of pg_hba.conf (`host all all 192.0.2.0/255.255.255.0 scram-sha-256`) lets "
                          "\"app_rw\" in from elsewhere than Curfew, whoever learns the password"));
    facts.hba->at(1).method = "trust";
    EXPECT_THAT(diagnose(facts, shared_role), has("way_around", Severity::serious));
}

TEST(DiagnosisOfWaysIn, KnowsTheAddressesOfEveryNode) {
    ServerFacts facts = sound();
    facts.hba->at(2) = {3, "host", {"all"}, {"all"}, "192.0.2.11", one_address, "md5", ""};
    EXPECT_THAT(diagnose(facts, shared_role), has("way_around", Severity::warning));
    facts.node_addresses.push_back("192.0.2.11");
    EXPECT_THAT(diagnose(facts, shared_role), IsEmpty());
}

TEST(DiagnosisOfWaysIn, FindsThatTheServersOwnMachineIsOpenWhereCurfewIsElsewhere) {
    ServerFacts facts = sound();
    facts.hba->at(0) = {1, "local", {"all"}, {"all"}, "", "", "peer", ""};
    EXPECT_THAT(diagnose(facts, shared_role), has("way_around", Severity::warning));
    facts.hba->at(0).method = "trust";
    EXPECT_THAT(diagnose(facts, shared_role), has("way_around", Severity::serious));
}

TEST(DiagnosisOfWaysIn, FindsASocketThatIsOpenToTheWholeMachine) {
    ServerFacts facts = sound_beside();
    facts.settings["unix_socket_permissions"] = "0777";
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("way_around", Severity::warning));
    EXPECT_THAT(findings.at(0).remedy, HasSubstr("unix_socket_permissions = 0770"));
}

TEST(DiagnosisOfWaysIn, FindsThatLoopbackIsOpenToTheWholeMachine) {
    ServerFacts facts = sound_beside();
    facts.settings["listen_addresses"] = "localhost, 127.0.0.1";
    facts.node_addresses = {"127.0.0.1"};
    facts.hba = {{1, "host", {"all"}, {"all"}, "127.0.0.1", one_address, "scram-sha-256", ""}};
    const auto findings = diagnose(facts, shared_role);
    EXPECT_THAT(findings, has("way_around", Severity::warning));
    EXPECT_THAT(findings.at(0).remedy, HasSubstr("listen_addresses = ''"));
}

ServerFacts trusting(ServerFacts facts) {
    for (HbaRule& rule : *facts.hba) {
        if (rule.method == "scram-sha-256") rule.method = "trust";
    }
    return facts;
}

TEST(DiagnosisOfWaysIn, FindsThatPostgresBelievesWhoeverComesThroughCurfew) {
    EXPECT_THAT(diagnose(trusting(sound()), peoples_roles), has("trust", Severity::serious));
    EXPECT_THAT(diagnose(trusting(sound_beside()), peoples_roles), has("trust", Severity::serious));
}

TEST(DiagnosisOfWaysIn, FindsThatPostgresBelievesWhateverComesFromCurfewsMachine) {
    EXPECT_THAT(diagnose(trusting(sound()), shared_role), has("trust", Severity::warning));
    EXPECT_THAT(diagnose(trusting(sound_beside()), shared_role), IsEmpty()) << "the socket is Curfew's alone";
}

TEST(DiagnosisOfWaysIn, LeavesOutRolesThatCannotLogIn) {
    ServerFacts facts = sound();
    facts.hba->at(2).method = "md5";
    facts.roles.front().can_log_in = false;
    EXPECT_THAT(diagnose(facts, peoples_roles), IsEmpty());
}

}  // namespace
}  // namespace curfew::policy
