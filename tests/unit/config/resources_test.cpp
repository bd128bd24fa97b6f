#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"

namespace curfew::config::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string with_resource(const std::string& resource) {
    return file_with({{"resources", "{ prod: { " + resource + " } }"}});
}

Resource load_resource(const std::string& resource, const FakeEnvironment& environment = {}) {
    const auto config = load_valid(with_resource(resource), environment);
    const auto* found = config.find_resource("prod");
    return found == nullptr ? Resource{} : *found;
}

TEST(ConfigResource, NeedsAHostOnly) {
    const auto resource = load_resource("host: db.example.org");
    EXPECT_EQ(resource.name, "prod");
    EXPECT_EQ(resource.upstream, (Endpoint{"db.example.org", 5432}));
    EXPECT_EQ(resource.tls, UpstreamTls{});
    EXPECT_EQ(resource.login, LoginMode::passthrough);
    EXPECT_EQ(resource.default_database, "postgres");
    EXPECT_TRUE(resource.allows_database("anything"));
    EXPECT_THAT(problems_of(with_resource("port: 5432")),
                OnlyProblem("resources.prod", "the key 'host' is missing"));
}

TEST(ConfigResource, NoneNeedsToBeDeclared) {
    EXPECT_THAT(problems_of(file_with({{"resources", "{}"}})), IsEmpty());
    EXPECT_THAT(load_valid("listeners: [{ address: 127.0.0.1:6432 }]\nstore: { path: /s }\n").resources,
                IsEmpty());
}

TEST(ConfigResource, HasADescription) {
    EXPECT_EQ(load_resource("host: h, description: Orders and bills").description, "Orders and bills");
    EXPECT_EQ(load_resource("host: h, description: ''").description, "");
    EXPECT_THAT(problems_of(with_resource("host: h, description: " + std::string(1001, 'x'))),
                OnlyProblem("resources.prod.description", "at most 1000 bytes"));
}

TEST(ConfigResource, HostIsANameAnAddressOrASocketDirectory) {
    EXPECT_EQ(load_resource("host: 10.0.0.5, port: 6000").upstream, (Endpoint{"10.0.0.5", 6000}));
    EXPECT_EQ(load_resource("host: 'fe80::0:1'").upstream, (Endpoint{"fe80::1", 5432}));
    EXPECT_EQ(load_resource("host: '[::1]'").upstream, (Endpoint{"::1", 5432}));
    EXPECT_EQ(load_resource("host: /var/run/postgresql").upstream,
              (Endpoint{"/var/run/postgresql/.s.PGSQL.5432", 0}));
    EXPECT_EQ(load_resource("host: /tmp/, port: 5433").upstream, (Endpoint{"/tmp/.s.PGSQL.5433", 0}));
}

TEST(ConfigResource, HostHoldsNothingButTheHost) {
    EXPECT_THAT(problems_of(with_resource("host: '10.0.0.5:5432'")),
                OnlyProblem("resources.prod.host", "the port goes into 'port'"));
    EXPECT_THAT(problems_of(with_resource("host: 'a,b'")), OnlyProblem("resources.prod.host", "found 'a,b'"));
    EXPECT_THAT(problems_of(with_resource("host: /var/run/postgresql/.s.PGSQL.5432")),
                OnlyProblem("resources.prod.host", "expected the directory"));
    EXPECT_THAT(problems_of(with_resource("host: /" + std::string(100, 'x'))),
                OnlyProblem("resources.prod.host", "at most 107 bytes"));
}

TEST(ConfigResource, PasswordInAConnectionStringIsNotRepeated) {
    for (const std::string host : {"postgres://app:hunter2@db/orders", "host=db password=hunter2"}) {
        const auto problems = problems_of(with_resource("host: '" + host + "'"));
        EXPECT_THAT(problems, OnlyProblem("resources.prod.host", "connection string"));
        EXPECT_THAT(problems, ElementsAre(Not(HasSubstr("hunter2"))));
    }
}

TEST(ConfigResource, PortIsANumberInRange) {
    for (const std::string port : {"0", "65536", "-1", "abc", "54.32", "'5432'", "0x10", "[5432]", "~"}) {
        EXPECT_THAT(problems_of(with_resource("host: h, port: " + port)),
                    OnlyProblem("resources.prod.port", "expected a number from 1 to 65535"))
            << port;
    }
}

TEST(ConfigResource, NameIsWhatAPersonCanTypeAsADatabase) {
    for (const std::string name : {"prod/orders", "prod orders", "''", "größe", "a:b"}) {
        const auto quoted = name == "''" ? name : "'" + name + "'";
        EXPECT_THAT(problems_of(file_with({{"resources", "{ " + quoted + ": { host: h } }"}})),
                    ElementsAre(HasSubstr("1 to 63 of the characters")))
            << name;
    }
    const std::string longest(63, 'x');
    EXPECT_THAT(problems_of(file_with({{"resources", "{ " + longest + ": { host: h } }"}})), IsEmpty());
    EXPECT_THAT(problems_of(file_with({{"resources", "{ " + longest + "x: { host: h } }"}})),
                ElementsAre(HasSubstr("1 to 63")));
}

TEST(ConfigResource, DatabasesLimitWhatMayBeOpened) {
    const auto resource = load_resource("host: h, databases: [orders, billing]");
    EXPECT_TRUE(resource.allows_database("orders"));
    EXPECT_TRUE(resource.allows_database("billing"));
    EXPECT_FALSE(resource.allows_database("postgres"));
}

TEST(ConfigResource, DefaultDatabaseIsTheFirstListed) {
    EXPECT_EQ(load_resource("host: h, databases: [orders, billing]").default_database, "orders");
    EXPECT_EQ(
        load_resource("host: h, databases: [orders, billing], default_database: billing").default_database,
        "billing");
    EXPECT_EQ(load_resource("host: h, default_database: app").default_database, "app");
}

TEST(ConfigResource, DefaultDatabaseMustBeAllowed) {
    EXPECT_THAT(problems_of(with_resource("host: h, databases: [orders], default_database: other")),
                OnlyProblem("resources.prod.default_database", "'other' is not among"));
}

TEST(ConfigResource, DatabasesAreDistinctNamesAndNotNone) {
    EXPECT_THAT(problems_of(with_resource("host: h, databases: []")),
                OnlyProblem("resources.prod.databases", "the list is empty"));
    EXPECT_THAT(problems_of(with_resource("host: h, databases: [a, b, a]")),
                OnlyProblem("resources.prod.databases[2]", "'a' is listed twice"));
    EXPECT_THAT(problems_of(with_resource("host: h, databases: orders")),
                OnlyProblem("resources.prod.databases", "expected a list, found 'orders'"));
    EXPECT_THAT(problems_of(with_resource("host: h, databases: [" + std::string(64, 'x') + "]")),
                OnlyProblem("resources.prod.databases[0]", "1 to 63 bytes"));
}

TEST(ConfigResource, SslModesAreThoseOfLibpq) {
    for (const SslMode mode : {SslMode::disable, SslMode::allow, SslMode::prefer, SslMode::require}) {
        const auto resource =
            load_resource("host: h, tls: { sslmode: " + std::string{to_string(mode)} + " }");
        EXPECT_EQ(resource.tls.mode, mode);
    }
    EXPECT_THAT(problems_of(with_resource("host: h, tls: { sslmode: verify_full }")),
                OnlyProblem("resources.prod.tls.sslmode",
                            "one of disable, allow, prefer, require, verify-ca, verify-full"));
}

TEST(ConfigResource, VerifyingTheServerNeedsItsAuthorities) {
    for (const std::string mode : {"verify-ca", "verify-full"}) {
        EXPECT_THAT(problems_of(with_resource("host: h, tls: { sslmode: " + mode + " }")),
                    OnlyProblem("resources.prod.tls.sslmode", mode + " needs 'root_certificate'"));
    }
}

TEST(ConfigResource, TlsDoesNotGoWithAUnixSocket) {
    EXPECT_THAT(problems_of(with_resource("host: /var/run/postgresql, tls: { sslmode: require }")),
                OnlyProblem("resources.prod.tls", "Unix socket"));
}

TEST(ConfigResource, ManagedLoginHasARole) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/app.password", "correct horse\n");
    const auto resource = load_resource(
        "host: h, login: managed, authentication: scram_or_certificate, "
        "role: { user: app_rw, password: { file: app.password } }",
        environment);
    EXPECT_EQ(resource.login, LoginMode::managed);
    EXPECT_EQ(resource.authentication, PersonAuthentication::scram_or_certificate);
    ASSERT_TRUE(resource.role);
    EXPECT_EQ(resource.role->user, "app_rw");
    EXPECT_EQ(resource.role->password->reveal(), "correct horse");
}

TEST(ConfigResource, ManagedLoginNeedsARole) {
    EXPECT_THAT(problems_of(with_resource("host: h, login: managed")),
                OnlyProblem("resources.prod", "login: managed needs 'role'"));
    EXPECT_THAT(problems_of(with_resource("host: h, login: managed, role: {}")),
                OnlyProblem("resources.prod.role", "the key 'user' is missing"));
}

TEST(ConfigResource, PassthroughHasNeitherRoleNorAuthentication) {
    EXPECT_THAT(problems_of(with_resource("host: h, role: { user: app }")),
                OnlyProblem("resources.prod.role", "has no effect with login: passthrough"));
    EXPECT_THAT(problems_of(with_resource("host: h, login: passthrough, authentication: scram")),
                OnlyProblem("resources.prod.authentication", "has no effect with login: passthrough"));
}

constexpr const char* an_ephemeral_login =
    "host: h, login: ephemeral, ephemeral: { member_of: [app_rw, reader], owner: app_owner }, "
    "admin_login: { user: curfew_admin }";

TEST(ConfigResource, EphemeralLoginSaysWhatTheRolesAreLike) {
    const auto resource =
        load_resource(an_ephemeral_login + std::string{", authentication: scram_or_certificate"});
    EXPECT_EQ(resource.login, LoginMode::ephemeral);
    EXPECT_EQ(resource.ephemeral, (EphemeralRoles{{"app_rw", "reader"}, "app_owner"}));
    EXPECT_EQ(resource.authentication, PersonAuthentication::scram_or_certificate);
}

TEST(ConfigResource, EphemeralLoginNeedsAllOfThat) {
    EXPECT_THAT(problems_of(with_resource("host: h, login: ephemeral, admin_login: { user: a }")),
                OnlyProblem("resources.prod", "login: ephemeral needs 'ephemeral'"));
    EXPECT_THAT(
        problems_of(with_resource("host: h, login: ephemeral, ephemeral: { member_of: [a], owner: b }")),
        OnlyProblem("resources.prod", "login: ephemeral needs 'admin_login'"));
    const auto with_ephemeral = [](const std::string& ephemeral) {
        return with_resource("host: h, login: ephemeral, admin_login: { user: admin }, ephemeral: " +
                             ephemeral);
    };
    EXPECT_THAT(problems_of(with_ephemeral("{ member_of: [], owner: b }")),
                OnlyProblem("resources.prod.ephemeral.member_of", "the list is empty"));
    EXPECT_THAT(problems_of(with_ephemeral("{ owner: b }")),
                OnlyProblem("resources.prod.ephemeral", "the key 'member_of' is missing"));
    EXPECT_THAT(problems_of(with_ephemeral("{ member_of: [a] }")),
                OnlyProblem("resources.prod.ephemeral", "the key 'owner' is missing"));
}

TEST(ConfigResource, NobodyGetsTheRightsOfTheAdministrativeRole) {
    EXPECT_THAT(
        problems_of(with_resource("host: h, login: ephemeral, admin_login: { user: admin }, "
                                  "ephemeral: { member_of: [a, admin], owner: b }")),
        OnlyProblem("resources.prod.ephemeral", "'member_of' names 'admin', the role of 'admin_login'"));
}

TEST(ConfigResource, OnlyOneKindOfRoleGoesWithALogin) {
    const std::string ephemeral = "ephemeral: { member_of: [a], owner: b }";
    EXPECT_THAT(problems_of(with_resource(an_ephemeral_login + std::string{", role: { user: app }"})),
                OnlyProblem("resources.prod.role", "has no effect with login: ephemeral"));
    EXPECT_THAT(problems_of(with_resource("host: h, login: managed, role: { user: app }, " + ephemeral)),
                OnlyProblem("resources.prod.ephemeral", "has no effect with login: managed"));
    EXPECT_THAT(problems_of(with_resource("host: h, " + ephemeral)),
                OnlyProblem("resources.prod.ephemeral", "has no effect with login: passthrough"));
}

TEST(ConfigResource, PeopleWhoAreNotListedCannotHaveARoleOfTheirOwn) {
    EXPECT_THAT(problems_of(with_resource(an_ephemeral_login) + "accept_unlisted_users: true\n"),
                OnlyProblem("resources.prod.login", "login: ephemeral needs to know everybody"));
}

TEST(ConfigResource, MistypedLoginIsTheOnlyProblemItCauses) {
    EXPECT_THAT(problems_of(with_resource("host: h, login: manged, role: { user: app }")),
                OnlyProblem("resources.prod.login",
                            "expected one of passthrough, managed, ephemeral, found 'manged'"));
}

TEST(ConfigResource, PeopleWhoAreNotListedCannotLogInWhereLoginIsManaged) {
    EXPECT_THAT(problems_of(with_resource("host: h, login: managed, role: { user: app }") +
                            "accept_unlisted_users: true\n"),
                OnlyProblem("resources.prod.login", "accept_unlisted_users is true"));
}

TEST(ConfigResource, ReportsWhatDidNotComeThroughCurfewAndWhatWasLeftBehind) {
    const auto resource = load_resource("host: h, admin_login: { user: a }");
    EXPECT_EQ(resource.ungoverned, (Ungoverned{Enforcement::report, std::chrono::seconds{15}}));
    EXPECT_EQ(resource.prepared_transactions, LeftTransactions::report);
}

TEST(ConfigResource, MayHaveTheAdminLoginEndWhatDidNotComeThroughCurfew) {
    const auto resource = load_resource(
        "host: h, admin_login: { user: a }, ungoverned: { enforce: terminate, interval: 1m }, "
        "prepared_transactions: rollback");
    EXPECT_EQ(resource.ungoverned, (Ungoverned{Enforcement::terminate, std::chrono::minutes{1}}));
    EXPECT_EQ(resource.prepared_transactions, LeftTransactions::rollback);
    EXPECT_THAT(
        problems_of(with_resource("host: h, admin_login: { user: a }, ungoverned: { enforce: kill }")),
        OnlyProblem("resources.prod.ungoverned.enforce", "expected one of report, terminate, found 'kill'"));
    EXPECT_THAT(
        problems_of(with_resource("host: h, admin_login: { user: a }, ungoverned: { interval: 10ms }")),
        OnlyProblem("resources.prod.ungoverned.interval", "100ms"));
    EXPECT_THAT(
        problems_of(with_resource("host: h, admin_login: { user: a }, prepared_transactions: commit")),
        OnlyProblem("resources.prod.prepared_transactions", "expected one of report, rollback"));
}

TEST(ConfigResource, SaysWhatBecomesOfLiveSessionsWhenTheStoreIsAway) {
    EXPECT_EQ(load_resource("host: h").on_store_loss, OnStoreLoss::keep_until_deadline);
    EXPECT_EQ(load_resource("host: h, on_store_loss: keep-until-deadline").on_store_loss,
              OnStoreLoss::keep_until_deadline);
    EXPECT_EQ(load_resource("host: h, on_store_loss: end").on_store_loss, OnStoreLoss::end);
    EXPECT_THAT(problems_of(with_resource("host: h, on_store_loss: wait")),
                OnlyProblem("resources.prod.on_store_loss",
                            "expected one of keep-until-deadline, end, found 'wait'"));
}

TEST(ConfigResource, WindsItsSessionsDownWhereThatIsWanted) {
    EXPECT_EQ(load_resource("host: h").wind_down, std::nullopt);
    EXPECT_EQ(load_resource("host: h, wind_down: 30s").wind_down, std::chrono::seconds{30});
    EXPECT_THAT(problems_of(with_resource("host: h, wind_down: 2h")),
                OnlyProblem("resources.prod.wind_down", "1h"));
    EXPECT_THAT(problems_of(with_resource("host: h, wind_down: 500ms")),
                OnlyProblem("resources.prod.wind_down", "1s"));
}

TEST(ConfigResource, CanDoNeitherWithoutAnAdminLogin) {
    EXPECT_THAT(problems_of(with_resource("host: h, ungoverned: { enforce: report }")),
                OnlyProblem("resources.prod.ungoverned", "has no effect without 'admin_login'"));
    EXPECT_THAT(problems_of(with_resource("host: h, prepared_transactions: rollback")),
                OnlyProblem("resources.prod.prepared_transactions", "has no effect without 'admin_login'"));
}

TEST(ConfigResource, AdminLoginGoesWithEitherLogin) {
    FakeEnvironment environment;
    environment.set_variable("ADMIN_PASSWORD", "s3cret");
    const auto resource = load_resource(
        "host: h, admin_login: { user: curfew_admin, password: { env: ADMIN_PASSWORD }, database: app }",
        environment);
    ASSERT_TRUE(resource.admin_login);
    EXPECT_EQ(resource.admin_login->user, "curfew_admin");
    EXPECT_EQ(resource.admin_login->password->reveal(), "s3cret");
    EXPECT_EQ(resource.admin_login->database, "app");
    EXPECT_EQ(load_resource("host: h, admin_login: { user: a }").admin_login->database, "postgres");
    EXPECT_THAT(problems_of(with_resource("host: h, admin_login: { database: app }")),
                OnlyProblem("resources.prod.admin_login", "the key 'user' is missing"));
}

TEST(ConfigResource, TakesPasswordsWhereCurfewAsksForThem) {
    Resource resource;
    EXPECT_FALSE(resource.takes_passwords()) << "PostgreSQL asks";
    for (const auto login : {LoginMode::managed, LoginMode::ephemeral}) {
        resource.login = login;
        resource.authentication = PersonAuthentication::scram;
        EXPECT_TRUE(resource.takes_passwords());
    }
    for (const auto method : {PersonAuthentication::scram, PersonAuthentication::scram_or_certificate}) {
        resource.authentication = method;
        EXPECT_TRUE(resource.takes_passwords());
    }
    resource.authentication = PersonAuthentication::certificate;
    EXPECT_FALSE(resource.takes_passwords());
}

TEST(ConfigResource, AttributesAreFreeText) {
    EXPECT_THAT(load_resource("host: h, attributes: { env: prod, tier: 1 }").attributes,
                ElementsAre(Pair("env", "prod"), Pair("tier", "1")));
    EXPECT_THAT(problems_of(with_resource("host: h, attributes: { env: [prod] }")),
                OnlyProblem("resources.prod.attributes.env", "expected text, found a list"));
}

TEST(ConfigResource, MustNotPointBackAtAListenerOfThisFile) {
    EXPECT_THAT(problems_of(file_with({{"listeners", "[{ address: 127.0.0.1:6432 }]"},
                                       {"resources", "{ prod: { host: 127.0.0.1, port: 6432 } }"}})),
                OnlyProblem("resources.prod.host", "127.0.0.1:6432 is where listener 'listener-1'"));
    for (const std::string host : {"localhost", "127.0.0.1", "'::1'"}) {
        EXPECT_THAT(problems_of(with_resource("host: " + host + ", port: 6432")),
                    OnlyProblem("resources.prod.host", "listens, not PostgreSQL"))
            << host;
    }
    EXPECT_THAT(problems_of(with_resource("host: 10.0.0.5, port: 6432")), IsEmpty());
}

}  // namespace
}  // namespace curfew::config::test
