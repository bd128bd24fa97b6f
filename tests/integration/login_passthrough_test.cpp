// login: passthrough. The client proves to PostgreSQL itself who it is, and Curfew is not in the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

class LoginPassthrough : public testing::Test {
protected:
    static void SetUpTestSuite() {
        postgres = std::make_unique<PostgresCluster>(with_hba({
            "local all scram_user scram-sha-256",
            "local all curfew_admin,trusted trust",
            "host all scram_user 127.0.0.1/32 scram-sha-256",
            "host all md5_user 127.0.0.1/32 md5",
            "hostssl all clear_user 127.0.0.1/32 password",
            "hostnossl all clear_user 127.0.0.1/32 password",
            "host all trusted 127.0.0.1/32 trust",
            "host all nobody 127.0.0.1/32 reject",
        }));
        postgres->sql(
            "CREATE ROLE scram_user LOGIN PASSWORD 'secret'; CREATE ROLE clear_user LOGIN PASSWORD "
            "'secret'; CREATE ROLE trusted LOGIN; CREATE ROLE nobody LOGIN;"
            "SET password_encryption = 'md5'; CREATE ROLE md5_user LOGIN PASSWORD 'secret'");
    }
    static void TearDownTestSuite() { postgres.reset(); }

    static YAML::Node config(Upstream upstream = Upstream::tcp) {
        YAML::Node node = basic_config(*postgres, AdminLogin::absent, upstream);
        for (const char* user : {"scram_user", "md5_user", "clear_user", "trusted", "nobody"})
            node["users"][user] = YAML::Node{YAML::NodeType::Map};
        return node;
    }

    static std::string tls_conninfo(const RunningCurfew& curfew, const std::string& user) {
        return "host=localhost hostaddr=127.0.0.1 port=" + std::to_string(curfew.port()) + " user=" + user +
               " dbname=prod-postgres sslmode=verify-full sslrootcert=" +
               postgres->ca().certificate().string();
    }

    static std::string who(const std::string& conninfo) {
        return PgConnection{conninfo}.value("SELECT session_user");
    }

    static inline std::unique_ptr<PostgresCluster> postgres;
};

TEST_F(LoginPassthrough, RelaysEveryMethodInPlaintext) {
    const RunningCurfew curfew{config()};
    curfew.grant("*");
    for (const char* user : {"scram_user", "md5_user", "clear_user", "trusted"})
        EXPECT_EQ(who(curfew.conninfo(user) + " password=secret"), user);
}

TEST_F(LoginPassthrough, RelaysEveryMethodWhereTheClientUsesTls) {
    YAML::Node node = config();
    use_tls(node, postgres->ca());
    const RunningCurfew curfew{node};
    curfew.grant("*");
    for (const char* user : {"scram_user", "md5_user", "clear_user", "trusted"})
        EXPECT_EQ(who(tls_conninfo(curfew, user) + " password=secret"), user);
}

TEST_F(LoginPassthrough, RelaysWhereCurfewUsesTlsTowardsPostgres) {
    YAML::Node node = config();
    node["resources"][the_resource]["host"] = "localhost";
    node["resources"][the_resource]["tls"]["sslmode"] = "verify-full";
    node["resources"][the_resource]["tls"]["root_certificate"] = postgres->ca().certificate().string();
    const RunningCurfew curfew{node};
    curfew.grant("*");
    for (const char* user : {"scram_user", "md5_user", "clear_user", "trusted"}) {
        PgConnection client{curfew.conninfo(user) + " password=secret"};
        EXPECT_EQ(client.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), "t");
    }
}

TEST_F(LoginPassthrough, RelaysByTheUnixSocket) {
    const RunningCurfew curfew{config(Upstream::unix_socket)};
    curfew.grant("scram_user");
    PgConnection client{curfew.conninfo("scram_user") + " password=secret"};
    EXPECT_EQ(client.value("SELECT inet_client_addr() IS NULL"), "t");
}

TEST_F(LoginPassthrough, PassesPostgresOwnRefusalOn) {
    const RunningCurfew curfew{config()};
    curfew.grant("*");
    for (const char* user : {"scram_user", "md5_user", "clear_user"}) {
        EXPECT_THAT(refusal(curfew.conninfo(user) + " password=wrong"),
                    HasSubstr(std::string{"password authentication failed for user \""} + user + "\""));
    }
    EXPECT_THAT(refusal(curfew.conninfo("nobody")), HasSubstr("pg_hba.conf rejects connection"));
    EXPECT_EQ(curfew.metric("curfew_sessions"), 0);
}

TEST_F(LoginPassthrough, PassesARefusedDatabaseOn) {
    const RunningCurfew curfew{config()};
    curfew.grant("*");
    EXPECT_THAT(refusal(curfew.conninfo("trusted", "prod-postgres/nosuch")),
                HasSubstr("database \"nosuch\" does not exist"));
}

// TLS ends here, so the channel that the client would bind to is not the one that PostgreSQL sees.
TEST_F(LoginPassthrough, DoesNotOfferChannelBindingWhereTlsEndsHere) {
    YAML::Node node = config();
    use_tls(node, postgres->ca());
    node["resources"][the_resource]["host"] = "localhost";
    node["resources"][the_resource]["tls"]["sslmode"] = "require";
    const RunningCurfew curfew{node};
    curfew.grant("*");
    WireClient client = curfew.client();
    ASSERT_TRUE(client.request_tls());
    client.send_startup({{"user", "scram_user"}, {"database", the_resource}});
    const wire::Message request = client.read_until('R');
    EXPECT_THAT(request.body, HasSubstr("SCRAM-SHA-256"));
    EXPECT_THAT(request.body, testing::Not(HasSubstr("SCRAM-SHA-256-PLUS")));
}

TEST_F(LoginPassthrough, ExplainsWhatToChangeWhereAClientTakesThatForADowngrade) {
    YAML::Node node = config();
    use_tls(node, postgres->ca());
    node["resources"][the_resource]["host"] = "localhost";
    node["resources"][the_resource]["tls"]["sslmode"] = "require";
    const RunningCurfew curfew{node};
    curfew.grant("*");
    const std::string said = refusal(tls_conninfo(curfew, "scram_user") + " password=secret");
    EXPECT_THAT(said, HasSubstr("channel"));
    EXPECT_THAT(said, HasSubstr("channel_binding=disable")) << "what the person can change";

    EXPECT_EQ(who(tls_conninfo(curfew, "scram_user") + " password=secret channel_binding=disable"),
              "scram_user");
    EXPECT_EQ(who(tls_conninfo(curfew, "clear_user") + " password=secret"), "clear_user")
        << "other methods are not concerned";
}

TEST_F(LoginPassthrough, KeepsThePasswordOutOfTheLog) {
    const RunningCurfew curfew{config()};
    curfew.grant("*");
    PgConnection{curfew.conninfo("clear_user") + " password=secret"}.exec("SELECT 1");
    EXPECT_THAT(refusal(curfew.conninfo("clear_user") + " password=Tr0ub4dor"), HasSubstr("failed"));
    curfew.log().await("session.ended");
    EXPECT_THAT(curfew.log().text(), testing::Not(AnyOf(HasSubstr("Tr0ub4dor"), HasSubstr("\"secret\""))));
}

TEST_F(LoginPassthrough, VerifiesPostgresCertificateAsTold) {
    YAML::Node node = config();
    TestCa stranger{"somebody else's CA"};
    node["resources"][the_resource]["host"] = "localhost";
    node["resources"][the_resource]["tls"]["sslmode"] = "verify-ca";
    node["resources"][the_resource]["tls"]["root_certificate"] = stranger.certificate().string();
    const RunningCurfew curfew{node};
    curfew.grant("*");
    const std::string said = refusal(curfew.conninfo("trusted"));
    EXPECT_THAT(said, HasSubstr("prod-postgres"));

    // The name is checked by verify-full only: the certificate is for localhost.
    node["resources"][the_resource]["tls"]["root_certificate"] = postgres->ca().certificate().string();
    node["resources"][the_resource]["host"] = "127.0.0.2";
    node["resources"][the_resource]["tls"]["sslmode"] = "verify-full";
    const RunningCurfew by_address{node};
    by_address.grant("*");
    EXPECT_THROW(PgConnection{by_address.conninfo("trusted")}, PgError);
}

// PostgreSQL takes whoever comes through Curfew's Unix socket for Curfew.
TEST_F(LoginPassthrough, LetsNobodyBeTheAdministrativeRoleThatPostgresKnowsByItsSocket) {
    YAML::Node node = config(Upstream::unix_socket);
    node["resources"][the_resource]["admin_login"]["user"] = "curfew_admin";
    node["users"]["curfew_admin"] = YAML::Node{YAML::NodeType::Map};
    const RunningCurfew curfew{node};
    curfew.grant("*");
    EXPECT_EQ(who(curfew.conninfo("trusted")), "trusted");
    EXPECT_THAT(refusal(curfew.conninfo("curfew_admin")), HasSubstr("is Curfew's own"));
    EXPECT_EQ(curfew.log().await("session.refused").text("reason"), "reserved_role");
}

}  // namespace
}  // namespace curfew::test
