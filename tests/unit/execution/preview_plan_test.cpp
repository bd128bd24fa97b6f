// What PostgreSQL is asked for the preview of a command.
#include "execution/preview_plan.hpp"

#include <gmock/gmock.h>

#include <string>

namespace curfew::test {
namespace {

using execution::plan_preview;
using execution::PreviewPlan;
using policy::Command;
using policy::CommandForm;
using policy::PreviewMode;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Command query(const std::string& sql) {
    Command command;
    command.statements = {{sql, {}}};
    return command;
}

PreviewPlan plan(const Command& command, PreviewMode wanted) {
    auto planned = plan_preview(command, wanted);
    EXPECT_TRUE(planned) << planned.error().message;
    return planned ? std::move(*planned) : PreviewPlan{};
}

std::string refused(const Command& command) {
    const auto planned = plan_preview(command, PreviewMode::explain);
    EXPECT_FALSE(planned);
    return planned ? std::string{} : planned.error().message;
}

TEST(PreviewPlan, ExplainsWhatHasAPlanAndTouchesNothingElse) {
    const PreviewPlan planned =
        plan(query("BEGIN; UPDATE a SET b = 1; VACUUM a; COMMIT"), PreviewMode::explain);
    ASSERT_THAT(planned.steps, SizeIs(4));
    EXPECT_EQ(planned.steps[0].why_none, "not part of the preview");
    EXPECT_EQ(planned.steps[1].number, 2U);
    EXPECT_EQ(planned.steps[1].sql, "EXPLAIN (COSTS ON)  UPDATE a SET b = 1");
    EXPECT_EQ(planned.steps[2].why_none, "has no plan");
    EXPECT_EQ(planned.steps[3].why_none, "not part of the preview");
    for (const std::size_t none : {0U, 2U, 3U})
        EXPECT_THAT(planned.steps[none].sql, IsEmpty());
}

TEST(PreviewPlan, KeepsTheValuesOfEachStatement) {
    Command command;
    command.form = CommandForm::extended;
    command.statements = {{"SELECT 1", {}},
                          {"UPDATE a SET b = $1, c = $2 WHERE d = $3",
                           {{"x", false}, {std::nullopt, false}, {"\\x00ff", true}}}};
    const PreviewPlan planned = plan(command, PreviewMode::explain);
    ASSERT_THAT(planned.steps, SizeIs(2));
    EXPECT_THAT(planned.steps[0].values, IsEmpty());
    const auto& values = planned.steps[1].values;
    ASSERT_THAT(values, SizeIs(3));
    EXPECT_EQ(values[0].bytes, "x");
    EXPECT_FALSE(values[1].bytes);
    EXPECT_EQ(values[2].bytes, (std::string{"\0\xFF", 2}));
    EXPECT_TRUE(values[2].binary);
    EXPECT_FALSE(values[0].binary);
}

TEST(PreviewPlan, RunsDryWhatOnlyChangesRows) {
    const PreviewPlan planned = plan(query("BEGIN; DELETE FROM a; COMMIT;"), PreviewMode::dry_run);
    EXPECT_EQ(planned.mode, PreviewMode::dry_run);
    ASSERT_THAT(planned.steps, SizeIs(3));
    EXPECT_EQ(planned.steps[1].sql, " DELETE FROM a");
    EXPECT_THAT(planned.steps[0].sql, IsEmpty()) << "its COMMIT would end the transaction";
    EXPECT_THAT(planned.steps[2].sql, IsEmpty()) << "its COMMIT would end the transaction";
}

TEST(PreviewPlan, NeverRunsDryWhatMightLeaveSomethingBehind) {
    const PreviewPlan planned =
        plan(query("DELETE FROM a; SELECT pg_terminate_backend(1)"), PreviewMode::dry_run);
    EXPECT_EQ(planned.mode, PreviewMode::explain);
    EXPECT_EQ(planned.why_not_dry, "statement 2: it calls pg_terminate_backend()");
    for (const auto& step : planned.steps)
        EXPECT_TRUE(step.sql.starts_with("EXPLAIN (")) << step.sql;
}

TEST(PreviewPlan, SaysWhyThereIsNothingToPreview) {
    Command function = query("1234");
    function.form = CommandForm::function;
    EXPECT_THAT(refused(function), HasSubstr("function call protocol"));
    EXPECT_THAT(refused(query("VACUUM a")), HasSubstr("no plan for any"));
    EXPECT_THAT(refused(query("BEGIN")), HasSubstr("no plan for any"));
    EXPECT_THAT(refused(query("-- nothing")), HasSubstr("no plan for any"));
    EXPECT_THAT(refused(query("SELEKT 1")), HasSubstr("It is not SQL"));
    EXPECT_THAT(refused(query("SELECT '" + std::string(10'000, 'x') + "'")), HasSubstr("It is longer than"));
}

TEST(PreviewPlan, LeavesOutWhatNobodyWouldRead) {
    std::string sql;
    for (std::size_t i = 0; i < PreviewPlan::most_statements + 5; ++i)
        sql += "DELETE FROM a;";
    const PreviewPlan planned = plan(query(sql), PreviewMode::dry_run);
    EXPECT_THAT(planned.steps, SizeIs(PreviewPlan::most_statements));
    EXPECT_EQ(planned.left_out, 5U);
    EXPECT_EQ(planned.mode, PreviewMode::explain) << "half of a change says little of all of it";
}

}  // namespace
}  // namespace curfew::test
