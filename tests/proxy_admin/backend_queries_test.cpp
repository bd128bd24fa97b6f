#include "proxy/backend_queries.hpp"

#include <gmock/gmock.h>

namespace curfew::proxy {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;

TEST(BackendQueries, GoAsTwoArraysInTheOrderAsked) {
    EXPECT_THAT(batch_parameters({{10, "2026-11-24T14:05:00.123456Z"}, {20, "-1"}}),
                ElementsAre("{10,20}", R"({"2026-11-24T14:05:00.123456Z","-1"})"));
}

TEST(BackendQueries, QuoteWhateverTheStoreHeld) {
    EXPECT_THAT(batch_parameters({{1, R"(a"},{\b)"}}), ElementsAre("{1}", R"({"a\"},{\\b"})"));
    EXPECT_THAT(batch_parameters({{1, "NULL"}}), ElementsAre("{1}", R"({"NULL"})"));
}

TEST(BackendQueries, OnlyTheQuestionToTerminateSignals) {
    EXPECT_THAT(batch_sql(BackendQuestion::terminate), HasSubstr("pg_terminate_backend"));
    EXPECT_THAT(batch_sql(BackendQuestion::identify), Not(HasSubstr("pg_terminate_backend")));
    EXPECT_THAT(batch_sql(BackendQuestion::is_running), Not(HasSubstr("pg_terminate_backend")));
}

TEST(BackendQueries, AnAnswerThatNobodyDefinedIsNone) {
    EXPECT_THAT(parse_finding("found", "then")->verdict, Eq(Verdict::found));
    EXPECT_THAT(parse_finding("found", "then")->started, Eq("then"));
    EXPECT_FALSE(parse_finding("perhaps", ""));
    EXPECT_FALSE(parse_finding("", ""));
}

}  // namespace
}  // namespace curfew::proxy
