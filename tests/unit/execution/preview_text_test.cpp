// What those who decide read of a preview.
#include "execution/preview_text.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string>

namespace curfew::test {
namespace {

using execution::PreviewPlan;
using execution::PreviewText;
using policy::Preview;
using policy::PreviewMode;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::SizeIs;

PreviewPlan plan_of(std::size_t statements, PreviewMode mode = PreviewMode::explain) {
    PreviewPlan plan;
    plan.mode = mode;
    for (std::size_t number = 1; number <= statements; ++number)
        plan.steps.push_back({number, "…", {}, {}});
    return plan;
}

void answer_row(PreviewText& text, std::string_view value) {
    text.row(std::array{pq::ScriptReceiver::Value{value}});
}

pq::ScriptError no_relation() {
    pq::ScriptError error;
    error.severity = "ERROR";
    error.sqlstate = "42P01";
    error.message = "relation \"a\" does not exist";
    return error;
}

TEST(PreviewText, IsThePlanOfTheOnlyStatement) {
    const PreviewPlan plan = plan_of(1);
    PreviewText text{plan};
    text.begin(plan.steps[0]);
    answer_row(text, "Update on a");
    answer_row(text, "  ->  Seq Scan on a");
    text.completed("EXPLAIN");
    EXPECT_EQ(std::move(text).take(),
              (Preview{PreviewMode::explain, "Update on a\n  ->  Seq Scan on a", false}));
}

TEST(PreviewText, SaysOfWhichStatementItIs) {
    PreviewPlan plan = plan_of(3);
    plan.steps[1].why_none = "has no plan";
    PreviewText text{plan};
    text.begin(plan.steps[0]);
    answer_row(text, "Result");
    text.begin(plan.steps[1]);
    text.begin(plan.steps[2]);
    answer_row(text, "Result");
    EXPECT_EQ(std::move(text).take().text,
              "Statement 1:\nResult\nStatement 2: has no plan\nStatement 3:\nResult");
}

TEST(PreviewText, SaysWhatPostgreSQLRefused) {
    const PreviewPlan plan = plan_of(1);
    PreviewText text{plan};
    text.begin(plan.steps[0]);
    EXPECT_FALSE(text.refused());
    text.failed(no_relation());
    EXPECT_TRUE(text.refused());
    const Preview preview = std::move(text).take();
    EXPECT_TRUE(preview.failed);
    EXPECT_EQ(preview.text, "ERROR 42P01: relation \"a\" does not exist");
}

TEST(PreviewText, OfADryRunCountsRowsAndShowsNone) {
    const PreviewPlan plan = plan_of(1, PreviewMode::dry_run);
    PreviewText text{plan};
    text.begin(plan.steps[0]);
    answer_row(text, "a secret");
    text.noticed("NOTICE", "audited");
    text.completed("UPDATE 12");
    EXPECT_EQ(std::move(text).take(), (Preview{PreviewMode::dry_run, "NOTICE:  audited\nUPDATE 12", false}));
}

TEST(PreviewText, OfADryRunSaysWhatACommitWouldSay) {
    const PreviewPlan plan = plan_of(1, PreviewMode::dry_run);
    PreviewText text{plan};
    text.begin(plan.steps[0]);
    text.completed("INSERT 0 1");
    text.begin_commit();
    text.failed(no_relation());
    const Preview preview = std::move(text).take();
    EXPECT_TRUE(preview.failed);
    EXPECT_THAT(preview.text, HasSubstr("INSERT 0 1\nA COMMIT would fail:\nERROR 42P01"));
}

TEST(PreviewText, SaysWhyItIsNoDryRun) {
    PreviewPlan plan = plan_of(1);
    plan.why_not_dry = "it calls f()";
    PreviewText text{plan};
    EXPECT_EQ(std::move(text).take().text, "Not run dry, but planned only: it calls f()");
}

TEST(PreviewText, IsOfBoundedSizeAndSaysSo) {
    PreviewPlan plan = plan_of(1);
    plan.left_out = 3;
    PreviewText text{plan};
    for (int i = 0; i < 1'000; ++i)
        answer_row(text, std::string(100, 'x'));
    text.broke_off("canceled");
    const Preview preview = std::move(text).take();
    EXPECT_TRUE(preview.failed);
    EXPECT_THAT(preview.text, SizeIs(Le(Preview::longest_text)));
    EXPECT_THAT(preview.text, HasSubstr("The preview ended here: canceled."));
    EXPECT_THAT(preview.text, HasSubstr("3 more statements are not previewed."));
}

TEST(PreviewText, IsUtf8WhateverCame) {
    const PreviewPlan plan = plan_of(1);
    PreviewText text{plan};
    answer_row(text, "a\xFF");
    const Preview preview = std::move(text).take();
    EXPECT_EQ(preview.text, "a\\xff");
    EXPECT_THAT(execution::no_preview(PreviewMode::explain, "b\xFF").text, Not(HasSubstr("\xFF")));
}

}  // namespace
}  // namespace curfew::test
