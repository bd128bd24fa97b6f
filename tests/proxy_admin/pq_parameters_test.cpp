#include "proxy/pq_parameters.hpp"

#include <gmock/gmock.h>

namespace curfew::proxy {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

config::Resource resource(config::Endpoint upstream) {
    config::Resource made;
    made.name = "db";
    made.upstream = std::move(upstream);
    made.admin_login = config::AdminLogin{"curfew_admin", Secret{"secret"}, "postgres"};
    return made;
}

TEST(PqParameters, GiveTheDirectoryAndThePortOfAUnixSocket) {
    const pq::Parameters given = admin_parameters(resource({"/var/run/postgresql/.s.PGSQL.5433", 0}), "");
    EXPECT_THAT(given, Contains(Pair("host", "/var/run/postgresql")));
    EXPECT_THAT(given, Contains(Pair("port", "5433")));
    EXPECT_THAT(given, Not(Contains(Key("hostaddr"))));
    EXPECT_THAT(given, Not(Contains(Key("sslmode"))));
}

TEST(PqParameters, GiveTheNameToVerifyAndTheAddressToReach) {
    const pq::Parameters given = admin_parameters(resource({"db.example.com", 5432}), "192.0.2.7");
    EXPECT_THAT(given, Contains(Pair("host", "db.example.com")));
    EXPECT_THAT(given, Contains(Pair("hostaddr", "192.0.2.7")));
    EXPECT_THAT(given, Contains(Pair("port", "5432")));
}

TEST(PqParameters, CarryTheTlsSettingsOfTheResource) {
    config::Resource with_tls = resource({"192.0.2.7", 5432});
    with_tls.tls = {config::SslMode::verify_full, "/etc/ca.pem", "/etc/client.pem", "/etc/client.key"};
    const pq::Parameters given = admin_parameters(with_tls, "192.0.2.7");
    EXPECT_THAT(given, Contains(Pair("sslmode", "verify-full")));
    EXPECT_THAT(given, Contains(Pair("sslrootcert", "/etc/ca.pem")));
    EXPECT_THAT(given, Contains(Pair("sslcert", "/etc/client.pem")));
    EXPECT_THAT(given, Contains(Pair("sslkey", "/etc/client.key")));
}

TEST(PqParameters, TakeNothingOfAUsersMaking) {
    EXPECT_THAT(admin_parameters(resource({"192.0.2.7", 5432}), "192.0.2.7"),
                Contains(Pair("options", "-c search_path=pg_catalog")));
}

// By an empty or absent name libpq means a file in the home directory.
TEST(PqParameters, NameAFileThatDoesNotExistWhereTheConfigurationNamesNone) {
    const pq::Parameters given = admin_parameters(resource({"192.0.2.7", 5432}), "192.0.2.7");
    for (const char* keyword : {"sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile"})
        EXPECT_THAT(given, Contains(Pair(keyword, "/dev/null/none")));
}

TEST(PqParameters, BeginWithWhatOverrulesAPasswordOfTheEnvironment) {
    const pq::Parameters given = admin_parameters(resource({"192.0.2.7", 5432}), "192.0.2.7");
    EXPECT_THAT(given.front(), Pair("dbname", "password=''"));
    EXPECT_THAT(given, Contains(Pair("dbname", "postgres")));
}

TEST(PqParameters, DoNotHoldThePassword) {
    EXPECT_THAT(admin_parameters(resource({"192.0.2.7", 5432}), "192.0.2.7"), Not(Contains(Key("password"))));
}

}  // namespace
}  // namespace curfew::proxy
