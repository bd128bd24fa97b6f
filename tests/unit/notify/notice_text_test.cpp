// What notices say: who, what, for how long, why, until when; and nothing that could be taken for more.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include "base/time_text.hpp"
#include "notice_fixture.hpp"
#include "notify/texts.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class NoticeTexts : public NoticeTest {
protected:
    // The text of the first notice of this kind in what happened since the last look.
    NoticeText text(NoticeKind kind) {
        for (const Given& given : news()) {
            if (given.notice.kind != kind || given.notice.is_update) continue;
            const auto id = RequestId::parse(given.notice.subject);
            return text_of(given.notice, id ? facts_of(*id) : given.facts, *surroundings());
        }
        ADD_FAILURE() << "there is no such notice";
        return {};
    }
    static std::vector<std::string> lines(const NoticeText& text) {
        std::vector<std::string> all;
        for (const NoticeText::Line& line : text.lines)
            all.push_back(line.label + ": " + line.value);
        return all;
    }
};

TEST_F(NoticeTexts, OfARequestSayWhoAsksForWhatAndWhatIsMissing) {
    const auto id = asked("alice", "prod", 2h);
    const NoticeText waiting = text(NoticeKind::request_waiting);
    EXPECT_EQ(waiting.title, "alice asks for prod for 2h");
    EXPECT_THAT(lines(waiting), ElementsAre("Resource: prod", "Asked by: alice", "Reason: ticket 7",
                                            "Request: " + id.text(), "Rule prod: 0 of 1 approvals; dba",
                                            "Decide before: " + readable_utc(clock.wall_now() + 1h)));
    EXPECT_EQ(waiting.command, "curfew approve " + id.text());
    EXPECT_THAT(waiting.link, IsEmpty()) << "nobody knows the page's address";
}

TEST_F(NoticeTexts, LeadToThePageWhereItsAddressIsKnown) {
    declare(declared + "api: { public_url: 'https://curfew.example.com' }\n").value();
    const auto id = asked();
    EXPECT_EQ(text(NoticeKind::request_waiting).link, "https://curfew.example.com/requests/" + id.text());
}

TEST_F(NoticeTexts, OfAnApprovalSayByWhomAndUntilWhen) {
    const auto id = asked("alice", "prod", 2h);
    approve(id, "carol").value();
    const NoticeText approved = text(NoticeKind::request_approved);
    EXPECT_EQ(approved.title, "alice may use prod for 2h");
    EXPECT_THAT(lines(approved), AllOf(Contains("Approved by: Carol for dba"),
                                       Contains("Until: " + readable_utc(clock.wall_now() + 2h))));
    EXPECT_EQ(approved.command, "curfew connect prod");
}

TEST_F(NoticeTexts, OfAnExtensionSayHowMuchMore) {
    const auto id = asked();
    approve(id, "carol").value();
    policy::Wish more = wish("alice", 30min);
    more.kind = policy::RequestKind::extension;
    more.extends = facts_of(id).grant->id;
    news();
    const auto extension = await(desk->submit("", std::move(more))).value().request.id;
    EXPECT_EQ(text(NoticeKind::request_waiting).title, "alice asks for 30m more on prod");
    approve(extension, "carol").value();
    EXPECT_EQ(text(NoticeKind::request_approved).title, "alice may use prod for 30m more");
}

TEST_F(NoticeTexts, OfARejectionSayWhy) {
    reject(asked(), "dave").value();
    const NoticeText rejected = text(NoticeKind::request_rejected);
    EXPECT_EQ(rejected.title, "alice's request for prod was rejected");
    EXPECT_THAT(lines(rejected), Contains("Why: dave rejected it: not today"));
    asked();
    clock.advance(2h);
    await(desk->settle()).value();
    const NoticeText timed_out = text(NoticeKind::request_rejected);
    EXPECT_EQ(timed_out.title, "Nobody decided about alice's request for prod");
    EXPECT_THAT(lines(timed_out), Contains(StartsWith("Why: Nobody decided before ")));
}

TEST_F(NoticeTexts, OfABrokenGlassSayThatItIsToBeReviewed) {
    const auto id = glass_broken();
    const NoticeText broken = text(NoticeKind::break_glass_used);
    EXPECT_EQ(broken.title, "bob broke the glass for prod");
    EXPECT_THAT(lines(broken),
                AllOf(Contains("Reason: the shop is down"), Contains("To be reviewed by: dba")));
    EXPECT_EQ(broken.command, "curfew show " + id.text());
    clock.advance(21min);
    await(desk->settle()).value();
    const NoticeText due = text(NoticeKind::review_due);
    EXPECT_EQ(due.title, "bob's access to prod is to be reviewed");
    EXPECT_THAT(lines(due), Contains("Approved by: nobody: by break-glass"));
}

TEST_F(NoticeTexts, OfTheLastMinutesSayHowManyAreLeft) {
    const auto id = asked();
    approve(id, "carol").value();
    clock.advance(55min);
    const NoticeText ending = text(NoticeKind::grant_ending);
    EXPECT_EQ(ending.title, "5m left of alice's access to prod");
    EXPECT_THAT(ending.command, StartsWith("curfew extend " + facts_of(id).grant->id.text()));
}

TEST_F(NoticeTexts, OfAnEndSayWhy) {
    const auto expired = asked();
    approve(expired, "carol").value();
    const auto until = readable_utc(clock.wall_now() + 1h);
    clock.advance(61min);
    await(desk->settle()).value();
    EXPECT_THAT(lines(text(NoticeKind::grant_ended)), Contains("Why: Its time was over at " + until));
    const auto revoked = asked();
    approve(revoked, "carol").value();
    news();
    revoke(revoked, "carol", "wrong database");
    const NoticeText ended = text(NoticeKind::grant_ended);
    EXPECT_EQ(ended.title, "alice's access to prod has ended");
    EXPECT_THAT(lines(ended), Contains(fmt::format("Why: Carol revoked it at {}: wrong database",
                                                   readable_utc(clock.wall_now()))));
}

TEST_F(NoticeTexts, OfALostRightSayWhatIsGone) {
    approve(asked(), "carol").value();
    declare(test::replaced(declared, "developers: [alice, bob]", "developers: [bob]")).value();
    EXPECT_THAT(lines(text(NoticeKind::grant_ended)),
                Contains(StartsWith("Why: What it stood on is gone: ")));
}

TEST_F(NoticeTexts, AreOnOneLineWhateverPeopleWrote) {
    policy::Wish wish = NoticeTest::wish("alice");
    wish.reason = "first\r\nBcc: eve@example.org\x1b[31m\xe2\x80\xae\xff";
    await(desk->submit("prod", std::move(wish))).value();
    const NoticeText waiting = text(NoticeKind::request_waiting);
    for (const NoticeText::Line& line : waiting.lines) {
        EXPECT_THAT(line.value, Not(HasSubstr("\n"))) << line.label;
        EXPECT_THAT(line.value, Not(HasSubstr("\x1b"))) << line.label;
    }
    EXPECT_THAT(lines(waiting),
                Contains(R"(Reason: first\x0d\x0aBcc: eve@example.org\x1b[31m\xe2\x80\xae\xff)"));
}

TEST(ReadableUtc, IsForPeople) {
    EXPECT_EQ(readable_utc(parse_utc("2026-11-24T14:05:00.250Z").value()), "2026-11-24 14:05:00 UTC");
}

}  // namespace
}  // namespace curfew::notify
