// requests, api, sign_in and live: how people come to ask, and to be asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"
#include "self_signed.hpp"

namespace curfew::config::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

FakeEnvironment with_certificate() {
    const auto pem = make_self_signed();
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/api.crt", pem.certificate, 0644);
    environment.add_file("/etc/curfew/api.key", pem.key);
    return environment;
}
const std::string tls = "tls: { certificate: api.crt, key: api.key }";

TEST(ConfigRequests, ArePendingForAnHour) {
    EXPECT_EQ(load_valid(file_with({})).requests.review_timeout, 1h);
    EXPECT_EQ(load_valid(file_with({{"requests", "{ review_timeout: 10m }"}})).requests.review_timeout,
              10min);
    EXPECT_THAT(problems_of(file_with({{"requests", "{ review_timeout: 31d }"}})),
                OnlyProblem("requests.review_timeout", "from 1s to 720h"));
}

TEST(ConfigRequests, EnvironmentOverridesTheTimeout) {
    FakeEnvironment environment;
    environment.set_variable("REVIEW_TIMEOUT_SEC", "90");
    for (const auto& text : {file_with({}), file_with({{"requests", "{ review_timeout: 10m }"}})}) {
        const auto config = load_valid(text, environment);
        EXPECT_EQ(config.requests.review_timeout, 90s);
        ASSERT_EQ(config.remarks.size(), 1U);
        EXPECT_THAT(to_string(config.remarks[0]),
                    AllOf(HasSubstr("requests.review_timeout"), HasSubstr("is 1m30s"),
                          HasSubstr("REVIEW_TIMEOUT_SEC overrides")));
    }
}

TEST(ConfigRequests, EnvironmentMustBeANumberOfSeconds) {
    for (const std::string value : {"", "0", "-5", "1h", "90 ", "2592001", "99999999999999999999"}) {
        FakeEnvironment environment;
        environment.set_variable("REVIEW_TIMEOUT_SEC", value);
        EXPECT_THAT(
            problems_of(file_with({}), environment),
            OnlyProblem("requests.review_timeout", "REVIEW_TIMEOUT_SEC overrides it: expected a number"))
            << value;
    }
}

TEST(ConfigApi, IsServedOnlyWhereTheFileSaysSo) {
    EXPECT_FALSE(load_valid(file_with({})).api);
    const auto config = load_valid(file_with({{"api", "{}"}}));
    ASSERT_TRUE(config.api);
    EXPECT_EQ(config.api->address, (Endpoint{"127.0.0.1", 8432}));
    EXPECT_FALSE(config.api->tls);
    EXPECT_EQ(config.api->public_url, "");
}

TEST(ConfigApi, IsTakenFromTheFile) {
    const auto config = load_valid(
        file_with(
            {{"api", "{ address: 0.0.0.0:443, public_url: 'https://curfew.example.com/', " + tls + " }"}}),
        with_certificate());
    ASSERT_TRUE(config.api && config.api->tls);
    EXPECT_EQ(config.api->address, (Endpoint{"0.0.0.0", 443}));
    EXPECT_EQ(config.api->tls->certificate_file, "/etc/curfew/api.crt");
    EXPECT_EQ(config.api->tls->key_file, "/etc/curfew/api.key");
    EXPECT_EQ(config.api->tls->mode, ClientTls::require);
    EXPECT_EQ(config.api->public_url, "https://curfew.example.com");
}

TEST(ConfigApi, WithoutTlsOnlyThisMachineReachesIt) {
    for (const std::string address : {"127.0.0.1:1", "127.1.2.3:1", "'[::1]:1'", "/run/curfew/api.sock"}) {
        EXPECT_THAT(problems_of(file_with({{"api", "{ address: " + address + " }"}})), IsEmpty()) << address;
    }
    for (const std::string address : {"10.0.0.1:8432", "'[fe80::1]:8432'"}) {
        EXPECT_THAT(problems_of(file_with({{"api", "{ address: " + address + " }"}})),
                    OnlyProblem("api.address", "can be reached from other machines, and without TLS"))
            << address;
    }
}

TEST(ConfigApi, TlsNeedsACertificateAndANetwork) {
    EXPECT_THAT(problems_of(file_with({{"api", "{ tls: {} }"}})),
                OnlyProblem("api.tls", "'certificate' and 'key' are missing"));
    EXPECT_THAT(problems_of(file_with({{"api", "{ tls: { mode: allow } }"}})),
                ElementsAre(HasSubstr("api.tls: the keys"), HasSubstr("api.tls.mode: unknown key")));
    EXPECT_THAT(
        problems_of(file_with({{"api", "{ address: /run/a.sock, " + tls + " }"}}), with_certificate()),
        OnlyProblem("api.tls", "Unix socket"));
}

TEST(ConfigApi, OnEveryAddressNeedsOneThatPeopleCanOpen) {
    EXPECT_THAT(
        problems_of(file_with({{"api", "{ address: 0.0.0.0:443, " + tls + " }"}}), with_certificate()),
        OnlyProblem("api", "the key 'public_url' is missing"));
}

TEST(ConfigApi, PublicUrlIsAHostByHttps) {
    const auto problems = [](const std::string& url) {
        return problems_of(file_with({{"api", "{ public_url: '" + url + "' }"}}));
    };
    for (const std::string url :
         {"https://c.example.com", "https://c.example.com:8443/", "http://localhost:8432", "http://127.0.0.1",
          "https://[2001:db8::1]:8443", "http://[::1]:1"}) {
        EXPECT_THAT(problems(url), IsEmpty()) << url;
    }
    EXPECT_THAT(problems("http://c.example.com"), OnlyProblem("api.public_url", "http is for this machine"));
    EXPECT_THAT(problems("http://127.example.com"),
                OnlyProblem("api.public_url", "http is for this machine"));
    EXPECT_THAT(problems("https://c.example.com/curfew"), OnlyProblem("api.public_url", "no path"));
    EXPECT_THAT(problems("https://c.example.com?x=1"), OnlyProblem("api.public_url", "no '?'"));
    EXPECT_THAT(problems("https://c.example.com/?x=1"), OnlyProblem("api.public_url", "no '?'"));
    EXPECT_THAT(problems("https://c.example.com:"), OnlyProblem("api.public_url", "https://HOST"));
    EXPECT_THAT(problems("https://c.example.com:70000"), OnlyProblem("api.public_url", "https://HOST"));
    EXPECT_THAT(problems("https://"), OnlyProblem("api.public_url", "https://HOST"));
    EXPECT_THAT(problems("c.example.com"), OnlyProblem("api.public_url", "https://HOST"));
}

TEST(ConfigApi, PasswordInItsUrlIsNotRepeated) {
    for (const std::string url : {"https://u:hunter2@c.example.com", "u:hunter2@c.example.com"}) {
        EXPECT_THAT(problems_of(file_with({{"api", "{ public_url: '" + url + "' }"}})),
                    ElementsAre(AllOf(HasSubstr("https://HOST"), Not(HasSubstr("hunter2")))));
    }
}

TEST(ConfigApi, SharesItsAddressWithNobody) {
    EXPECT_THAT(problems_of(file_with({{"api", "{ address: 127.0.0.1:6432 }"}})),
                OnlyProblem("api.address", "clashes with 0.0.0.0:6432 of listener 'listener-1'"));
    EXPECT_THAT(problems_of(file_with({{"metrics", "{ address: 127.0.0.1:8432 }"}, {"api", "{}"}})),
                OnlyProblem("api.address", "clashes with 127.0.0.1:8432 of metrics"));
    EXPECT_THAT(problems_of(file_with({{"api", "{ address: /run/curfew/admin.sock }"}})),
                OnlyProblem("api.address", "of admin.socket"));
}

TEST(ConfigSignIn, IsByPasswordForTwelveHours) {
    const auto config = load_valid(file_with({}));
    EXPECT_TRUE(config.sign_in.passwords);
    EXPECT_EQ(config.sign_in.session, 12h);
    EXPECT_FALSE(config.sign_in.oidc);
}

TEST(ConfigSignIn, IsTakenFromTheFile) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/oidc.secret", "hunter2\n");
    environment.add_file("/etc/curfew/ca.crt", make_self_signed().certificate);
    const auto config = load_valid(file_with({{"sign_in", R"({ passwords: false, session: 1h, oidc: {
        issuer: 'https://id.example.com/realms/main', client_id: curfew, client_secret: { file: oidc.secret },
        root_certificate: ca.crt, user_claim: email, groups_claim: roles, administrators_from_claims: true,
        scopes: [openid, email, roles] } })"}}),
                                   environment);
    EXPECT_FALSE(config.sign_in.passwords);
    EXPECT_EQ(config.sign_in.session, 1h);
    ASSERT_TRUE(config.sign_in.oidc);
    const auto& oidc = *config.sign_in.oidc;
    EXPECT_EQ(oidc.issuer, "https://id.example.com/realms/main");
    EXPECT_EQ(oidc.client_id, "curfew");
    EXPECT_EQ(oidc.client_secret->reveal(), "hunter2");
    EXPECT_EQ(oidc.user_claim, "email");
    EXPECT_EQ(oidc.root_certificate_file, "/etc/curfew/ca.crt");
    EXPECT_EQ(oidc.groups_claim, "roles");
    EXPECT_TRUE(oidc.administrators_from_claims);
    EXPECT_THAT(oidc.scopes, ElementsAre("openid", "email", "roles"));
}

TEST(ConfigSignIn, SomebodyCan) {
    EXPECT_THAT(problems_of(file_with({{"sign_in", "{ passwords: false }"}})),
                OnlyProblem("sign_in.passwords", "nobody could sign in"));
}

TEST(ConfigSignIn, LastsFromAMinuteTo30Days) {
    EXPECT_THAT(problems_of(file_with({{"sign_in", "{ session: 59s }"}})),
                OnlyProblem("sign_in.session", "from 1m"));
    EXPECT_THAT(problems_of(file_with({{"sign_in", "{ session: 30d1s }"}})),
                OnlyProblem("sign_in.session", ""));
}

TEST(ConfigOidc, HasDefaults) {
    const auto config = load_valid(
        file_with({{"sign_in", "{ oidc: { issuer: 'http://localhost:3000', client_id: curfew } }"}}));
    ASSERT_TRUE(config.sign_in.oidc);
    EXPECT_FALSE(config.sign_in.oidc->client_secret);
    EXPECT_EQ(config.sign_in.oidc->user_claim, "preferred_username");
    EXPECT_EQ(config.sign_in.oidc->groups_claim, "groups");
    EXPECT_FALSE(config.sign_in.oidc->administrators_from_claims);
    EXPECT_FALSE(config.sign_in.oidc->root_certificate_file);
    EXPECT_THAT(config.sign_in.oidc->scopes, ElementsAre("openid", "profile", "email"));
}

TEST(ConfigOidc, NeedsAProviderAndAClient) {
    EXPECT_THAT(problems_of(file_with({{"sign_in", "{ oidc: {} }"}})),
                ElementsAre("sign_in.oidc: the key 'issuer' is missing",
                            "sign_in.oidc: the key 'client_id' is missing"));
    EXPECT_THAT(
        problems_of(file_with({{"sign_in", "{ oidc: { issuer: 'http://id.example.com', client_id: c } }"}})),
        OnlyProblem("sign_in.oidc.issuer", "http is for this machine"));
}

TEST(ConfigOidc, SecretStandsElsewhere) {
    const auto problems = problems_of(
        file_with({{"sign_in", "{ oidc: { issuer: 'https://id', client_id: c, client_secret: hunter2 } }"}}));
    EXPECT_THAT(problems, OnlyProblem("sign_in.oidc.client_secret", "a file of its own"));
    EXPECT_THAT(problems, ElementsAre(Not(HasSubstr("hunter2"))));
}

TEST(ConfigOidc, ScopesAreListedOneByOne) {
    const auto problems = [](const std::string& scopes) {
        return problems_of(file_with(
            {{"sign_in", "{ oidc: { issuer: 'https://id', client_id: c, scopes: " + scopes + " } }"}}));
    };
    EXPECT_THAT(problems("[email]"), OnlyProblem("sign_in.oidc.scopes", "'openid' is missing"));
    EXPECT_THAT(problems("[openid, 'email profile']"),
                OnlyProblem("sign_in.oidc.scopes", "is not one scope"));
}

TEST(ConfigOidc, IsVerifiedByCertificatesThatCanBeRead) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/ca.crt", "no certificate");
    const auto problems = [&](const std::string& file) {
        return problems_of(
            file_with({{"sign_in",
                        "{ oidc: { issuer: 'https://id', client_id: c, root_certificate: " + file + " } }"}}),
            environment);
    };
    EXPECT_THAT(problems("ca.crt"), OnlyProblem("sign_in.oidc.root_certificate", "/etc/curfew/ca.crt"));
    EXPECT_THAT(problems("gone.crt"), OnlyProblem("sign_in.oidc.root_certificate", "/etc/curfew/gone.crt"));
}

TEST(ConfigOidc, MakesAdministratorsOnlyByAClaim) {
    const auto problems =
        problems_of(file_with({{"sign_in",
                                "{ oidc: { issuer: 'https://id', client_id: c, groups_claim: '', "
                                "administrators_from_claims: true } }"}}));
    EXPECT_THAT(problems, OnlyProblem("sign_in.oidc.administrators_from_claims", "needs 'groups_claim'"));
    EXPECT_THAT(problems_of(file_with({{"sign_in",
                                        "{ oidc: { issuer: 'https://id', client_id: c, "
                                        "administrators_from_claims: perhaps } }"}})),
                OnlyProblem("sign_in.oidc.administrators_from_claims", "perhaps"));
}

TEST(ConfigOidc, NeedsAWayBack) {
    const std::string oidc = "{ oidc: { issuer: 'https://id', client_id: c } }";
    EXPECT_THAT(problems_of(file_with({{"api", "{ address: /run/a.sock }"}, {"sign_in", oidc}})),
                OnlyProblem("sign_in.oidc", "needs 'api.public_url'"));
}

TEST(ConfigLive, NamesOneDirectory) {
    EXPECT_FALSE(load_valid(file_with({})).live.files);
    EXPECT_EQ(load_valid(file_with({{"live", "{ files: secrets/ }"}})).live.files, "/etc/curfew/secrets");
    EXPECT_THAT(problems_of(file_with({{"live", "{ files: / }"}})), OnlyProblem("live.files", "of its own"));
}

}  // namespace
}  // namespace curfew::config::test
