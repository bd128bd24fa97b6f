// What is read of a request's body, and every way in which it is refused.
#include "api/json_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace curfew::api {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::StartsWith;

Request with_body(std::string body, std::string type = "application/json") {
    Request request{http::verb::post, "/", 11};
    if (!type.empty()) request.set(http::field::content_type, type);
    request.body() = std::move(body);
    return request;
}

std::string problem_of(const std::string& body) {
    const auto read = read_new_grant(with_body(body), "root");
    EXPECT_FALSE(read) << body;
    if (read) return "";
    EXPECT_EQ(read.error().code, ErrorCode::invalid);
    return read.error().message;
}

TEST(JsonInput, ReadsAGrantWithEveryField) {
    const auto read =
        read_new_grant(with_body(R"({"subject":"*","resource":"prod","for":"2h","starts_in":"5m",
        "reason":"because","replication":true})"),
                       "root");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->subject.kind, policy::Subject::Kind::everyone);
    EXPECT_EQ(read->resource, "prod");
    EXPECT_EQ(read->length, 2h);
    EXPECT_EQ(read->starts_in, 5min);
    EXPECT_EQ(read->reason, "because");
    EXPECT_TRUE(read->allow_replication);
    EXPECT_EQ(read->given_by, "root");
}

TEST(JsonInput, FillsInWhatMayBeLeftOut) {
    const auto read = read_new_grant(
        with_body(R"({"subject":"group:dba","resource":"prod","for":"30m","reason":null})"), "root");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->subject, (policy::Subject{policy::Subject::Kind::group, "dba"}));
    EXPECT_EQ(read->starts_in, 0s);
    EXPECT_EQ(read->reason, "");
    EXPECT_FALSE(read->allow_replication);
}

TEST(JsonInput, NamesEveryProblemAtOnce) {
    EXPECT_THAT(problem_of(R"({"subject":7,"for":"soon","replication":"yes","forever":true})"),
                AllOf(HasSubstr("'subject' must be text"), HasSubstr("'resource' is missing"),
                      HasSubstr("'soon' is not a duration"), HasSubstr("'replication' must be true or false"),
                      HasSubstr("'forever' is not known here; known: for, reason, replication, resource")));
}

TEST(JsonInput, TellsEachProblemWithItsMember) {
    const auto read = read_new_grant(with_body(R"({"subject":"group:","resource":"prod","for":"soon",
        "forever":true})"),
                                     "root");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().problems,
                ElementsAre(AllOf(Field(&MemberProblem::member, "subject"),
                                  Field(&MemberProblem::detail, HasSubstr("names nobody"))),
                            AllOf(Field(&MemberProblem::member, "for"),
                                  Field(&MemberProblem::detail, StartsWith("'soon' is not a duration"))),
                            AllOf(Field(&MemberProblem::member, "forever"),
                                  Field(&MemberProblem::detail, HasSubstr("is not known here")))));
    for (const auto& problem : read.error().problems)
        EXPECT_THAT(read.error().message, HasSubstr(problem.detail));
}

TEST(JsonInput, RefusesAnEmptyBodyWhereFieldsAreRequired) {
    EXPECT_THAT(problem_of(""), AllOf(HasSubstr("'subject' is missing"), HasSubstr("'resource' is missing"),
                                      HasSubstr("'for' is missing")));
}

TEST(JsonInput, RefusesTextThatIsTooLong) {
    const std::string start = R"({"subject":"alice","resource":"prod","for":"1h","reason":")";
    EXPECT_THAT(problem_of(start + std::string(1001, 'x') + "\"}"),
                HasSubstr("'reason' is longer than 1000"));
    EXPECT_TRUE(read_new_grant(with_body(start + std::string(1000, 'x') + "\"}"), "root"));
    EXPECT_THAT(problem_of(R"({"subject":")" + std::string(64, 'x') + R"(","resource":"prod","for":"1h"})"),
                HasSubstr("names nobody"));
}

TEST(JsonInput, RefusesASubjectThatNamesNobody) {
    EXPECT_THAT(problem_of(R"({"subject":"group:","resource":"prod","for":"1h"})"),
                HasSubstr("names nobody"));
    EXPECT_THAT(problem_of(R"({"subject":"a\u0000b","resource":"prod","for":"1h"})"),
                HasSubstr("names nobody"));
}

TEST(JsonInput, TakesAContentTypeWithParametersAndNone) {
    EXPECT_TRUE(read_extension(with_body(R"({"by":"5m"})", "Application/JSON; charset=utf-8")));
    EXPECT_TRUE(read_extension(with_body(R"({"by":"5m"})", "")));
    EXPECT_FALSE(read_extension(with_body(R"({"by":"5m"})", "application/jsonish")));
}

TEST(JsonInput, RefusesWhatFollowsTheObject) {
    EXPECT_FALSE(read_extension(with_body(R"({"by":"5m"} {"by":"6m"})")));
}

TEST(JsonInput, TakesNothingWhereNothingIsKnown) {
    EXPECT_TRUE(read_nothing(with_body("")));
    EXPECT_TRUE(read_nothing(with_body("{}")));
    EXPECT_FALSE(read_nothing(with_body(R"({"x":1})")));
}

}  // namespace
}  // namespace curfew::api
