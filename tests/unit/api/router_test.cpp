#include "api/router.hpp"

#include <gtest/gtest.h>

namespace curfew::api {
namespace {

class Routing : public testing::Test {
protected:
    Routing() {
        add(http::verb::get, "/things", {"all", "limit"});
        add(http::verb::post, "/things");
        add(http::verb::get, "/things/{id}");
        add(http::verb::get, "/things/past");
        add(http::verb::post, "/things/{id}/end");
    }
    void add(http::verb method, const std::string& path, std::vector<std::string> query = {}) {
        router.add({method, path, {Access::anyone, {}}, std::move(query)}, nobody);
    }

    Router::Match match(http::verb method, const std::string& target) {
        return std::get<Router::Match>(router.find(method, target));
    }
    Response response(http::verb method, const std::string& target) {
        return std::get<Response>(router.find(method, target));
    }
    http::status status(http::verb method, const std::string& target) {
        const auto found = router.find(method, target);
        const auto* answer = std::get_if<Response>(&found);
        return answer == nullptr ? http::status::ok : answer->result();
    }

    static Awaitable<Reply> nobody(Call) { co_return Response{}; }
    Router router{"/api"};
};

TEST_F(Routing, TakesTheIdFromThePath) {
    const auto found = match(http::verb::post, "/api/things/t-1/end");
    EXPECT_EQ(found.id, "t-1");
    EXPECT_EQ(found.route->path, "/things/{id}/end");
}

TEST_F(Routing, DecodesTheIdAndKeepsItOneSegment) {
    EXPECT_EQ(match(http::verb::get, "/api/things/Zo%C3%AB%20%2F%3F").id, "Zo\xC3\xAB /?");
    EXPECT_EQ(status(http::verb::get, "/api/things/%2"), http::status::not_found);
    EXPECT_EQ(status(http::verb::get, "/api/things/%zz"), http::status::not_found);
    EXPECT_EQ(status(http::verb::get, "/api/things/a%00b"), http::status::not_found);
}

TEST_F(Routing, PrefersAWordToAnyId) {
    EXPECT_EQ(match(http::verb::get, "/api/things/past").route->path, "/things/past");
    EXPECT_EQ(match(http::verb::get, "/api/things/pasta").route->path, "/things/{id}");
}

TEST_F(Routing, TakesTheQueryApart) {
    const auto found = match(http::verb::get, "/api/things?all&limit=5%2B+x");
    EXPECT_EQ(found.query.at("all"), "");
    EXPECT_EQ(found.query.at("limit"), "5+ x");
}

TEST_F(Routing, PassesOverWhatItDoesNotKnowOfAQueryOnlyWhereARouteSaysSo) {
    EXPECT_EQ(status(http::verb::get, "/api/things?all&more=1"), http::status::bad_request);
    Route back{http::verb::get, "/back", {Access::anyone, {}}, {"code"}};
    back.ignores_other_query = true;
    router.add(back, nobody);
    const auto found = match(http::verb::get, "/api/back?authuser=0&code=x&authuser=1&%zz");
    EXPECT_EQ(found.query.size(), 1U);
    EXPECT_EQ(found.query.at("code"), "x");
    EXPECT_EQ(status(http::verb::get, "/api/back?code=x&code=y"), http::status::bad_request);
}

TEST_F(Routing, FindsNobodyForAPathOfAnotherShape) {
    for (const char* target :
         {"/api/thing", "/api/things//end", "/api/things/a/b/end", "/api/things/", "/things", "/api", ""}) {
        EXPECT_EQ(status(http::verb::get, target), http::status::not_found) << target;
    }
}

TEST_F(Routing, NamesTheMethodsOfAPathWhereTheOneAskedForIsNotAmongThem) {
    const auto refusal = response(http::verb::delete_, "/api/things");
    EXPECT_EQ(refusal.result(), http::status::method_not_allowed);
    EXPECT_EQ(refusal[http::field::allow], "GET, HEAD, POST, OPTIONS");
}

TEST_F(Routing, AnswersOptionsWithTheMethodsOfAPath) {
    const auto answer = response(http::verb::options, "/api/things/t-1/end");
    EXPECT_EQ(answer.result(), http::status::no_content);
    EXPECT_EQ(answer[http::field::allow], "POST, OPTIONS");
    EXPECT_EQ(status(http::verb::options, "/api/nothing"), http::status::not_found);
}

TEST_F(Routing, AnswersHeadAsGet) {
    EXPECT_EQ(match(http::verb::head, "/api/things").route->method, http::verb::get);
    EXPECT_EQ(status(http::verb::head, "/api/things/t-1/end"), http::status::method_not_allowed);
}

TEST_F(Routing, RefusesAParameterThatTheRouteDoesNotKnow) {
    EXPECT_EQ(status(http::verb::get, "/api/things?limti=5"), http::status::bad_request);
    EXPECT_EQ(status(http::verb::get, "/api/things/past?limit=5"), http::status::bad_request);
    EXPECT_EQ(status(http::verb::get, "/api/things?"), http::status::ok);
}

TEST_F(Routing, RefusesAParameterThatIsNotWellFormedOrStandsThereTwice) {
    EXPECT_EQ(status(http::verb::get, "/api/things?limit=%2"), http::status::bad_request);
    EXPECT_EQ(status(http::verb::get, "/api/things?limit=1&limit=2"), http::status::bad_request);
}

}  // namespace
}  // namespace curfew::api
