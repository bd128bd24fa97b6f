// Idempotency-Key: done once, however often it is sent. Over a real store.
#include "api/idempotency.hpp"
#include "support/awaiting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "known_people.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* two_hours = R"({"subject":"bob","resource":"prod","for":"2h"})";

class Idempotency : public testing::Test {
protected:
    TemporaryDirectory directory;
    Behind behind{usual_workplace, directory / "curfew.db"};
    RunningAdmin admin{serve_known_people, noon, behind};

    HttpReply give(const std::string& key, const std::string& body = two_hours,
                   const std::string& who = "ann by cookie", const std::string& target = "/api/v1/grants") {
        auto headers = headers_of(who);
        headers.emplace_back("Idempotency-Key", key);
        return admin.request_by_tcp("POST", target, body, headers);
    }
    std::size_t given() { return admin.grants().size(); }
    void fail_with(std::optional<Error> error) {
        admin.with_control([&](FakeControl& control) { control.fail_with = error; });
    }
};

TEST_F(Idempotency, AnswersARepeatedRequestAsTheFirstTimeAndDoesItOnce) {
    const auto first = give("k-1");
    const auto again = give("k-1");
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.headers.at("location"), first.headers.at("location"));
    EXPECT_EQ(again.headers.at("content-type"), first.headers.at("content-type"));
    EXPECT_EQ(given(), 1U);
}

TEST_F(Idempotency, DoesItAgainUnderAnotherKeyOrNone) {
    give("k-1");
    give("k-2");
    admin.request_by_tcp("POST", "/api/v1/grants", two_hours, headers_of("ann by cookie"));
    admin.request_by_tcp("POST", "/api/v1/grants", two_hours, headers_of("ann by cookie"));
    EXPECT_EQ(given(), 4U);
}

TEST_F(Idempotency, TellsPeopleApart) {
    give("k-1");
    auto headers = Headers{{"Idempotency-Key", "k-1"}};
    EXPECT_EQ(admin.request("POST", "/api/v1/grants", two_hours, headers).status, 201)
        << "by the socket, as root";
    EXPECT_EQ(given(), 2U);
    EXPECT_EQ(give("k-1", two_hours, "ann by token with admin").status, 201)
        << "the same person in another way";
    EXPECT_EQ(given(), 2U);
}

TEST_F(Idempotency, RefusesAKeyThatWasUsedForSomethingElse) {
    const auto grant = give("k-1").json();
    EXPECT_EQ(give("k-1", R"({"subject":"bob","resource":"prod","for":"3h"})").status, 400);
    EXPECT_EQ(give("k-1", R"({"by":"1h"})", "ann by cookie",
                   "/api/v1/grants/" + std::string{grant.at("id").as_string()} + "/extend")
                  .status,
              400);
    EXPECT_EQ(given(), 1U);
}

TEST_F(Idempotency, LetsWhatWasRefusedBeSentAgain) {
    fail_with(Error{ErrorCode::conflict, "not now"});
    EXPECT_EQ(give("k-1").status, 409);
    fail_with(std::nullopt);
    EXPECT_EQ(give("k-1").status, 201);
    EXPECT_EQ(give("k-2", R"({"subject":"bob"})").status, 400);
    EXPECT_EQ(give("k-2").status, 201) << "mended";
}

TEST_F(Idempotency, DoesNotRepeatWhatNobodyKnowsTheEndOf) {
    fail_with(Error{ErrorCode::unavailable, "the store is away"});
    EXPECT_EQ(give("k-1").status, 503);
    fail_with(std::nullopt);
    EXPECT_EQ(give("k-1").status, 409);
    EXPECT_EQ(given(), 0U);
}

TEST_F(Idempotency, IsNotForWhoMayNotDoIt) {
    EXPECT_EQ(give("k-1", two_hours, "alice by cookie").status, 403);
    EXPECT_EQ(given(), 0U);
}

TEST_F(Idempotency, RefusesAKeyThatIsNone) {
    EXPECT_EQ(give("").status, 400);
    EXPECT_EQ(give(std::string(256, 'k')).status, 400);
    EXPECT_EQ(give("two words").status, 400);
    EXPECT_EQ(give(std::string(255, 'k')).status, 201);
    auto twice = headers_of("ann by cookie");
    twice.emplace_back("Idempotency-Key", "k-1");
    twice.emplace_back("Idempotency-Key", "k-1");
    EXPECT_EQ(admin.request_by_tcp("POST", "/api/v1/grants", two_hours, twice).status, 400);
}

TEST_F(Idempotency, IsForgottenAfterADay) {
    give("k-1");
    admin.clock.advance(25h);
    give("k-1");
    EXPECT_EQ(given(), 2U);
}

TEST_F(Idempotency, SurvivesARestart) {
    const auto first = give("k-1");
    admin.stop();
    RunningAdmin next{serve_known_people, noon, behind};
    auto headers = headers_of("ann by cookie");
    headers.emplace_back("Idempotency-Key", "k-1");
    const auto again = next.request_by_tcp("POST", "/api/v1/grants", two_hours, headers);
    EXPECT_EQ(again.body, first.body);
}

TEST_F(Idempotency, KeepsNoSecret) {
    const auto answer_with_secret = [](api::Call) -> api::Awaitable<api::Reply> {
        co_return api::make_response(api::http::status::created, "application/json",
                                     R"({"secret":"cft_x","n":1})");
    };
    const api::Idempotency idempotency{*admin.workplace().store};
    const auto ask = [&] {
        api::Call call;
        call.principal = known_callers().front().principal;
        call.request.target("/api/v1/tokens");
        call.request.set("Idempotency-Key", "k-1");
        boost::asio::io_context context;
        auto asking = idempotency.once(std::move(call), answer_with_secret);
        auto reply = test::start(context, std::move(asking));
        context.run();
        return std::get<api::Response>(reply.get()).body();
    };
    EXPECT_THAT(ask(), HasSubstr("cft_x"));
    EXPECT_EQ(ask(), "{\"secret\":null,\"n\":1}\n");
}

}  // namespace
}  // namespace curfew::test
