#include "api/router.hpp"

#include <gtest/gtest.h>

namespace curfew::api {
namespace {

class Routing : public testing::Test {
protected:
    Routing() {
        router.add(http::verb::get, "/things", {"all", "limit"}, nobody);
        router.add(http::verb::get, "/things/past", {}, nobody);
        router.add(http::verb::post, "/things/{id}/end", {}, nobody);
    }

    std::variant<Router::Match, Response> find(http::verb method, const std::string& target) {
        return router.find(Request{method, target, 11}, "root");
    }
    http::status status(http::verb method, const std::string& target) {
        const auto found = find(method, target);
        const auto* response = std::get_if<Response>(&found);
        return response == nullptr ? http::status::ok : response->result();
    }

    static Awaitable<Reply> nobody(Call) { co_return Response{}; }
    Router router;
};

TEST_F(Routing, TakesTheIdFromThePath) {
    auto found = find(http::verb::post, "/things/t-1/end");
    ASSERT_TRUE(std::holds_alternative<Router::Match>(found));
    EXPECT_EQ(std::get<Router::Match>(found).call.id, "t-1");
    EXPECT_EQ(std::get<Router::Match>(found).call.actor, "root");
}

TEST_F(Routing, TakesTheQueryApart) {
    auto found = find(http::verb::get, "/things?all&limit=5");
    ASSERT_TRUE(std::holds_alternative<Router::Match>(found));
    const auto& query = std::get<Router::Match>(found).call.query;
    EXPECT_EQ(query.at("all"), "");
    EXPECT_EQ(query.at("limit"), "5");
}

TEST_F(Routing, FindsNobodyForAPathOfAnotherShape) {
    EXPECT_EQ(status(http::verb::get, "/thing"), http::status::not_found);
    EXPECT_EQ(status(http::verb::post, "/things//end"), http::status::not_found);
    EXPECT_EQ(status(http::verb::post, "/things/a/b/end"), http::status::not_found);
    EXPECT_EQ(status(http::verb::get, "/things/"), http::status::not_found);
}

TEST_F(Routing, TellsAWrongMethodFromAWrongPath) {
    EXPECT_EQ(status(http::verb::post, "/things"), http::status::method_not_allowed);
    EXPECT_EQ(status(http::verb::get, "/things/t-1/end"), http::status::method_not_allowed);
    EXPECT_EQ(status(http::verb::get, "/things/past"), http::status::ok);
}

TEST_F(Routing, RefusesAParameterThatTheRouteDoesNotKnow) {
    EXPECT_EQ(status(http::verb::get, "/things?limti=5"), http::status::bad_request);
    EXPECT_EQ(status(http::verb::get, "/things/past?limit=5"), http::status::bad_request);
    EXPECT_EQ(status(http::verb::get, "/things?"), http::status::ok);
}

}  // namespace
}  // namespace curfew::api
