// What people are told of commands: a live session tells its own user, so only scripts are news to who asked.
#include <gmock/gmock.h>

#include <boost/json/serialize.hpp>

#include "command_fixture.hpp"
#include "notify/mail.hpp"
#include "notify/teams.hpp"
#include "notify/texts.hpp"

namespace curfew::notify {
namespace {

using policy::CommandForm;
using policy::CommandResult;
using policy::GrantUse;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace json = boost::json;

class CommandNotices : public CommandNoticeTest {
protected:
    // The kinds that follow from an event of this kind.
    static std::vector<std::string> kinds(const std::string& event_kind, const Facts& facts,
                                          const std::string& summary = "{}") {
        const bool of_grant = event_kind.starts_with("grant.");
        const std::string id = of_grant ? facts.grant->id.text() : facts.request->id.text();
        const store::Event event{1, facts.now, event_kind, id, {}, summary};
        std::vector<std::string> all;
        for (const Notice& notice : consequences_of(event, facts).notices)
            all.push_back(std::string{to_string(notice.kind)} + (notice.is_update ? " (update)" : ""));
        return all;
    }
    NoticeText text(NoticeKind kind, const Facts& facts) {
        return text_of(notice_of(kind, facts), facts, *surroundings());
    }
    static std::vector<std::string> lines(const NoticeText& text) {
        std::vector<std::string> all;
        for (const NoticeText::Line& line : text.lines)
            all.push_back(line.label + ": " + line.value);
        return all;
    }
    Facts facts_of_grant(GrantUse use) {
        const auto id = asked();
        approve(id, "carol").value();
        Facts facts = facts_of(id);
        facts.request.reset();
        facts.grant->use = use;
        return facts;
    }
};

TEST_F(CommandNotices, OfALiveCommandGoToThoseWhoDecide) {
    const Facts facts = facts_of_command();
    EXPECT_THAT(kinds("request.submitted", facts, R"({"status":"PENDING"})"), ElementsAre("request_waiting"));
    const auto people = people_to_tell(notice_of(NoticeKind::request_waiting, facts), facts, *surroundings());
    EXPECT_THAT(people, ElementsAre("carol", "dave"));
}

TEST_F(CommandNotices, OfALiveCommandGoToNobodyElse) {
    const Facts facts = facts_of_command();
    for (const char* kind : {"request.approved", "request.rejected", "request.executed", "request.revoked",
                             "request.command_ended"})
        EXPECT_THAT(kinds(kind, facts), ElementsAre("request_waiting (update)")) << kind;
}

TEST_F(CommandNotices, OfAScriptGoToWhoAsked) {
    const Facts facts = facts_of_command(a_command(CommandForm::script));
    EXPECT_THAT(kinds("request.approved", facts), Contains("request_approved"));
    EXPECT_THAT(kinds("request.rejected", facts), Contains("request_rejected"));
    EXPECT_THAT(kinds("request.executed", facts), ElementsAre("request_waiting (update)"));
    EXPECT_THAT(kinds("request.command_ended", facts), Contains("command_ended"));
    EXPECT_THAT(kinds("request.revoked", facts), Contains("command_ended"));
}

TEST_F(CommandNotices, OfTheGrantToConnectByCommandSayOnlyThatItWasTaken) {
    const Facts facts = facts_of_grant(GrantUse::commands);
    EXPECT_THAT(kinds("grant.given", facts), IsEmpty());
    EXPECT_THAT(kinds("grant.ended", facts), IsEmpty());
    EXPECT_THAT(kinds("grant.revoked", facts), ElementsAre("grant_ended"));
}

TEST_F(CommandNotices, OfTheGrantThatAScriptRunsUnderSayNothing) {
    const Facts facts = facts_of_grant(GrantUse::script);
    for (const char* kind : {"grant.given", "grant.ended", "grant.revoked"})
        EXPECT_THAT(kinds(kind, facts), IsEmpty()) << kind;
}

TEST_F(CommandNotices, ShowWhatWouldRunAndWhyItNeedsApproval) {
    const NoticeText waiting = text(NoticeKind::request_waiting, facts_of_command());
    EXPECT_EQ(waiting.title, "alice asks to run a command on prod");
    EXPECT_EQ(waiting.sql, "UPDATE orders\nSET paid = true");
    EXPECT_TRUE(waiting.sql_is_whole);
    EXPECT_THAT(lines(waiting), Contains("Database: shop"));
    EXPECT_THAT(lines(waiting), Contains("Needs approval: it writes to public.orders"));
    EXPECT_EQ(waiting.what_to_do, "Approve or reject it.");
}

TEST_F(CommandNotices, SayWhereOnlyTheBeginningIsThere) {
    const std::string sql(10'000, 'x');
    const NoticeText waiting =
        text(NoticeKind::request_waiting, facts_of_command(a_command(CommandForm::script, sql)));
    EXPECT_EQ(waiting.title, "alice asks to run a script on prod");
    EXPECT_FALSE(waiting.sql_is_whole);
    EXPECT_THAT(waiting.what_to_do, HasSubstr("Read all of it"));
}

TEST_F(CommandNotices, SayWhatCameOfAScript) {
    Facts facts = facts_of_command(a_command(CommandForm::script));
    facts.request->command_result = a_result();
    const NoticeText ran = text(NoticeKind::command_ended, facts);
    EXPECT_EQ(ran.title, "alice's script on prod was run");
    EXPECT_THAT(lines(ran), Contains("Result: succeeded: UPDATE 3, SELECT 2"));
    facts.request->command_result = a_result(CommandResult::Outcome::failed);
    const NoticeText failed = text(NoticeKind::command_ended, facts);
    EXPECT_EQ(failed.title, "alice's script on prod failed");
    EXPECT_THAT(lines(failed), Contains("Result: failed: 23505: duplicate key"));
}

TEST_F(CommandNotices, SayThatAScriptWasNotRunAndWhy) {
    Facts facts = facts_of_command(a_command(CommandForm::script));
    facts.request->decision = policy::Decision::not_run;
    const NoticeText text_of_it = text(NoticeKind::command_ended, facts);
    EXPECT_EQ(text_of_it.title, "alice's script on prod was not run");
    EXPECT_THAT(lines(text_of_it), Contains("Why: Nobody was there to run it while it might"));
}

TEST_F(CommandNotices, SayThatAScriptWasRejected) {
    Facts facts = facts_of_command(a_command(CommandForm::script));
    facts.request->decision = policy::Decision::reviewed;
    facts.request->decided_by = "carol";
    EXPECT_EQ(text(NoticeKind::request_rejected, facts).title, "alice's script on prod was rejected");
    facts.request->decision = policy::Decision::review_timed_out;
    EXPECT_EQ(text(NoticeKind::request_rejected, facts).title, "Nobody decided about alice's script on prod");
}

TEST_F(CommandNotices, AreMarkedUpByNothingInAMail) {
    const std::string sql = "SELECT '</pre><b>'\n.\nFROM t";
    const NoticeText waiting =
        text(NoticeKind::request_waiting, facts_of_command(a_command(CommandForm::query, sql)));
    const Mail mail = mail_of(waiting, "curfew@example.com", "bob@example.com", "d-7k3mq9xd", "r-7k3mq9xd",
                              clock.wall_now());
    EXPECT_THAT(mail.text, HasSubstr("    SELECT '</pre><b>'\r\n    .\r\n    FROM t\r\n"));
    EXPECT_THAT(mail.html, HasSubstr("SELECT &#39;&lt;/pre&gt;&lt;b&gt;&#39;\n.\nFROM t</pre>"));
}

TEST_F(CommandNotices, HaveABlockForEachLineInACardAndSayWhereMoreFollows) {
    NoticeText waiting = text(NoticeKind::request_waiting, facts_of_command());
    const std::string card = json::serialize(teams_message(waiting));
    EXPECT_THAT(card, HasSubstr(R"("text":"UPDATE orders","fontType":"monospace")"));
    EXPECT_THAT(card, HasSubstr(R"("text":"SET paid = true","fontType":"monospace")"));
    EXPECT_THAT(card, Not(HasSubstr("only the beginning")));
    waiting.sql.clear();
    for (int i = 0; i < 60; ++i)
        waiting.sql += std::string(500, '"') + "\n";
    const std::string cut = json::serialize(teams_message(waiting));
    EXPECT_LE(cut.size(), largest_card);
    EXPECT_THAT(cut, HasSubstr("only the beginning"));
}

}  // namespace
}  // namespace curfew::notify
