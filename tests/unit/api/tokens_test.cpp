// Personal access tokens: made, listed, revoked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Tokens : public PeopleTest {
protected:
    Tokens() {
        give_password("alice");
        give_password("ann");
        alice = with_cookie(sign_in("alice"));
        ann = with_cookie(sign_in("ann"));
    }

    HttpReply make(const Headers& who, const std::string& name = "ci",
                   const std::string& scopes = R"(["read"])", const std::string& expires_in = "30d") {
        return call(
            "POST", "/tokens",
            R"({"name":")" + name + R"(","scopes":)" + scopes + R"(,"expires_in":")" + expires_in + "\"}",
            who);
    }
    static std::string id_of(const HttpReply& made) {
        return std::string{made.json().at("token").at("id").as_string()};
    }
    static Headers secret_of(const HttpReply& made) { return with_token(text_of(made, "secret")); }
    std::vector<std::string> names(const std::string& query, const Headers& who) {
        const auto reply = call("GET", "/tokens" + query, "", who);
        EXPECT_EQ(reply.status, 200) << reply.body;
        const auto list = reply.json();
        std::vector<std::string> found;
        for (const auto& token : list.at("items").as_array())
            found.emplace_back(token.at("name").as_string());
        return found;
    }

    Headers alice;
    Headers ann;
};

TEST_F(Tokens, AreShownWholeOnceAndThenWithoutTheirSecret) {
    const auto made = make(alice, "ci", R"(["request","read"])");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_THAT(text_of(made, "secret"), StartsWith("cft_"));
    EXPECT_EQ(made.headers.at("location"), "/api/v1/tokens/" + id_of(made));
    const boost::json::value expected{{"id", id_of(made)},
                                      {"user", "alice"},
                                      {"name", "ci"},
                                      {"scopes", {"read", "request"}},
                                      {"created_at", "2020-01-01T12:00:00Z"},
                                      {"expires_at", "2020-01-31T12:00:00Z"},
                                      {"last_used_at", nullptr}};
    EXPECT_EQ(made.json().at("token"), expected);
    EXPECT_EQ(call("GET", "/tokens/" + id_of(made), "", alice).json(), expected);
    EXPECT_EQ(call("GET", "/tokens", "", alice).json().at("items"),
              boost::json::value(boost::json::array{expected}));
}

TEST_F(Tokens, CanDoWhatTheirScopesSay) {
    const auto token = secret_of(make(ann));
    EXPECT_EQ(call("GET", "/users", "", token).status, 200);
    EXPECT_EQ(call("POST", "/users", R"({"name":"frank"})", token).status, 403);
    const auto administers = secret_of(make(ann, "admin", R"(["admin"])"));
    EXPECT_EQ(call("POST", "/users", R"({"name":"frank"})", administers).status, 201);
    EXPECT_EQ(call("GET", "/tokens", "", token).json().at("items").at(1).at("last_used_at"),
              "2020-01-01T12:00:00Z");
}

TEST_F(Tokens, AreMadeOnceUnderAnIdempotencyKey) {
    auto headers = alice;
    headers.emplace_back("Idempotency-Key", "k-1");
    const auto first = make(headers);
    const auto again = make(headers);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.json().at("token"), first.json().at("token"));
    EXPECT_TRUE(again.json().at("secret").is_null());
    EXPECT_EQ(names("", alice).size(), 1U);
}

TEST_F(Tokens, HaveNoMoreScopesAndNoMoreTimeThanTheTokenThatMakesThem) {
    const auto administers = secret_of(make(alice, "admin", R"(["admin"])", "1d"));
    EXPECT_EQ(make(administers, "x", R"(["review"])").status, 403);
    EXPECT_EQ(make(administers, "x", R"(["read"])", "2d").status, 201) << "it is fresh";
    admin.clock.advance(11min);
    const auto longer = make(administers, "x", R"(["read"])", "2d");
    EXPECT_EQ(longer.status, 403);
    EXPECT_THAT(detail_of(longer), HasSubstr("outlives"));
    EXPECT_EQ(make(administers, "x", R"(["read"])", "1h").status, 201);
    EXPECT_EQ(make(secret_of(make(alice))).status, 403) << "a token to read makes none";
}

TEST_F(Tokens, AreNotMadeOfNonsense) {
    EXPECT_EQ(make(alice, "").status, 400);
    EXPECT_EQ(make(alice, "x", "[]").status, 400);
    EXPECT_EQ(make(alice, "x", R"("read")").status, 400);
    EXPECT_EQ(make(alice, "x", R"(["read",7])").status, 400);
    EXPECT_THAT(detail_of(make(alice, "x", R"(["write"])")), HasSubstr("'write' is no scope"));
    EXPECT_EQ(make(alice, "x", R"(["read"])", "2y").status, 400);
    EXPECT_THAT(make(alice, "x", R"(["read"])", "0s").problems(), ElementsAre(StartsWith("expires_in: ")));
    EXPECT_THAT(make(alice, "", R"(["write"])", "2y").problems(),
                ElementsAre(StartsWith("name: "), StartsWith("scopes: "), StartsWith("expires_in: ")));
}

TEST_F(Tokens, AreUsersAlone) {
    const auto reply = administer("POST", "/tokens", R"({"name":"x","scopes":["read"],"expires_in":"1d"})");
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(administer("GET", "/tokens").json().at("items").as_array().size(), 0U);
}

TEST_F(Tokens, AreDeadOnceRevoked) {
    const auto made = make(alice);
    EXPECT_EQ(call("GET", "/me", "", secret_of(made)).status, 200);
    EXPECT_EQ(call("DELETE", "/tokens/" + id_of(made), "", alice).status, 204);
    EXPECT_EQ(call("GET", "/me", "", secret_of(made)).status, 401);
    EXPECT_TRUE(names("", alice).empty());
    EXPECT_EQ(call("GET", "/tokens/" + id_of(made), "", alice).status, 404);
    EXPECT_EQ(call("DELETE", "/tokens/" + id_of(made), "", alice).status, 404);
}

TEST_F(Tokens, AreNotListedOnceTheyExpired) {
    make(alice, "short", R"(["read"])", "1h");
    admin.clock.advance(1s);
    make(alice, "long", R"(["read"])", "2h");
    EXPECT_EQ(names("", alice), (std::vector<std::string>{"long", "short"}));
    admin.clock.advance(1h);
    EXPECT_EQ(names("", alice), (std::vector<std::string>{"long"}));
}

TEST_F(Tokens, AreSeenAndRevokedByTheirOwnersAndAdministrators) {
    const auto hers = id_of(make(alice, "hers"));
    const auto anns = id_of(make(ann, "anns"));
    EXPECT_EQ(names("", alice), (std::vector<std::string>{"hers"}));
    EXPECT_EQ(names("?user=al", alice), (std::vector<std::string>{"hers"}));
    EXPECT_EQ(names("?user=alice", ann), (std::vector<std::string>{"hers"}));
    EXPECT_EQ(call("GET", "/tokens/" + anns, "", alice).status, 404);
    EXPECT_EQ(call("DELETE", "/tokens/" + anns, "", alice).status, 404);
    EXPECT_EQ(call("DELETE", "/tokens/" + hers, "", ann).status, 204);
}

TEST_F(Tokens, DoNotTellWhetherThereIsSomebody) {
    const auto somebody = call("GET", "/tokens?user=bob", "", alice);
    const auto nobody = call("GET", "/tokens?user=nobody", "", alice);
    EXPECT_EQ(somebody.status, 403);
    EXPECT_EQ(somebody.body, nobody.body);
}

TEST_F(Tokens, ComeAPageAtATime) {
    for (const char* name : {"a", "b", "c"}) {
        make(alice, name);
        admin.clock.advance(1s);
    }
    const auto first = call("GET", "/tokens?limit=2", "", alice).json();
    EXPECT_EQ(first.at("items").as_array().size(), 2U);
    const std::string next{first.at("next").as_string()};
    EXPECT_EQ(names("?limit=2&after=" + next, alice), (std::vector<std::string>{"a"}));
    EXPECT_EQ(call("GET", "/tokens?after=nonsense", "", alice).status, 400);
}

}  // namespace
}  // namespace curfew::test
