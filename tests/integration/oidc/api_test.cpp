// Signing in at a real provider, with the API as where people come from and go back to: over HTTP alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <fstream>
#include <memory>
#include <string>

#include "contract.hpp"
#include "identity/authentication.hpp"
#include "oidc_fixture.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The API over TLS, a provider that sends people back to it, and browsers that trust both.
class ApiAtAProvider : public testing::Test {
protected:
    ApiAtAProvider()
        : provider{url("/api/v1/sign-in/oidc/callback")},
          trusted{directory.write("trusted.pem", certificates())} {
        admin.workplace().declared = std::string{usual_workplace} + "sign_in: { oidc: { issuer: \"" +
                                     provider.issuer() + "\", client_id: curfew } }\n";
        admin.await([](Workplace& workplace) { return workplace.registry.reload(); }).value();
        identity::OpenIdSettings settings;
        settings.provider = *admin.workplace().people.now()->sign_in().oidc;
        settings.provider.client_secret = Secret{std::string{RunningProvider::client_secret}};
        settings.provider.scopes = {"openid", "profile", "email", "groups"};
        settings.redirect_uri = url("/api/v1/sign-in/oidc/callback");
        settings.root_certificate_file = provider.root_certificate();
        admin.workplace().sign_in.use_provider(
            std::make_shared<identity::ProviderSignIn>(settings, Secret{std::string(32, 's')}, clock));
    }

    std::string url(const std::string& path) const {
        return "https://localhost:" + std::to_string(admin.port()) + path;
    }
    std::unique_ptr<Browser> browser() const { return std::make_unique<Browser>(trusted); }

    // Held against the OpenAPI document.
    static HttpReply read(std::string_view method, const std::string& path, const Browser::Answer& answer) {
        auto reply = parse_reply(answer.text);
        expect_as_documented(method, path, reply);
        return reply;
    }
    HttpReply get(Browser& with, const std::string& path) const {
        return read("GET", path, with.open(url(path)));
    }
    HttpReply post(Browser& with, const std::string& path, const std::string& body = "{}") const {
        return read("POST", path, with.post(url(path), body));
    }
    // Where the provider's page sends the browser that signs in there as `name`.
    std::string sign_in_there(Browser& with, const std::string& name,
                              const std::string& return_to = "/") const {
        const auto start = with.open(url("/api/v1/sign-in/oidc?return_to=" + return_to));
        EXPECT_EQ(read("GET", "/api/v1/sign-in/oidc", start).status, 302) << start.text;
        EXPECT_THAT(start.location, StartsWith(provider.issuer() + "/"));
        return with.sign_in(start.location, name);
    }
    HttpReply come_back(Browser& with, const std::string& back) const {
        return read("GET", "/api/v1/sign-in/oidc/callback", with.open(back));
    }

    api::Awaitable<Result<api::Principal>> who(Secret token) {
        auto& workplace = admin.workplace();
        identity::Authentication authentication{*workplace.store, workplace.people.current()};
        auto asking = authentication.by_token(std::move(token));
        auto principal = co_await std::move(asking);
        co_return principal;
    }

    TemporaryDirectory directory;
    ShiftedClock clock;
    TestCa authority{"Curfew API test CA"};
    CertificateFiles certificate = authority.issue_server();
    RunningAdmin admin{[this](api::ApiServerOptions& options) {
        options.network =
            api::NetworkListener{{"127.0.0.1", 0},
                                 config::ServerTls{config::ClientTls::require, certificate.certificate,
                                                   certificate.key, std::nullopt}};
        options.api.authenticate = [this](Secret token) { return who(std::move(token)); };
    }};
    RunningProvider provider;
    std::filesystem::path trusted;

private:
    std::string certificates() const {
        std::string all;
        for (const auto& file : {authority.certificate(), provider.root_certificate()}) {
            std::ifstream stream{file};
            all.append(std::istreambuf_iterator<char>{stream}, {});
        }
        return all;
    }
};

TEST_F(ApiAtAProvider, OffersBothFlows) {
    const auto methods = get(*browser(), "/api/v1/sign-in").json();
    EXPECT_EQ(methods.at("oidc").at("name"), "localhost");
    EXPECT_EQ(methods.at("device"), true);
}

TEST_F(ApiAtAProvider, TakesABrowserThereAndBackAndKeepsItSignedIn) {
    const auto alice = browser();
    const auto back = sign_in_there(*alice, "alice", "/requests%3Fview=mine");
    ASSERT_THAT(back, StartsWith(url("/api/v1/sign-in/oidc/callback?"))) << alice->page();
    const auto answer = alice->open(back);
    ASSERT_EQ(read("GET", "/api/v1/sign-in/oidc/callback", answer).status, 303) << answer.text;
    EXPECT_EQ(answer.location, url("/requests?view=mine"));
    EXPECT_THAT(answer.text, ContainsRegex("Set-Cookie: __Host-curfew=cfs_[^;]+; Path=/; Max-Age=[0-9]+; "
                                           "HttpOnly; SameSite=Strict; Secure"));
    EXPECT_THAT(answer.text, HasSubstr("Set-Cookie: __Host-curfew-oidc=; Path=/; Max-Age=0"));
    EXPECT_THAT(answer.text, HasSubstr("Cache-Control: no-store"));

    const auto me = get(*alice, "/api/v1/me").json();
    EXPECT_EQ(me.at("user"), "alice");
    EXPECT_EQ(me.at("via"), "sign_in");
    EXPECT_EQ(me.at("administrator"), false);
    // At the provider she is in `staff` as well, which is no group here.
    EXPECT_EQ(me.at("groups"), (boost::json::value{"dba", "developers"}));
    EXPECT_EQ(post(*alice, "/api/v1/sign-out").status, 204);
    EXPECT_EQ(get(*alice, "/api/v1/me").status, 401);
}

TEST_F(ApiAtAProvider, TiesTheWayBackToTheBrowserThatWentThere) {
    const auto alice = browser();
    const auto start = alice->open(url("/api/v1/sign-in/oidc"));
    EXPECT_THAT(start.text, ContainsRegex("Set-Cookie: __Host-curfew-oidc=[^;]+; Path=/; Max-Age=600; "
                                          "HttpOnly; SameSite=Lax; Secure"));
    const auto back = alice->sign_in(start.location, "alice");
    const auto other = browser();
    EXPECT_EQ(come_back(*other, back).status, 400);
    EXPECT_EQ(get(*other, "/api/v1/me").status, 401);
    EXPECT_EQ(come_back(*alice, back).status, 303);
    EXPECT_EQ(come_back(*alice, back).status, 400) << "it works once";
}

TEST_F(ApiAtAProvider, SignsNobodyInWhoDeclinesThere) {
    const auto somebody = browser();
    const auto start = somebody->open(url("/api/v1/sign-in/oidc"));
    const auto refused = come_back(*somebody, somebody->decline(start.location));
    EXPECT_EQ(refused.status, 401);
    EXPECT_THAT(refused.body, HasSubstr("declined"));
    EXPECT_EQ(get(*somebody, "/api/v1/me").status, 401);
}

TEST_F(ApiAtAProvider, SignsNobodyInWhoIsNoUser) {
    const auto mallory = browser();
    const auto refused = come_back(*mallory, sign_in_there(*mallory, "mallory"));
    EXPECT_EQ(refused.status, 401);
    EXPECT_THAT(refused.body, HasSubstr("ask an administrator"));
    EXPECT_EQ(get(*mallory, "/api/v1/me").status, 401);
}

TEST_F(ApiAtAProvider, SignsAProgramInWhosePersonIsAtAnotherDevice) {
    const auto program = browser();
    const auto start = post(*program, "/api/v1/sign-in/device").json();
    const std::string code{start.at("device_code").as_string()};
    const auto poll = [&] {
        clock.advance(std::chrono::seconds{start.at("interval_seconds").as_int64()});
        return post(*program, "/api/v1/sign-in/device/poll",
                    R"({"device_code":")" + code + R"(","token_name":"curfew on laptop"})");
    };
    const auto pending = poll();
    EXPECT_EQ(pending.status, 202);
    EXPECT_GE(pending.json().at("interval_seconds").as_int64(), 1);

    browser()->sign_in(std::string{start.at("verification_uri_complete").as_string()}, "alice");
    const auto done = poll();
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_FALSE(done.headers.contains("set-cookie"));
    EXPECT_EQ(done.json().at("me").at("user"), "alice");
    Secret token{std::string{done.json().at("token").as_string()}};
    const auto principal = admin.await([&](Workplace&) { return who(std::move(token)); });
    ASSERT_TRUE(principal) << principal.error().message;
    EXPECT_EQ(principal->groups, (identity::GroupNames{"dba", "developers"}));
    const auto tokens = admin.request("GET", "/api/v1/tokens?user=alice").json();
    EXPECT_EQ(tokens.at("items").at(0).at("name"), "curfew on laptop");
    EXPECT_EQ(tokens.at("items").at(0).at("user"), "alice");
    EXPECT_EQ(poll().status, 400) << "it works once";
}

}  // namespace
}  // namespace curfew::test
