// login: managed. Curfew knows the person; PostgreSQL knows only the resource's own role, whose secret the
// person never sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* role_secret = "role-secret-5f1c";

class LoginManaged : public testing::Test {
protected:
    static void SetUpTestSuite() {
        postgres = std::make_unique<PostgresCluster>(with_hba({
            "local all app_scram scram-sha-256",
            "host all app_scram 127.0.0.1/32 scram-sha-256",
            "host all app_md5 127.0.0.1/32 md5",
            "host all app_clear 127.0.0.1/32 password",
            "hostssl all app_cert 127.0.0.1/32 cert",
        }));
        const std::string password = std::string{"PASSWORD '"} + role_secret + "'";
        postgres->sql("CREATE ROLE app_scram LOGIN " + password + "; CREATE ROLE app_clear LOGIN " +
                      password +
                      "; CREATE ROLE app_cert LOGIN; SET password_encryption = 'md5'; "
                      "CREATE ROLE app_md5 LOGIN " +
                      password + "; RESET password_encryption");
        // PostgreSQL makes a verifier in its own format.
        postgres->sql("CREATE ROLE of_alice PASSWORD 'wonderland'");
        verifier = postgres->sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'of_alice'");
    }
    static void TearDownTestSuite() { postgres.reset(); }

    YAML::Node config(const std::string& role = "app_scram", const std::string& authentication = "scram") {
        YAML::Node node = basic_config(*postgres);
        YAML::Node resource = node["resources"][the_resource];
        resource["login"] = "managed";
        resource["authentication"] = authentication;
        resource["role"]["user"] = role;
        resource["role"]["password"]["file"] = secrets.write("role", role_secret).string();
        node["users"]["alice"]["scram_verifier"]["file"] = secrets.write("alice", verifier).string();
        return node;
    }
    YAML::Node tls_config(const std::string& authentication = "scram") {
        YAML::Node node = config("app_scram", authentication);
        use_tls(node, postgres->ca(), "require", authentication != "scram");
        return node;
    }
    void verify_upstream(YAML::Node& node, const std::string& sslmode) {
        YAML::Node resource = node["resources"][the_resource];
        resource["host"] = "localhost";
        resource["tls"]["sslmode"] = sslmode;
        if (sslmode.starts_with("verify"))
            resource["tls"]["root_certificate"] = postgres->ca().certificate().string();
    }

    static std::string tls_conninfo(const RunningCurfew& curfew, const std::string& user = "alice") {
        return "host=localhost hostaddr=127.0.0.1 port=" + std::to_string(curfew.port()) + " user=" + user +
               " dbname=prod-postgres sslmode=verify-full sslrootcert=" +
               postgres->ca().certificate().string();
    }
    static std::string with_certificate(const RunningCurfew& curfew, const CertificateFiles& files,
                                        const std::string& user = "alice") {
        return tls_conninfo(curfew, user) + " sslcert=" + files.certificate.string() +
               " sslkey=" + files.key.string();
    }
    static std::string role_of(const std::string& conninfo) {
        return PgConnection{conninfo}.value("SELECT session_user");
    }

    TemporaryDirectory secrets{"curfew-secrets"};
    static inline std::unique_ptr<PostgresCluster> postgres;
    static inline std::string verifier;
};

constexpr const char* right = " password=wonderland";
constexpr const char* wrong = " password=looking-glass";

TEST_F(LoginManaged, LogsThePersonInByScramAndInUpstreamAsTheRole) {
    const RunningCurfew curfew{config()};
    curfew.grant("alice");
    EXPECT_EQ(role_of(curfew.conninfo("alice") + right), "app_scram");
}

TEST_F(LoginManaged, WorksByTheUnixSocket) {
    YAML::Node node = config();
    node["resources"][the_resource]["host"] = postgres->socket_directory().string();
    node["resources"][the_resource].remove("tls");
    const RunningCurfew curfew{node};
    curfew.grant("alice");
    EXPECT_EQ(role_of(curfew.conninfo("alice") + right), "app_scram");
}

TEST_F(LoginManaged, BindsToTheChannelOverTls) {
    const RunningCurfew curfew{tls_config()};
    curfew.grant("alice");
    EXPECT_EQ(role_of(tls_conninfo(curfew) + right + " channel_binding=require"), "app_scram");
    EXPECT_EQ(role_of(tls_conninfo(curfew) + right + " channel_binding=disable"), "app_scram");
    EXPECT_THAT(refusal(tls_conninfo(curfew) + wrong + " channel_binding=require"), HasSubstr("failed"));
}

TEST_F(LoginManaged, BindsToTheChannelWithAnRsaCertificateToo) {
    YAML::Node node = config();
    const CertificateFiles rsa =
        postgres->ca().issue_server("localhost", "DNS:localhost,IP:127.0.0.1", TestCa::KeyType::rsa);
    node["listeners"][0]["tls"]["mode"] = "require";
    node["listeners"][0]["tls"]["certificate"] = rsa.certificate.string();
    node["listeners"][0]["tls"]["key"] = rsa.key.string();
    const RunningCurfew curfew{node};
    curfew.grant("alice");
    EXPECT_EQ(role_of(tls_conninfo(curfew) + right + " channel_binding=require"), "app_scram");
}

TEST_F(LoginManaged, RefusesAWrongPassword) {
    const RunningCurfew curfew{config()};
    curfew.grant("alice");
    const long connections = postgres->connections_received();
    EXPECT_THAT(refusal(curfew.conninfo("alice") + wrong),
                HasSubstr("password authentication failed for user \"alice\""));
    EXPECT_EQ(postgres->connections_received(), connections);
    EXPECT_EQ(curfew.metric("curfew_admissions_total", {{"reason", "authentication_failed"}}), 1);
}

TEST_F(LoginManaged, DoesNotTellAnUnknownUserFromAWrongPassword) {
    const RunningCurfew curfew{config()};
    curfew.grant("alice");
    std::string known = refusal(curfew.conninfo("alice") + wrong);
    const std::string unknown = refusal(curfew.conninfo("zelda") + wrong);
    known.replace(known.find("alice"), 5, "zelda");
    EXPECT_EQ(known, unknown);
    EXPECT_EQ(unknown, [&] {
        std::string without_verifier = refusal(curfew.conninfo("carol") + wrong);
        return without_verifier.replace(without_verifier.find("carol"), 5, "zelda");
    }());
}

// The salt of somebody who does not exist must be as steady as a real one, and no shorter.
TEST_F(LoginManaged, InventsASteadySaltForAnUnknownUser) {
    const RunningCurfew curfew{config()};
    const auto challenge = [&](const std::string& user) {
        WireClient client = curfew.client();
        client.send_startup({{"user", user}, {"database", the_resource}});
        client.read_until('R');
        client.send(wire::sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abcdefghijklmnopqrstuvwx"));
        const std::string text = client.read_until('R').body.substr(4);
        return text.substr(text.find(",s=") + 3);  // salt and iterations
    };
    EXPECT_EQ(challenge("zelda"), challenge("zelda"));
    EXPECT_NE(challenge("zelda"), challenge("zora"));
    EXPECT_EQ(challenge("zelda").size(), challenge("alice").size());
    EXPECT_EQ(challenge("zelda").substr(challenge("zelda").find(",i=")),
              challenge("alice").substr(challenge("alice").find(",i=")));
}

TEST_F(LoginManaged, RefusesThePersonWithoutAGrantAfterTheRightPasswordOnly) {
    const RunningCurfew curfew{config()};
    const long connections = postgres->connections_received();
    EXPECT_THAT(refusal(curfew.conninfo("alice") + right), HasSubstr("Ask the on-call DBA"));
    EXPECT_EQ(postgres->connections_received(), connections);
}

TEST_F(LoginManaged, TakesAClientCertificate) {
    const RunningCurfew curfew{tls_config("certificate")};
    curfew.grant("*");
    EXPECT_EQ(role_of(with_certificate(curfew, postgres->ca().issue_client("alice"))), "app_scram");
    EXPECT_THROW(PgConnection{with_certificate(curfew, postgres->ca().issue_client("bob"))}, PgError)
        << "bob's certificate does not make him alice";
    EXPECT_THROW(PgConnection{tls_conninfo(curfew)}, PgError);
    EXPECT_THROW(PgConnection{tls_conninfo(curfew) + right}, PgError) << "a password does not do here";
    TestCa stranger;
    EXPECT_THROW(PgConnection{with_certificate(curfew, stranger.issue_client("alice"))}, PgError);
}

TEST_F(LoginManaged, TakesTheNameThatTheConfigurationGivesACertificate) {
    YAML::Node node = tls_config("certificate");
    node["users"]["alice"]["certificate_name"] = "alice@example.org";
    const RunningCurfew curfew{node};
    curfew.grant("*");
    EXPECT_EQ(role_of(with_certificate(curfew, postgres->ca().issue_client("alice@example.org"))),
              "app_scram");
    EXPECT_THROW(PgConnection{with_certificate(curfew, postgres->ca().issue_client("alice"))}, PgError);
}

TEST_F(LoginManaged, TakesEitherWhereBothAreAllowed) {
    const RunningCurfew curfew{tls_config("scram_or_certificate")};
    curfew.grant("*");
    EXPECT_EQ(role_of(tls_conninfo(curfew) + right), "app_scram");
    EXPECT_EQ(role_of(with_certificate(curfew, postgres->ca().issue_client("alice"))), "app_scram");
    EXPECT_THROW(PgConnection{tls_conninfo(curfew) + wrong}, PgError);
}

TEST_F(LoginManaged, LogsInUpstreamByMd5) {
    const RunningCurfew curfew{config("app_md5")};
    curfew.grant("alice");
    EXPECT_EQ(role_of(curfew.conninfo("alice") + right), "app_md5");
}

TEST_F(LoginManaged, LogsInUpstreamByScramWithChannelBinding) {
    YAML::Node node = config();
    verify_upstream(node, "verify-full");
    const RunningCurfew curfew{node};
    curfew.grant("alice");
    EXPECT_EQ(role_of(curfew.conninfo("alice") + right), "app_scram");
}

TEST_F(LoginManaged, SendsTheSecretInCleartextOverVerifiedTlsOnly) {
    YAML::Node verified = config("app_clear");
    verify_upstream(verified, "verify-full");
    const RunningCurfew over_verified{verified};
    over_verified.grant("alice");
    EXPECT_EQ(role_of(over_verified.conninfo("alice") + right), "app_clear");

    YAML::Node unverified = config("app_clear");
    verify_upstream(unverified, "require");
    for (const YAML::Node& node : {config("app_clear"), unverified}) {
        const RunningCurfew curfew{node};
        curfew.grant("alice");
        EXPECT_THROW(PgConnection{curfew.conninfo("alice") + right}, PgError);
    }
    postgres->connections_received();  // the log is complete up to here
    const std::string authorized = "connection authorized: user=app_clear";
    EXPECT_EQ(postgres->log().find(authorized), postgres->log().rfind(authorized))
        << "the secret was sent where it could be overheard";
}

TEST_F(LoginManaged, LogsInUpstreamByClientCertificate) {
    YAML::Node node = config("app_cert");
    verify_upstream(node, "verify-full");
    const CertificateFiles files = postgres->ca().issue_client("app_cert");
    YAML::Node resource = node["resources"][the_resource];
    resource["tls"]["certificate"] = files.certificate.string();
    resource["tls"]["key"] = files.key.string();
    resource["role"].remove("password");
    const RunningCurfew curfew{node};
    curfew.grant("alice");
    EXPECT_EQ(role_of(curfew.conninfo("alice") + right), "app_cert");
}

TEST_F(LoginManaged, KeepsAFailedLoginUpstreamToItself) {
    YAML::Node node = config();
    node["resources"][the_resource]["role"]["password"]["file"] =
        secrets.write("stale", "stale-secret-77ab").string();
    const RunningCurfew curfew{node};
    curfew.grant("alice");
    const std::string said = refusal(curfew.conninfo("alice") + right);
    EXPECT_THAT(said, HasSubstr("prod-postgres"));
    EXPECT_THAT(said, Not(HasSubstr("app_scram"))) << "the role is not the person's business";
    EXPECT_THAT(said, Not(HasSubstr("stale-secret")));
    EXPECT_THAT(curfew.log().text(), Not(HasSubstr("stale-secret")));
}

TEST_F(LoginManaged, KeepsSecretsOutOfTheLog) {
    const RunningCurfew curfew{config()};
    curfew.grant("alice");
    role_of(curfew.conninfo("alice") + right);
    EXPECT_THROW(PgConnection{curfew.conninfo("alice") + wrong}, PgError);
    curfew.log().await("session.ended");
    for (const std::string& secret :
         {std::string{role_secret}, std::string{"wonderland"}, std::string{"looking-glass"}, verifier})
        EXPECT_THAT(curfew.log().text(), Not(HasSubstr(secret)));
}

TEST_F(LoginManaged, CannotBeTalkedIntoAnotherRole) {
    RunningCurfew curfew{config()};
    curfew.grant("alice");
    PgConnection client{curfew.conninfo("alice") + right};
    EXPECT_EQ(client.failure("SET SESSION AUTHORIZATION postgres").sqlstate(), "42501");
    EXPECT_EQ(client.value("SELECT current_user"), "app_scram");
}

}  // namespace
}  // namespace curfew::test
