// What becomes of what a client sends whose commands are approved one by one.
#include "proxy/session_commands.hpp"

#include <gmock/gmock.h>

#include "command_desk_double.hpp"
#include "message_stream.hpp"
#include "support/metrics_text.hpp"
#include "unit/proxy_streams/loop.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using postgres::HeldUnit;
using postgres::UnitOutcome;
using proxy::SessionCommands;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Answer = proxy::CommandDesk::Answer;
using Outcome = policy::CommandResult::Outcome;
using Verdict = proxy::CommandJudge::Verdict;

const Answer run_it{true, {}, {}};
const Answer not_now{false, "bob rejected it: not now.", "Ask again tomorrow."};

policy::Grant a_grant() {
    policy::Grant grant;
    grant.id = GrantId::generate();
    grant.resource = "prod";
    grant.use = policy::GrantUse::commands;
    return grant;
}

HeldUnit query(std::string sql) {
    HeldUnit unit;
    unit.statements.push_back({std::move(sql), {}});
    return unit;
}

UnitOutcome answered(std::string tag) {
    UnitOutcome outcome;
    outcome.completed.push_back({std::move(tag), 0});
    outcome.answered = true;
    return outcome;
}

class ASessionByCommand : public testing::Test {
protected:
    ASessionByCommand() {
        desk.allow(std::vector{sql::AllowedStatements{{{"public", "orders"}}, {}}});
        begin();
    }
    ~ASessionByCommand() override {
        commands.reset();
        loop.settle();
    }

    void begin(const postgres::StartupMessage& startup = {}) {
        SessionCommands::Means means{loop.executor(),
                                     desk,
                                     clock,
                                     metrics.resource("prod"),
                                     [this](std::string_view message) { told.emplace_back(message); },
                                     [this] { ++changes; }};
        commands = std::make_unique<SessionCommands>(
            std::move(means), SessionCommands::Who{session, "alice", "app", grant}, startup);
    }
    // What is known of it once all that need not wait has been done.
    std::future<Verdict> judge(HeldUnit unit) {
        auto judging = loop.start(commands->judge(std::move(unit)));
        loop.settle();
        return judging;
    }
    Verdict verdict_on(std::string sql) {
        auto judging = judge(query(std::move(sql)));
        return loop.finish(judging);
    }
    Verdict approved(std::string sql) {
        auto judging = judge(query(std::move(sql)));
        desk.decide(desk.asked.size() - 1, run_it);
        return loop.finish(judging);
    }
    static std::map<char, std::string> fields(const std::string& bytes) {
        const Parsed parsed = parse(bytes);
        EXPECT_TRUE(parsed.whole());
        return wire::report_fields(parsed.messages.at(0));
    }
    double outcomes(const std::string& outcome) {
        return MetricsText{metrics.expose({})}.sum("curfew_commands_total",
                                                   {{"outcome", outcome}, {"resource", "prod"}});
    }
    double asked() { return MetricsText{metrics.expose({})}.sum("curfew_commands_asked_total"); }
    double waiting() { return MetricsText{metrics.expose({})}.sum("curfew_commands_waiting"); }

    Loop loop;
    SystemClock clock;
    metrics::Metrics metrics{"test", "test"};
    CommandDeskDouble desk{loop.executor()};
    const SessionId session = SessionId::generate();
    const policy::Grant grant = a_grant();
    std::vector<std::string> told;
    int changes = 0;
    std::unique_ptr<SessionCommands> commands;
};

// --- What runs without asking

TEST_F(ASessionByCommand, LetsRunAtOnceWhatEveryRuleAllows) {
    for (const char* sql : {"BEGIN", "SELECT * FROM public.orders", "COMMIT", ""}) {
        const Verdict verdict = verdict_on(sql);
        EXPECT_TRUE(verdict.pass) << sql;
        EXPECT_FALSE(verdict.changes_prepared) << sql;
    }
    EXPECT_THAT(desk.asked, IsEmpty());
    EXPECT_THAT(told, IsEmpty());
    EXPECT_EQ(outcomes("free"), 4);
}

TEST_F(ASessionByCommand, JudgesByWhatIsAllowedAtThatMoment) {
    EXPECT_TRUE(verdict_on("SELECT * FROM public.orders").pass);
    desk.allow(std::vector<sql::AllowedStatements>(1));
    auto judging = judge(query("SELECT * FROM public.orders"));
    ASSERT_EQ(desk.asked.size(), 1U);
    desk.decide(0, not_now);
    EXPECT_FALSE(loop.finish(judging).pass);
}

TEST_F(ASessionByCommand, TellsNobodyOfWhatCameOfWhatWasFree) {
    EXPECT_TRUE(verdict_on("BEGIN").pass);
    commands->ran(answered("BEGIN"));
    loop.settle();
    EXPECT_THAT(desk.asked, IsEmpty());
}

// --- What is asked for

TEST_F(ASessionByCommand, AsksForTheRestAsItWasSent) {
    auto judging = judge(query("DELETE FROM people"));
    EXPECT_FALSE(test::is_over(judging));
    ASSERT_EQ(desk.asked.size(), 1U);
    EXPECT_EQ(desk.asked[0].user, "alice");
    EXPECT_EQ(desk.asked[0].resource, "prod");
    const policy::Command& command = desk.asked[0].command;
    EXPECT_EQ(command.database, "app");
    EXPECT_EQ(command.session, session);
    EXPECT_EQ(command.statements.at(0).sql, "DELETE FROM people");
    EXPECT_THAT(command.why_asked, HasSubstr("DELETE"));
    EXPECT_EQ(asked(), 1);
    EXPECT_EQ(waiting(), 1);
    desk.decide(0, run_it);
    EXPECT_TRUE(loop.finish(judging).pass);
    EXPECT_EQ(waiting(), 0);
    EXPECT_EQ(outcomes("approved"), 1);
}

TEST_F(ASessionByCommand, TellsItsClientWhatItWaitsForAndWhere) {
    auto judging = judge(query("DELETE FROM people"));
    ASSERT_EQ(told.size(), 1U);
    const auto notice = fields(told[0]);
    EXPECT_EQ(parse(told[0]).types(), "N");
    EXPECT_EQ(notice.at('S'), "NOTICE");
    EXPECT_EQ(notice.at('C'), "00000");
    EXPECT_THAT(notice.at('M'),
                AllOf(HasSubstr("waiting for approval: request " + desk.asked[0].request.text()),
                      HasSubstr(desk.url), HasSubstr(", until 2")));
    desk.decide(0, run_it);
    loop.finish(judging);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_THAT(fields(told[1]).at('M'),
                HasSubstr(desk.asked[0].request.text() + " was approved, and runs now"));
}

TEST_F(ASessionByCommand, TellsItsClientWhoApproved) {
    const auto said_of = [&](std::vector<std::string> approvers) {
        told.clear();
        auto judging = judge(query("DELETE FROM people"));
        Answer answer = run_it;
        answer.approved_by = std::move(approvers);
        desk.decide(desk.asked.size() - 1, answer);
        loop.finish(judging);
        return fields(told.back()).at('M');
    };
    EXPECT_THAT(said_of({"bob"}), HasSubstr(" was approved by bob, and runs now"));
    EXPECT_THAT(said_of({"bob", "carol"}), HasSubstr(" was approved by bob and carol, and runs now"));
    EXPECT_THAT(said_of({"bob", "carol", "dan"}), HasSubstr(" by bob, carol and dan, and runs now"));
}

TEST_F(ASessionByCommand, NamesNoPageWhereThereIsNone) {
    desk.url.clear();
    auto judging = judge(query("DELETE FROM people"));
    EXPECT_THAT(fields(told.at(0)).at('M'), HasSubstr(desk.asked[0].request.text() + ", until"));
    desk.decide(0, run_it);
    loop.finish(judging);
}

TEST_F(ASessionByCommand, ShowsTheRequestForAsLongAsItsClientWaits) {
    EXPECT_EQ(commands->waiting_for(), std::nullopt);
    auto judging = judge(query("DELETE FROM people"));
    EXPECT_EQ(commands->waiting_for(), desk.asked.at(0).request);
    EXPECT_EQ(changes, 1);
    desk.decide(0, run_it);
    loop.finish(judging);
    EXPECT_EQ(commands->waiting_for(), std::nullopt);
    EXPECT_EQ(changes, 2);
}

TEST_F(ASessionByCommand, KeepsWhatWasNotApprovedFromPostgreSqlAndSaysWhy) {
    auto judging = judge(query("DELETE FROM people"));
    desk.decide(0, not_now);
    const Verdict verdict = loop.finish(judging);
    EXPECT_FALSE(verdict.pass);
    const auto error = fields(verdict.refusal);
    EXPECT_EQ(error.at('S'), "ERROR");
    EXPECT_EQ(error.at('C'), "42501");
    EXPECT_THAT(error.at('M'), HasSubstr(desk.asked[0].request.text()));
    EXPECT_THAT(error.at('D'),
                AllOf(HasSubstr("bob rejected it: not now."), HasSubstr("PostgreSQL has not seen")));
    EXPECT_EQ(error.at('H'), "Ask again tomorrow.");
    EXPECT_EQ(outcomes("refused"), 1);
    loop.settle();
    EXPECT_FALSE(desk.asked[0].result);
    EXPECT_FALSE(desk.asked[0].withdrawn);
}

TEST_F(ASessionByCommand, SaysWhatTheRulesHaveAgainstAsking) {
    desk.objection = Error{ErrorCode::forbidden, "at most 3 requests may wait at a time"};
    const Verdict verdict = verdict_on("DELETE FROM people");
    EXPECT_FALSE(verdict.pass);
    EXPECT_EQ(fields(verdict.refusal).at('C'), "42501");
    EXPECT_THAT(fields(verdict.refusal).at('D'), HasSubstr("at most 3 requests may wait at a time"));
    EXPECT_THAT(told, IsEmpty());
    EXPECT_EQ(waiting(), 0);
}

TEST_F(ASessionByCommand, LetsNothingRunOnceNoRuleLetsItsUserAsk) {
    desk.allow(std::nullopt);
    for (const char* sql : {"BEGIN", "SELECT * FROM public.orders", "DELETE FROM people"}) {
        const Verdict verdict = verdict_on(sql);
        EXPECT_FALSE(verdict.pass);
        EXPECT_EQ(fields(verdict.refusal).at('C'), "42501");
        EXPECT_THAT(fields(verdict.refusal).at('M'), HasSubstr("\"prod\""));
    }
    EXPECT_THAT(desk.asked, IsEmpty());
    EXPECT_EQ(commands->banner(), std::nullopt);
}

TEST_F(ASessionByCommand, AsksNobodyForWhatCannotBeShown) {
    const Verdict no_text = verdict_on("DELETE FROM people WHERE name = '\xe9'");
    EXPECT_FALSE(no_text.pass);
    EXPECT_EQ(fields(no_text.refusal).at('C'), "22021");
    const Verdict endless = verdict_on("DELETE FROM people -- " + std::string(policy::longest_command, 'x'));
    EXPECT_FALSE(endless.pass);
    EXPECT_EQ(fields(endless.refusal).at('C'), "54000");
    EXPECT_THAT(desk.asked, IsEmpty());
    EXPECT_EQ(outcomes("refused"), 2);
}

TEST_F(ASessionByCommand, CountsAValueAsItIsShown) {
    HeldUnit unit = query("INSERT INTO a VALUES ($1)");
    unit.form = HeldUnit::Form::extended;
    unit.statements[0].parameters.push_back({std::string(policy::longest_command / 2, '\xff'), true, 0});
    auto judging = judge(std::move(unit));
    EXPECT_EQ(fields(loop.finish(judging).refusal).at('C'), "54000");
}

TEST_F(ASessionByCommand, SaysOfWhatPassesWhetherPreparedStatementsMayChange) {
    EXPECT_TRUE(approved("DEALLOCATE ALL").changes_prepared);
    EXPECT_FALSE(approved("DELETE FROM people").changes_prepared);
    auto judging = judge(query("DEALLOCATE ALL"));
    desk.decide(2, not_now);
    EXPECT_FALSE(loop.finish(judging).changes_prepared);
}

// --- Settings

TEST_F(ASessionByCommand, AsksForEverythingButTransactionControlWhereNamesMayStandForOthers) {
    postgres::StartupMessage startup;
    startup.parameters.emplace_back("options", "-c search_path=evil");
    begin(startup);
    EXPECT_TRUE(verdict_on("BEGIN").pass);
    EXPECT_THAT(desk.asked, IsEmpty());
    EXPECT_TRUE(approved("SELECT * FROM public.orders").pass);
    EXPECT_THAT(desk.asked.at(0).command.why_asked, HasSubstr("search_path"));
}

TEST_F(ASessionByCommand, HearsOfSettingsFromPostgreSql) {
    commands->reported("standard_conforming_strings", "off");
    EXPECT_TRUE(approved("SELECT * FROM public.orders").pass);
    UnitOutcome outcome = answered("SET");
    outcome.parameters.emplace_back("standard_conforming_strings", "on");
    commands->ran(outcome);
    EXPECT_TRUE(verdict_on("SELECT * FROM public.orders").pass);
    EXPECT_EQ(desk.asked.size(), 1U);
}

TEST_F(ASessionByCommand, AsksForAllThatFollowsASettingThatWasApproved) {
    EXPECT_TRUE(approved("SET search_path = evil").pass);
    EXPECT_TRUE(approved("SELECT * FROM public.orders").pass);
    EXPECT_EQ(desk.asked.size(), 2U);
}

TEST_F(ASessionByCommand, LetsASettingThatWasNotApprovedChangeNothing) {
    auto judging = judge(query("SET search_path = evil"));
    desk.decide(0, not_now);
    loop.finish(judging);
    EXPECT_TRUE(verdict_on("SELECT * FROM public.orders").pass);
    EXPECT_EQ(desk.asked.size(), 1U);
}

// --- What came of it

TEST_F(ASessionByCommand, TellsWhatCameOfWhatWasApproved) {
    approved("DELETE FROM people");
    commands->ran(answered("DELETE 3"));
    loop.settle();
    ASSERT_TRUE(desk.asked.at(0).result);
    EXPECT_EQ(desk.asked[0].result->outcome, Outcome::succeeded);
    EXPECT_EQ(desk.asked[0].result->parts.at(0).tag, "DELETE 3");
}

TEST_F(ASessionByCommand, TellsThatItDoesNotKnowWhatCameOfIt) {
    approved("DELETE FROM people");
    commands->ran(UnitOutcome{});
    loop.settle();
    EXPECT_EQ(desk.asked.at(0).result.value().outcome, Outcome::unknown);
}

TEST_F(ASessionByCommand, TakesWhatCameOfTheNextForNothingElse) {
    approved("DELETE FROM people");
    commands->ran(answered("DELETE 3"));
    EXPECT_TRUE(verdict_on("BEGIN").pass);
    commands->ran(answered("BEGIN"));
    loop.settle();
    EXPECT_EQ(desk.asked.at(0).result.value().parts.at(0).tag, "DELETE 3");
}

// --- Cancelled, or left

TEST_F(ASessionByCommand, WithdrawsWhatItsClientCancels) {
    auto judging = judge(query("DELETE FROM people"));
    EXPECT_TRUE(commands->cancel());
    const Verdict verdict = loop.finish(judging);
    EXPECT_FALSE(verdict.pass);
    EXPECT_EQ(fields(verdict.refusal).at('S'), "ERROR");
    EXPECT_EQ(fields(verdict.refusal).at('C'), "57014");
    EXPECT_EQ(fields(verdict.refusal).at('M'), "canceling statement due to user request");
    loop.settle();
    EXPECT_THAT(desk.asked.at(0).withdrawn.value(), HasSubstr("cancelled"));
    EXPECT_EQ(outcomes("withdrawn"), 1);
    EXPECT_EQ(waiting(), 0);
    EXPECT_EQ(commands->waiting_for(), std::nullopt);
}

TEST_F(ASessionByCommand, GoesOnAfterACancellation) {
    auto judging = judge(query("DELETE FROM people"));
    commands->cancel();
    loop.finish(judging);
    EXPECT_TRUE(verdict_on("BEGIN").pass);
    EXPECT_TRUE(approved("DELETE FROM people").pass);
}

TEST_F(ASessionByCommand, LeavesToPostgreSqlToCancelWhatItDoesNotHold) {
    EXPECT_FALSE(commands->cancel());
    approved("DELETE FROM people");
    EXPECT_FALSE(commands->cancel());
    EXPECT_TRUE(approved("DELETE FROM people").pass) << "what was cancelled is over";
}

TEST_F(ASessionByCommand, WithdrawsWhatIsStillBeingAskedForWhenItIsCancelled) {
    desk.slow = true;
    auto judging = judge(query("DELETE FROM people"));
    EXPECT_THAT(told, IsEmpty());
    EXPECT_TRUE(commands->cancel());
    EXPECT_EQ(fields(loop.finish(judging).refusal).at('C'), "57014");
    desk.let_ask();
    loop.settle();
    EXPECT_TRUE(desk.asked.at(0).withdrawn);
    EXPECT_THAT(told, IsEmpty());
}

TEST_F(ASessionByCommand, WithdrawsWhatItWaitsForWhenItEnds) {
    auto judging = judge(query("DELETE FROM people"));
    commands->interrupt();
    const Verdict verdict = loop.finish(judging);
    EXPECT_FALSE(verdict.pass);
    loop.settle();
    EXPECT_THAT(desk.asked.at(0).withdrawn.value(), HasSubstr("left"));
}

// `psql -c` says all that it has to say at once, and leaves.
TEST_F(ASessionByCommand, LetsPassWhatNeedsNoDecisionOnceItsClientHasLeft) {
    commands->interrupt();
    EXPECT_TRUE(verdict_on("SELECT * FROM public.orders").pass);
    EXPECT_FALSE(verdict_on("DELETE FROM people").pass);
    EXPECT_THAT(desk.asked, IsEmpty());
}

// The approval was under way while the client thought better of it: it counts as run, and did not.
TEST_F(ASessionByCommand, HandsOverNothingThatIsApprovedAfterItWasCancelled) {
    auto judging = judge(query("DELETE FROM people"));
    desk.decide(0, run_it);
    commands->cancel();
    const Verdict verdict = loop.finish(judging);
    EXPECT_FALSE(verdict.pass);
    EXPECT_EQ(fields(verdict.refusal).at('C'), "57014");
    loop.settle();
    ASSERT_TRUE(desk.asked.at(0).result);
    EXPECT_EQ(desk.asked[0].result->outcome, Outcome::failed);
    EXPECT_THAT(desk.asked[0].result->message, HasSubstr("PostgreSQL has not seen it"));
}

TEST_F(ASessionByCommand, WithdrawsWhatIsAskedForOnlyWhenItIsGone) {
    desk.slow = true;
    auto judging = judge(query("DELETE FROM people"));
    commands->interrupt();
    loop.finish(judging);
    commands.reset();
    desk.let_ask();
    loop.settle();
    EXPECT_TRUE(desk.asked.at(0).withdrawn);
    EXPECT_FALSE(desk.asked[0].result);
}

TEST_F(ASessionByCommand, SaysWhatCameOfWhatIsApprovedOnlyWhenItIsGone) {
    desk.approves_when_withdrawn = true;
    auto judging = judge(query("DELETE FROM people"));
    commands->interrupt();
    loop.finish(judging);
    commands.reset();
    loop.settle();
    ASSERT_TRUE(desk.asked.at(0).result);
    EXPECT_EQ(desk.asked[0].result->outcome, Outcome::failed);
}

TEST_F(ASessionByCommand, IsSettledOnceTheDeskKnowsAll) {
    loop.run(commands->settle(1h));
    approved("DELETE FROM people");
    commands->ran(answered("DELETE 3"));
    loop.run(commands->settle(1h));
    EXPECT_TRUE(desk.asked.at(0).result);
}

TEST_F(ASessionByCommand, WaitsNoLongerForADeskThatDoesNotAnswer) {
    desk.slow = true;
    auto judging = judge(query("DELETE FROM people"));
    commands->interrupt();
    loop.finish(judging);
    loop.run(commands->settle(5ms));
}

// --- The beginning

TEST_F(ASessionByCommand, SaysAtTheBeginningWhatRunsWithoutAsking) {
    const auto notice = fields(commands->banner().value());
    EXPECT_EQ(notice.at('S'), "NOTICE");
    EXPECT_THAT(notice.at('M'), AllOf(HasSubstr("\"prod\""), HasSubstr("approved before it runs"),
                                      HasSubstr(grant.id.text())));
    EXPECT_THAT(notice.at('D'), AllOf(HasSubstr("BEGIN"), HasSubstr("SELECT on public.orders")));
    desk.allow(std::vector<sql::AllowedStatements>(1));
    EXPECT_THAT(fields(commands->banner().value()).at('D'), Not(HasSubstr("SELECT")));
}

}  // namespace
}  // namespace curfew::test
