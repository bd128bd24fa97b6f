// Commands that are approved one by one, from the command line: a script by itself, and those of a psql.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli_office.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class CliCommand : public AtTheOffice {
protected:
    // Where alice may ask for commands alone.
    std::string resource_by_command() {
        auto resource = new_resource();
        ada.does({"admin", "edit", "rule", resource, "--types", "command"});
        return resource;
    }
    void await_request(const std::string& resource) {
        office.curfew().log().await("request.changed", {{"resource", resource}, {"status", "PENDING"}});
    }
};

TEST_F(CliCommand, RunsAScriptOnceItIsApproved) {
    const auto resource = resource_by_command();
    OnTerminal exec{{"exec", resource, "-d", "postgres", "-c", "SELECT 6 * 7 AS answer;"},
                    alice.environment()};
    exec.read_until("waiting for approval");
    await_request(resource);
    const auto request = waiting(resource);
    EXPECT_THAT(bob.curfew({"show", request}).out, HasSubstr("  | SELECT 6 * 7 AS answer;\n"));
    bob.does({"approve", request});
    const auto [text, exit_code] = exec.finish();
    EXPECT_EQ(exit_code, 0) << text;
    EXPECT_THAT(text, AllOf(HasSubstr("answer"), HasSubstr("\r\n--------\r\n 42\r\n(1 row)\r\n")));
    EXPECT_THAT(alice.curfew({"show", request}).out,
                AllOf(HasSubstr(" EXECUTED was run"), HasSubstr("\n 42\n")));
}

TEST_F(CliCommand, SaysThatAScriptFailed) {
    const auto resource = resource_by_command();
    InPipe exec{{"exec", resource, "-d", "postgres", "-c", "SELECT * FROM nowhere"}, alice.environment()};
    await_request(resource);
    bob.does({"approve", waiting(resource)});
    EXPECT_EQ(exec.finish(), 11);
}

TEST_F(CliCommand, HoldsEachStatementOfAPsql) {
    const auto resource = resource_by_command();
    // What reads no table would run at once.
    const std::string sql = "SELECT 'approved' FROM pg_database WHERE datname = 'postgres'";
    InPipe connect{{"connect", resource, "--", "-XAtc", sql}, alice.environment()};
    await_request(resource);
    EXPECT_THAT(alice.curfew({"sessions"}).out, HasSubstr("waits for " + waiting(resource)));
    EXPECT_THAT(alice.curfew({"grants"}).out, HasSubstr(resource + " (by command)"));
    bob.does({"approve", waiting(resource)});
    EXPECT_EQ(connect.read_line(), "approved");
    EXPECT_EQ(connect.finish(), 0);
}

}  // namespace
}  // namespace curfew::test
