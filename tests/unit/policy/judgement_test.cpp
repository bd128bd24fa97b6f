// Which of several grants counts, and which of several causes.
#include <gtest/gtest.h>

#include <string>

#include "policy/admission.hpp"

namespace curfew::policy {
namespace {

using namespace std::chrono_literals;

class Judgement : public testing::Test {
protected:
    Judgement() {
        directory.add_user("alice");
        directory.add_member("dba", "bob");
    }

    LiveGrant grant(Duration starts_in, Duration ends_in,
                    Subject subject = {Subject::Kind::user, "alice"}) const {
        LiveGrant live;
        live.grant.id = GrantId::generate();
        live.grant.subject = std::move(subject);
        live.grant.resource = "prod";
        live.starts = now + starts_in;
        live.ends = now + ends_in;
        return live;
    }

    Refusal refusal(const Grants& grants, bool replication = false) const {
        return std::get<Refusal>(admit({"alice", "prod", replication}, directory, grants, now));
    }
    std::variant<BootInstant, EndCause> again(const Grants& grants, std::string_view who = "alice") const {
        return reassess({who, "prod", false}, grants.all().at(0)->grant.id, directory, grants, now);
    }

    Directory directory;
    BootInstant now{1h};
};

TEST_F(Judgement, TakesAnActiveGrantBeforeALongerOneThatIsStillToCome) {
    const Grants grants{{grant(1min, 8h), grant(-1min, 1h)}};
    EXPECT_EQ(std::get<Admitted>(admit({"alice", "prod", false}, directory, grants, now)).grant,
              grants.all()[1].get());
}

TEST_F(Judgement, TakesTheGrantThatAllowsReplicationEvenIfAnotherLastsLonger) {
    auto shorter = grant(-1min, 1h);
    shorter.grant.allow_replication = true;
    const Grants grants{{grant(-1min, 8h), shorter}};
    EXPECT_EQ(std::get<Admitted>(admit({"alice", "prod", true}, directory, grants, now)).grant,
              grants.all()[1].get());
}

TEST_F(Judgement, NamesReplicationAsTheReasonBeforeAGrantThatIsStillToCome) {
    EXPECT_EQ(refusal(Grants{{grant(1min, 8h), grant(-1min, 1h)}}, true), Refusal::replication_refused);
}

TEST_F(Judgement, NamesAGrantThatIsStillToComeBeforeOneThatHasEnded) {
    EXPECT_EQ(refusal(Grants{{grant(-2h, -1h), grant(1min, 1h)}}), Refusal::not_yet);
}

TEST_F(Judgement, SaysNothingOfGrantsThatAreSomebodyElses) {
    EXPECT_EQ(refusal(Grants{{grant(1min, 1h, {Subject::Kind::user, "bob"})}}), Refusal::no_grant);
    EXPECT_EQ(refusal(Grants{{grant(-1min, 1h, {Subject::Kind::group, "dba"})}}, true), Refusal::no_grant);
}

TEST_F(Judgement, TakesAGroupForNoUserOfTheSameName) {
    directory.add_user("dba");
    const Grants grants{{grant(-1min, 1h, {Subject::Kind::group, "dba"})}};
    EXPECT_TRUE(std::holds_alternative<Refusal>(admit({"dba", "prod", false}, directory, grants, now)));
}

TEST_F(Judgement, MovesTheDeadlineWithTheGrant) {
    Grants grants{{grant(-1h, 1h)}};
    LiveGrant extended = *grants.all()[0];
    extended.ends += 2h;
    grants = Grants{{extended}};
    EXPECT_EQ(std::get<BootInstant>(again(grants)), now + 3h);
}

TEST_F(Judgement, EndsASessionAtTheVeryInstantTheGrantEnds) {
    EXPECT_EQ(std::get<EndCause>(again(Grants{{grant(-1h, 0ns)}})), EndCause::grant_expired);
    EXPECT_TRUE(std::holds_alternative<BootInstant>(again(Grants{{grant(-1h, 1ns)}})));
}

TEST_F(Judgement, KeepsASessionUnderTheGrantItWasAdmittedUnder) {
    const Grants grants{{grant(-1h, 1h), grant(-1h, 8h)}};
    EXPECT_EQ(std::get<BootInstant>(again(grants)), now + 1h) << "the longer one is another";
}

TEST_F(Judgement, EndsTheSessionOfWhoLeftEvenIfEveryoneIsGranted) {
    const Grants grants{{grant(-1h, 1h, {Subject::Kind::everyone, ""})}};
    EXPECT_TRUE(std::holds_alternative<BootInstant>(again(grants)));
    EXPECT_EQ(std::get<EndCause>(again(grants, "mallory")), EndCause::user_removed);
}

}  // namespace
}  // namespace curfew::policy
