// What PostgreSQL tells of itself: who works as which role, what the roles are, and who is let in.
#include "proxy/server_inspection.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "admin_fixture.hpp"
#include "proxy/ephemeral_role.hpp"

namespace curfew::test {
namespace {

using policy::GovernedRoles;
using policy::SeenBackend;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class ServerInspection : public testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(admin.wait_until_up()); }

    std::vector<SeenBackend> backends(const GovernedRoles& roles) {
        return caller().await(proxy::backends_of(*admin, roles)).value();
    }
    policy::ServerFacts facts(const GovernedRoles& roles) {
        return caller().await(proxy::inspect_server(*admin, roles)).value();
    }
    policy::RoleFacts role(const std::string& name) {
        const policy::ServerFacts found = facts({{name}, true});
        EXPECT_THAT(found.roles, SizeIs(1));
        return found.roles.at(0);
    }

    PostgresCluster& cluster = cluster_with_alice();
    RunningContext control;
    RunningAdmin admin{control, unix_resource(cluster)};
};

TEST_F(ServerInspection, SeesTheBackendsOfTheRolesThatItIsAskedFor) {
    cluster.sql("CREATE ROLE \"o'neill \"\"x\"\"\" LOGIN");
    const PgConnection by_socket{cluster.conninfo("alice") + " application_name=psql"};
    const PgConnection by_tcp{cluster.tcp_conninfo("'o\\'neill \"x\"'")};
    const PgConnection other{cluster.conninfo()};
    const auto seen = backends({{"alice", "o'neill \"x\"", "nobody"}, false});
    ASSERT_THAT(seen, SizeIs(2));
    const auto alice = std::find_if(seen.begin(), seen.end(),
                                    [](const SeenBackend& backend) { return backend.role == "alice"; });
    ASSERT_NE(alice, seen.end());
    EXPECT_EQ(alice->key.pid, by_socket.backend_pid());
    EXPECT_EQ(alice->key.started, admin.identify(proxy::BackendAdmin::Peer{by_socket.backend_pid()})->started)
        << "by what sessions are recorded";
    EXPECT_EQ(alice->database, "postgres");
    EXPECT_EQ(alice->client_address, "");
    EXPECT_EQ(alice->application_name, "psql");
    EXPECT_EQ(seen.at(alice == seen.begin() ? 1 : 0).client_address, "127.0.0.1");
}

TEST_F(ServerInspection, SeesTheBackendsOfRolesWhoseNamesMatch) {
    cluster.sql("CREATE ROLE made_one LOGIN; CREATE ROLE made_two LOGIN; CREATE ROLE maker LOGIN");
    const PgConnection one{cluster.conninfo("made_one")};
    const PgConnection two{cluster.conninfo("made_two")};
    const PgConnection maker{cluster.conninfo("maker")};
    std::vector<std::string> roles;
    for (const SeenBackend& backend : backends({{}, true, "^made_"}))
        roles.push_back(backend.role);
    EXPECT_THAT(roles, UnorderedElementsAre("made_one", "made_two"));
}

TEST_F(ServerInspection, SeesConnectionsForReplication) {
    cluster.sql("CREATE ROLE copier LOGIN REPLICATION");
    const PgConnection copying{cluster.conninfo("copier") + " replication=true"};
    EXPECT_THAT(backends({{"copier"}, false}), SizeIs(1));
}

TEST_F(ServerInspection, DoesNotSeeItself) {
    EXPECT_THAT(backends({{"curfew_admin"}, true}), IsEmpty());
    RunningAdmin of_another_node{control, unix_resource(cluster)};
    ASSERT_TRUE(of_another_node.wait_until_up());
    EXPECT_THAT(backends({{"curfew_admin"}, true, "^curfew_"}), IsEmpty()) << "nor its like on other nodes";
}

TEST_F(ServerInspection, DoesNotTakeWhatItMayNotSeeForNobody) {
    const PgConnection alice{cluster.conninfo("alice")};
    cluster.sql("REVOKE pg_read_all_stats FROM curfew_admin");
    const auto seen = caller().await(proxy::backends_of(*admin, GovernedRoles{{"alice"}, false}));
    cluster.sql("GRANT pg_read_all_stats TO curfew_admin");
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().code, ErrorCode::forbidden);
    EXPECT_THAT(seen.error().message, HasSubstr("GRANT pg_read_all_stats TO \"curfew_admin\""));
}

TEST_F(ServerInspection, KnowsWhoIsAsking) {
    const auto found = facts({{"alice"}, false});
    EXPECT_EQ(found.admin_role, "curfew_admin");
    EXPECT_FALSE(found.admin_is_superuser);
    EXPECT_TRUE(found.admin_sees_all);
    EXPECT_TRUE(found.admin_signals_all);
    EXPECT_GE(found.version, 100000);
    EXPECT_THAT(found.node_addresses, ElementsAre("")) << "by the Unix socket";
    RunningAdmin by_tcp{control, tcp_resource(cluster)};
    ASSERT_TRUE(by_tcp.wait_until_up());
    EXPECT_THAT(facts({{"alice"}, false}).node_addresses, UnorderedElementsAre("", "127.0.0.1"));
}

TEST_F(ServerInspection, KnowsTheRoles) {
    cluster.sql(
        "CREATE ROLE outer_group; CREATE ROLE inner_group IN ROLE outer_group;"
        "CREATE ROLE much LOGIN CREATEROLE CREATEDB REPLICATION BYPASSRLS IN ROLE inner_group"
        " VALID UNTIL '2001-01-01 00:00:00+00'; GRANT pg_monitor TO much WITH ADMIN OPTION");
    const auto much = role("much");
    EXPECT_TRUE(much.can_log_in && much.create_role && much.create_database && much.replication);
    EXPECT_TRUE(much.bypass_rls);
    EXPECT_FALSE(much.superuser);
    EXPECT_EQ(much.valid_until, "2001-01-01T00:00:00.000000Z");
    EXPECT_TRUE(much.expired);
    EXPECT_THAT(much.member_of, Contains("inner_group"));
    EXPECT_THAT(much.member_of, Contains("outer_group"));
    EXPECT_THAT(much.member_of, Contains("pg_read_all_stats")) << "by pg_monitor";
    EXPECT_THAT(much.admin_of, ElementsAre("pg_monitor"));
}

TEST_F(ServerInspection, KnowsThatARoleIsNothingSpecial) {
    const auto alice = role("alice");
    EXPECT_TRUE(alice.can_log_in);
    EXPECT_FALSE(alice.superuser || alice.create_role || alice.create_database || alice.replication ||
                 alice.bypass_rls || alice.expired);
    EXPECT_EQ(alice.valid_until, "");
    EXPECT_THAT(alice.member_of, IsEmpty());
    EXPECT_THAT(alice.admin_of, IsEmpty());
    EXPECT_TRUE(role("postgres").superuser);
    EXPECT_THAT(facts({{"nobody"}, true}).roles, IsEmpty());
}

TEST_F(ServerInspection, KnowsTheSettings) {
    const auto settings = facts({{"alice"}, false}).settings;
    EXPECT_EQ(settings.at("unix_socket_permissions").size(), 4U) << "in octal, like a file's";
    EXPECT_TRUE(settings.contains("listen_addresses"));
    EXPECT_EQ(settings.at("client_connection_check_interval"), "0");
    EXPECT_EQ(settings.at("idle_session_timeout"), "0");
}

TEST_F(ServerInspection, ReadsTheLinesOfPgHbaWhereItMay) {
    const auto without = facts({{"alice"}, false});
    EXPECT_FALSE(without.hba);
    EXPECT_THAT(without.hba_problem, HasSubstr("pg_hba_file_rules"));

    cluster.sql(
        "GRANT SELECT ON pg_hba_file_rules TO curfew_admin;"
        "GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO curfew_admin");
    const auto with = facts({{"alice"}, false});
    cluster.sql(
        "REVOKE SELECT ON pg_hba_file_rules FROM curfew_admin;"
        "REVOKE EXECUTE ON FUNCTION pg_hba_file_rules() FROM curfew_admin");
    ASSERT_TRUE(with.hba);
    std::vector<std::string> lines;
    for (const policy::HbaRule& rule : *with.hba)
        lines.push_back(policy::to_string(rule));
    EXPECT_THAT(lines,
                ElementsAre("local all postgres trust", "host all postgres 127.0.0.1/255.255.255.255 trust",
                            "local all,replication all trust",
                            "host all,replication all 127.0.0.1/255.255.255.255 trust"));
}

TEST_F(ServerInspection, KnowsWhetherItCanMakeAndDropEphemeralRoles) {
    config::Resource resource = unix_resource(cluster);
    resource.login = config::LoginMode::ephemeral;
    resource.ephemeral = config::EphemeralRoles{{"app_rw", "missing"}, "app_owner"};
    RunningAdmin making{control, resource};
    ASSERT_TRUE(making.wait_until_up());
    const auto looked = [&] {
        return caller().await(proxy::inspect_server(*making, GovernedRoles{})).value().role_making.value();
    };
    EXPECT_FALSE(facts({{"alice"}, false}).role_making) << "of a resource that has none";

    cluster.sql("CREATE ROLE app_rw");
    const auto before = looked();
    EXPECT_FALSE(before.may_make);
    EXPECT_EQ(before.owner, "app_owner");
    EXPECT_FALSE(before.owner_exists);
    EXPECT_THAT(before.missing, ElementsAre("missing"));
    EXPECT_THAT(before.not_its_to_give, ElementsAre("app_rw"));

    cluster.sql("CREATE ROLE app_owner; CREATE ROLE missing");
    const auto between = looked();
    EXPECT_TRUE(between.owner_exists);
    EXPECT_FALSE(between.may_give_to_owner);

    cluster.sql(
        "ALTER ROLE curfew_admin CREATEROLE; GRANT app_owner TO curfew_admin;"
        "GRANT app_rw, missing TO curfew_admin WITH ADMIN OPTION");
    const auto after = looked();
    cluster.sql("ALTER ROLE curfew_admin NOCREATEROLE; DROP ROLE app_rw, app_owner, missing");
    EXPECT_TRUE(after.may_make && after.owner_exists && after.may_give_to_owner);
    EXPECT_THAT(after.missing, IsEmpty());
    EXPECT_THAT(after.not_its_to_give, IsEmpty());
}

TEST_F(ServerInspection, KnowsTheEphemeralRolesOfResourcesThatAreGone) {
    const std::string installation = proxy::installation_mark(Secret{"this one"});
    const auto make = [&](const std::string& resource, const std::string& whose) {
        const proxy::EphemeralRole role{"alice", GrantId::generate(), resource};
        const std::string name = proxy::role_name(role);
        cluster.sql("CREATE ROLE " + proxy::quoted_identifier(name) + "; COMMENT ON ROLE " +
                    proxy::quoted_identifier(name) + " IS " +
                    proxy::quoted_literal(proxy::role_comment(role, whose)));
        return name;
    };
    const std::string gone = make("gone", installation);
    const std::string kept = make("kept", installation);
    const std::string of_another = make("gone", proxy::installation_mark(Secret{"another"}));
    config::Config config;
    config.resources["kept"].ephemeral = config::EphemeralRoles{{"app_rw"}, "app_owner"};
    const auto found = caller().await(
        proxy::unkept_roles(*admin, installation, std::make_shared<const config::Config>(config)));
    for (const std::string& role : {gone, kept, of_another})
        cluster.sql("DROP ROLE " + proxy::quoted_identifier(role));
    EXPECT_THAT(found.value(), ElementsAre(gone));
}

TEST_F(ServerInspection, KnowsWhatSessionsLeftBehind) {
    PgConnection alice{cluster.conninfo("alice")};
    alice.exec("BEGIN; PREPARE TRANSACTION 'hers'");
    cluster.sql("SELECT pg_create_physical_replication_slot('forgotten')");
    const auto found = facts({{"alice"}, false});
    const auto of_another = facts({{"bob"}, false});
    cluster.sql("ROLLBACK PREPARED 'hers'");
    cluster.sql("SELECT pg_drop_replication_slot('forgotten')");
    EXPECT_THAT(found.prepared_transactions, ElementsAre("hers"));
    EXPECT_THAT(found.inactive_slots, ElementsAre("forgotten"));
    EXPECT_THAT(of_another.prepared_transactions, IsEmpty());
}

}  // namespace
}  // namespace curfew::test
