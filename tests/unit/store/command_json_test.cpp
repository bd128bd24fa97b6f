// The documents that commands are kept as.
#include "store/sql/command_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace curfew::store::test {
namespace {

using policy::Command;
using policy::CommandResult;
using testing::HasSubstr;

const std::string whole =
    R"({"form":"extended","database":"app","statements":[{"sql":"SELECT $1","parameters":[{"value":"5",)"
    R"("binary":false},{"value":null,"binary":true}]}],"session":"s-7k3mq9xd","why_asked":"it reads orders"})";
const std::string ended =
    R"({"outcome":"failed","parts":[{"tag":"SELECT 1","columns":["id"],"rows":[["1"],[null]],"rows_in_all":9}],)"
    R"("notices":["NOTICE:  x"],"sqlstate":"57014","message":"canceling statement","cut":true,)"
    R"("ended_at":"2026-11-30T05:00:00.250Z"})";

std::string without(const std::string& document, const std::string& part, const std::string& instead = "") {
    const auto at = document.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return document.substr(0, at) + instead + document.substr(at + part.size());
}

TEST(CommandDocument, IsWhatWasWritten) {
    EXPECT_EQ(to_json(read_command(whole, "r-1")), whole);
    EXPECT_EQ(to_json(read_command_result(ended, "r-1")), ended);
}

TEST(CommandDocument, KeepsThePreview) {
    Command previewed = read_command(whole, "r-1");
    previewed.preview = policy::Preview{policy::PreviewMode::dry_run, "UPDATE 3", true};
    EXPECT_EQ(read_command(to_json(previewed), "r-1"), previewed);
    const Command begun = policy::brief(previewed);
    EXPECT_FALSE(begun.preview);
    EXPECT_TRUE(begun.brief);
}

TEST(CommandDocument, OfAScriptHasNoSession) {
    Command script;
    script.form = policy::CommandForm::script;
    script.database = "app";
    script.statements = {{"VACUUM", {}}};
    EXPECT_THAT(to_json(script), HasSubstr(R"("session":null)"));
    EXPECT_EQ(read_command(to_json(script), "r-1"), script);
}

TEST(CommandDocument, SaysWhatAListLeavesOut) {
    Command script;
    script.statements = {{std::string(5'000, 'x'), {}}};
    const Command begun = policy::brief(script);
    EXPECT_THAT(to_json(begun), HasSubstr(R"("sql_size":5000)"));
    EXPECT_EQ(read_command(to_json(begun), "r-1"), begun);
    CommandResult result;
    result.notices = {"NOTICE:  x"};
    EXPECT_EQ(read_command_result(to_json(policy::brief(result)), "r-1"), policy::brief(result));
}

TEST(CommandDocument, IsRefusedWhereItIsNotAllThereOrSaysMore) {
    const std::vector<std::string> wrong{
        "",
        "[]",
        "{}",
        whole + "x",
        without(whole, R"("database":"app",)"),
        without(whole, R"("app")", "5"),
        without(whole, "extended", "pipeline"),
        without(whole, R"("s-7k3mq9xd")", R"("g-7k3mq9xd")"),
        without(whole, R"("sql":"SELECT $1",)"),
        without(whole, R"(,"binary":true)"),
        without(whole, R"("value":null)", R"("value":5)"),
        without(whole, R"("why_asked")", R"("why_ask")"),
        without(whole, R"("form")", R"("run_as":"postgres","form")"),
        without(whole, R"("sql")", R"("then":"DROP TABLE orders","sql")"),
    };
    for (const std::string& document : wrong) {
        try {
            (void)read_command(document, "r-7k3mq9xd");
            ADD_FAILURE() << document;
        } catch (const std::runtime_error& refused) {
            EXPECT_THAT(refused.what(), HasSubstr("r-7k3mq9xd"));
        }
    }
}

TEST(CommandDocument, OfAResultIsRefusedWhereItIsNotAllThere) {
    for (const std::string& document :
         {without(ended, "failed", "lost"), without(ended, R"("rows_in_all":9)", R"("rows_in_all":-9)"),
          without(ended, R"([null])", R"(null)"), without(ended, R"("cut":true,)"),
          without(ended, R"(05:00:00.250Z)", "5am"), without(ended, R"("NOTICE:  x")", "1")})
        EXPECT_THROW((void)read_command_result(document, "r-1"), std::runtime_error) << document;
}

}  // namespace
}  // namespace curfew::store::test
