#include "policy/admission.hpp"

#include <gtest/gtest.h>

namespace curfew::policy {
namespace {

using namespace std::chrono_literals;

class Admission : public testing::Test {
protected:
    // A grant on `prod` for [now + starts_in, now + ends_in).
    LiveGrant grant(Subject subject, Duration starts_in, Duration ends_in, bool replication = false) {
        LiveGrant live;
        live.grant.id = GrantId::generate();
        live.grant.subject = std::move(subject);
        live.grant.resource = "prod";
        live.grant.allow_replication = replication;
        live.starts = now + starts_in;
        live.ends = now + ends_in;
        return live;
    }
    static Subject user(std::string name) { return {Subject::Kind::user, std::move(name)}; }
    static Subject group(std::string name) { return {Subject::Kind::group, std::move(name)}; }

    std::variant<Admitted, Refusal> try_admit(const Grants& grants, std::string_view who = "alice",
                                              bool replication = false) const {
        return admit({who, "prod", replication}, directory, grants, now);
    }

    Admission() {
        directory.add_user("alice");
        directory.add_member("dba", "bob");
    }

    Directory directory;
    BootInstant now{1h};
};

TEST_F(Admission, AdmitsUnderAnActiveGrant) {
    const Grants grants{{grant(user("alice"), -1min, 1h)}};
    const auto decision = try_admit(grants);
    ASSERT_TRUE(std::holds_alternative<Admitted>(decision));
    EXPECT_EQ(std::get<Admitted>(decision).grant, grants.all()[0].get());
}

TEST_F(Admission, TakesAGrantForSessionsBeforeOneForCommands) {
    LiveGrant commands = grant(user("alice"), -1min, 24h);
    commands.grant.use = GrantUse::commands;
    const LiveGrant sessions = grant(user("alice"), -1min, 1h);
    for (const Grants& grants : {Grants{{commands, sessions}}, Grants{{sessions, commands}}})
        EXPECT_EQ(std::get<Admitted>(try_admit(grants)).grant->grant.id, sessions.grant.id);
    EXPECT_EQ(std::get<Admitted>(try_admit(Grants{{commands}})).grant->grant.id, commands.grant.id);
}

TEST_F(Admission, OfGrantsForCommandsTakesTheOneThatEndsLast) {
    LiveGrant shorter = grant(user("alice"), -1min, 1h);
    LiveGrant longer = grant(user("alice"), -1min, 2h);
    shorter.grant.use = longer.grant.use = GrantUse::commands;
    EXPECT_EQ(std::get<Admitted>(try_admit(Grants{{longer, shorter}})).grant->grant.id, longer.grant.id);
}

TEST_F(Admission, LetsNobodyInUnderANodesGrantButTheNodeThatAsksForIt) {
    for (const GrantUse use : {GrantUse::script, GrantUse::preview}) {
        LiveGrant own = grant(user("alice"), -1min, 1h);
        own.grant.use = use;
        const Grants grants{{own}};
        EXPECT_EQ(std::get<Refusal>(try_admit(grants)), Refusal::no_grant) << to_string(use);
        const Attempt by_the_node{"alice", "prod", false, &own.grant.id};
        EXPECT_TRUE(std::holds_alternative<Admitted>(admit(by_the_node, directory, grants, now)));
        const Attempt of_another{"bob", "prod", false, &own.grant.id};
        EXPECT_EQ(std::get<Refusal>(admit(of_another, directory, grants, now)), Refusal::no_grant);
    }
}

// Else whoever had one would be in without a word about what they do.
TEST_F(Admission, FindsNoCredentialOfANodesGrant) {
    for (const GrantUse use : {GrantUse::script, GrantUse::preview}) {
        LiveGrant own = grant(user("alice"), -1min, 1h);
        own.grant.use = use;
        own.grant.verifier = Secret{"SCRAM-SHA-256$…"};
        EXPECT_EQ(grant_with_credential({"alice", "prod"}, directory, Grants{{own}}, now), nullptr);
    }
}

TEST_F(Admission, RefusesWithoutAGrant) {
    EXPECT_EQ(std::get<Refusal>(try_admit(Grants{})), Refusal::no_grant);
}

TEST_F(Admission, RefusesAnExpiredGrant) {
    EXPECT_EQ(std::get<Refusal>(try_admit(Grants{{grant(user("alice"), -2h, -1ns)}})), Refusal::no_grant);
}

TEST_F(Admission, RefusesAtTheVeryInstantTheGrantEnds) {
    EXPECT_EQ(std::get<Refusal>(try_admit(Grants{{grant(user("alice"), -2h, 0ns)}})), Refusal::no_grant);
}

TEST_F(Admission, AdmitsAtTheVeryInstantTheGrantStarts) {
    EXPECT_TRUE(std::holds_alternative<Admitted>(try_admit(Grants{{grant(user("alice"), 0ns, 1h)}})));
}

TEST_F(Admission, RefusesBeforeTheWindowBegins) {
    EXPECT_EQ(std::get<Refusal>(try_admit(Grants{{grant(user("alice"), 1min, 1h)}})), Refusal::not_yet);
}

TEST_F(Admission, RefusesAnotherUsersGrant) {
    EXPECT_EQ(std::get<Refusal>(try_admit(Grants{{grant(user("bob"), -1min, 1h)}})), Refusal::no_grant);
}

TEST_F(Admission, RefusesAGrantOnAnotherResource) {
    auto other = grant(user("alice"), -1min, 1h);
    other.grant.resource = "staging";
    EXPECT_EQ(std::get<Refusal>(try_admit(Grants{{other}})), Refusal::no_grant);
}

TEST_F(Admission, AdmitsAMemberOfTheGrantsGroup) {
    EXPECT_TRUE(std::holds_alternative<Admitted>(try_admit(Grants{{grant(group("dba"), -1min, 1h)}}, "bob")));
}

TEST_F(Admission, RefusesWhoIsNotInTheGrantsGroup) {
    EXPECT_EQ(std::get<Refusal>(try_admit(Grants{{grant(group("dba"), -1min, 1h)}})), Refusal::no_grant);
}

TEST_F(Admission, RefusesAnUnknownUserEvenWhenEveryoneIsGranted) {
    const Grants grants{{grant({Subject::Kind::everyone, ""}, -1min, 1h)}};
    EXPECT_EQ(std::get<Refusal>(try_admit(grants, "mallory")), Refusal::unknown_user);
}

TEST_F(Admission, AdmitsAnUnlistedUserWhereTheDirectoryAcceptsThem) {
    directory = Directory{true};
    const Grants grants{{grant({Subject::Kind::everyone, ""}, -1min, 1h)}};
    EXPECT_TRUE(std::holds_alternative<Admitted>(try_admit(grants, "anybody")));
}

TEST_F(Admission, TakesTheGrantThatEndsLast) {
    const Grants grants{
        {grant(user("alice"), -1min, 1h), grant(user("alice"), -1min, 3h), grant(user("alice"), -1min, 2h)}};
    EXPECT_EQ(std::get<Admitted>(try_admit(grants)).grant, grants.all()[1].get());
}

TEST_F(Admission, RefusesReplicationUnlessTheGrantAllowsIt) {
    EXPECT_EQ(std::get<Refusal>(try_admit(Grants{{grant(user("alice"), -1min, 1h)}}, "alice", true)),
              Refusal::replication_refused);
    EXPECT_TRUE(std::holds_alternative<Admitted>(
        try_admit(Grants{{grant(user("alice"), -1min, 1h, true)}}, "alice", true)));
}

class Reassessment : public Admission {
protected:
    std::variant<BootInstant, EndCause> again(const Grants& grants, const GrantId& id,
                                              std::string_view who = "alice") const {
        return reassess({who, "prod", false}, id, directory, grants, now);
    }
};

TEST_F(Reassessment, GivesTheDeadlineAsItNowStands) {
    const Grants grants{{grant(user("alice"), -1min, 2h)}};
    EXPECT_EQ(std::get<BootInstant>(again(grants, grants.all()[0]->grant.id)), now + 2h);
}

TEST_F(Reassessment, EndsASessionWhoseGrantIsGone) {
    EXPECT_EQ(std::get<EndCause>(again(Grants{}, GrantId::generate())), EndCause::grant_revoked);
}

TEST_F(Reassessment, EndsASessionEvenIfAnotherGrantWouldCoverIt) {
    const Grants grants{{grant(user("alice"), -1min, 2h)}};
    EXPECT_EQ(std::get<EndCause>(again(grants, GrantId::generate())), EndCause::grant_revoked);
}

TEST_F(Reassessment, EndsASessionWhoseUserLeftTheGroup) {
    const Grants grants{{grant(group("dba"), -1min, 2h)}};
    EXPECT_EQ(std::get<EndCause>(again(grants, grants.all()[0]->grant.id)), EndCause::user_removed);
    EXPECT_TRUE(std::holds_alternative<BootInstant>(again(grants, grants.all()[0]->grant.id, "bob")));
}

TEST_F(Reassessment, EndsASessionWhoseUserLeftTheDirectory) {
    const Grants grants{{grant(user("carol"), -1min, 2h)}};
    EXPECT_EQ(std::get<EndCause>(again(grants, grants.all()[0]->grant.id, "carol")), EndCause::user_removed);
}

TEST_F(Reassessment, EndsASessionWhoseGrantWasShortenedIntoThePast) {
    const Grants grants{{grant(user("alice"), -1h, -1s)}};
    EXPECT_EQ(std::get<EndCause>(again(grants, grants.all()[0]->grant.id)), EndCause::grant_expired);
}

class GrantCredential : public Admission {
protected:
    LiveGrant with_credential(Subject subject, Duration starts_in, Duration ends_in) {
        LiveGrant live = grant(std::move(subject), starts_in, ends_in);
        live.grant.verifier = Secret{"SCRAM-SHA-256$…"};
        return live;
    }
    const LiveGrant* found(const Grants& grants) {
        return grant_with_credential({"alice", "prod"}, directory, grants, now);
    }
};

TEST_F(GrantCredential, IsThatOfTheGrantThatEndsLastAmongThoseThatHaveOne) {
    const Grants grants{{with_credential(user("alice"), -1min, 1h), with_credential(user("alice"), -1min, 2h),
                         grant(user("alice"), -1min, 3h)}};
    EXPECT_EQ(found(grants), grants.all()[1].get());
}

TEST_F(GrantCredential, IsGoodForNothingOutsideItsWindowNorForAnybodyElse) {
    const Grants grants{{with_credential(user("alice"), 1min, 1h), with_credential(user("alice"), -1h, 0ns),
                         with_credential(user("bob"), -1h, 1h)}};
    EXPECT_EQ(found(grants), nullptr);
}

TEST_F(GrantCredential, LetsNobodyInUnderAnotherGrant) {
    const Grants grants{{with_credential(user("alice"), -1min, 1h), grant(user("alice"), -1min, 3h)}};
    const GrantId used = grants.all()[0]->grant.id;
    const Attempt attempt{"alice", "prod", false, &used};
    EXPECT_EQ(std::get<Admitted>(admit(attempt, directory, grants, now)).grant, grants.all()[0].get());
    const Grants without{{grant(user("alice"), -1min, 3h)}};
    EXPECT_EQ(std::get<Refusal>(admit(attempt, directory, without, now)), Refusal::no_grant);
}

TEST_F(Admission, WithoutTheStoreAdmitsByWhatOutlivesItAlone) {
    LiveGrant offline = grant(user("alice"), -1min, 10min);
    offline.outlives_store = true;
    const Grants grants{{grant(user("alice"), -1min, 1h), offline}};
    const Attempt attempt{"alice", "prod", false, nullptr, true};
    const auto decision = admit(attempt, directory, grants, now);
    ASSERT_TRUE(std::holds_alternative<Admitted>(decision));
    EXPECT_TRUE(std::get<Admitted>(decision).grant->outlives_store);
    const Grants others{{grant(user("alice"), -1min, 1h)}};
    EXPECT_EQ(std::get<Refusal>(admit(attempt, directory, others, now)), Refusal::no_grant);
}

}  // namespace
}  // namespace curfew::policy
