// `curfew verifier`: a password in, a verifier in PostgreSQL's format out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "child_process.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

// 16 bytes of salt and two of 32 are 24 and 44 characters of base 64.
constexpr const char* verifier_form =
    "SCRAM-SHA-256\\$4096:[A-Za-z0-9+/=]+\\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+\n";

TEST(VerifierCommand, ReadsALineWhereThereIsNoTerminal) {
    const auto done = run_curfew({"verifier"}, "correct horse\n");
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, MatchesRegex(verifier_form));
    EXPECT_EQ(done.out.size(), std::string{"SCRAM-SHA-256$4096:"}.size() + 24 + 1 + 44 + 1 + 44 + 1);
    EXPECT_EQ(done.err, "");
}

TEST(VerifierCommand, MakesAVerifierThatItsPasswordMatches) {
    auto text = run_curfew({"verifier"}, "correct horse\n").out;
    text.pop_back();
    const auto verifier = postgres::ScramVerifier::parse(text);
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(postgres::matches(*verifier, "correct horse"));
    EXPECT_FALSE(postgres::matches(*verifier, "correct house"));
}

TEST(VerifierCommand, NeverMakesTheSameTwice) {
    EXPECT_NE(run_curfew({"verifier"}, "secret\n").out, run_curfew({"verifier"}, "secret\n").out);
}

TEST(VerifierCommand, TakesAnotherCost) {
    EXPECT_THAT(run_curfew({"verifier", "--iterations", "5000"}, "secret\n").out,
                StartsWith("SCRAM-SHA-256$5000:"));
}

TEST(VerifierCommand, RefusesToTakeNoPassword) {
    for (const char* input : {"", "\n", "\r\n"}) {
        const auto done = run_curfew({"verifier"}, input);
        EXPECT_EQ(done.exit_code, 2);
        EXPECT_EQ(done.out, "");
        EXPECT_THAT(done.err, HasSubstr("No password was given"));
    }
}

TEST(VerifierCommand, AsksTwiceOnATerminalAndShowsNothing) {
    OnTerminal curfew{{"verifier"}};
    curfew.read_until("Password: ");
    EXPECT_FALSE(curfew.echoes());
    curfew.type("correct horse\n");
    EXPECT_THAT(curfew.read_until("The same again: "), Not(HasSubstr("horse")));
    curfew.type("correct horse\n");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 0);
    EXPECT_THAT(text, AllOf(HasSubstr("SCRAM-SHA-256$4096:"), Not(HasSubstr("horse"))));
}

TEST(VerifierCommand, MakesNothingOfTwoPasswordsThatDiffer) {
    OnTerminal curfew{{"verifier"}};
    curfew.read_until("Password: ");
    curfew.type("correct horse\n");
    curfew.read_until("The same again: ");
    curfew.type("correct house\n");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 1);
    EXPECT_THAT(text, AllOf(HasSubstr("differ"), Not(HasSubstr("SCRAM"))));
}

TEST(VerifierCommand, PutsTheTerminalBackWhenInterrupted) {
    OnTerminal curfew{{"verifier"}};
    curfew.read_until("Password: ");
    EXPECT_FALSE(curfew.echoes());
    curfew.type("half a pass\x03");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, -1) << "ended by SIGINT, as the shell expects";
    EXPECT_TRUE(curfew.echoes());
    EXPECT_THAT(text, Not(HasSubstr("SCRAM")));
}

}  // namespace
}  // namespace curfew::test
