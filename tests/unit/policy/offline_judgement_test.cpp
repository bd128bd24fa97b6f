// Who counts for an offline grant, and where and when it is good.
#include "policy/offline_judgement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline_fixture.hpp"
#include "policy/lifecycle.hpp"
#include "policy/offline_request.hpp"

namespace curfew::policy::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OfflineJudgement : public testing::Test {
protected:
    OfflineJudgement() {
        for (const char* user : {"alice", "bob", "carol", "dave"})
            (void)directory.add_user(user);
        (void)directory.add_alias("ally", "alice");
    }

    Result<OfflineVerdict> judged(const OfflineDocument& document) const {
        return judge(document, terms, place, directory, ed25519_verify);
    }
    std::string refusal(const OfflineDocument& document, ErrorCode code) const {
        const auto verdict = judged(document);
        if (verdict) return "taken";
        EXPECT_EQ(verdict.error().code, code) << verdict.error().message;
        return verdict.error().message;
    }
    OfflineDocument with(const std::vector<OfflineSignature>& signatures) const {
        return {grant, signatures};
    }

    const Approvers approvers;
    OfflineGrant grant = grant_for_alice();
    OfflineTerms terms = approvers.terms();
    OfflinePlace place{"db-a", true, ten_o_clock + 1min};
    Directory directory;
};

TEST_F(OfflineJudgement, TakesWhatEnoughApproversSigned) {
    const auto verdict = judged(approvers.signed_by_bob_and_carol());
    ASSERT_TRUE(verdict) << verdict.error().message;
    EXPECT_EQ(verdict->user, "alice");
    EXPECT_THAT(verdict->signers.counted, ElementsAre("bob", "carol"));
    EXPECT_THAT(verdict->signers.remarks, IsEmpty());
}

TEST_F(OfflineJudgement, RefusesOneSignatureTooFew) {
    EXPECT_THAT(refusal(with({signature_by(approvers.bob, grant)}), ErrorCode::forbidden),
                HasSubstr("1 of 2 approvers signed it: bob"));
    EXPECT_THAT(refusal(with({}), ErrorCode::forbidden), HasSubstr("0 of 2 approvers signed it"));
}

TEST_F(OfflineJudgement, CountsNobodyTwice) {
    const auto bob = signature_by(approvers.bob, grant);
    EXPECT_THAT(refusal(with({bob, bob}), ErrorCode::forbidden), HasSubstr("bob signed more than once"));
    const Ed25519Key second = Ed25519Key::generate();
    terms.approvers.push_back({"bob", second.public_key()});
    EXPECT_THAT(refusal(with({bob, signature_by(second, grant)}), ErrorCode::forbidden),
                HasSubstr("bob signed more than once"))
        << "two keys are one person's";
}

TEST_F(OfflineJudgement, LetsNobodySignTheirOwn) {
    terms.approvers.push_back({"alice", approvers.dave.public_key()});
    std::rotate(terms.approvers.begin(), terms.approvers.end() - 1, terms.approvers.end());
    EXPECT_THAT(refusal(with({signature_by(approvers.bob, grant), signature_by(approvers.dave, grant)}),
                        ErrorCode::forbidden),
                HasSubstr("alice cannot sign what is for alice"));
}

TEST_F(OfflineJudgement, LetsNobodySignTheirOwnUnderAnotherName) {
    grant.user = "ALLY";
    terms.approvers = {{"bob", approvers.bob.public_key()}, {"alice", approvers.dave.public_key()}};
    EXPECT_THAT(refusal(with({signature_by(approvers.bob, grant), signature_by(approvers.dave, grant)}),
                        ErrorCode::forbidden),
                HasSubstr("cannot sign"));
}

TEST_F(OfflineJudgement, TellsOfKeysThatItDoesNotKnow) {
    const Ed25519Key unknown = Ed25519Key::generate();
    EXPECT_THAT(refusal(with({signature_by(approvers.bob, grant), signature_by(unknown, grant)}),
                        ErrorCode::forbidden),
                HasSubstr("the key " + ed25519_fingerprint(unknown.public_key()) + " is no approver's here"));
    const auto verdict = judged(with({signature_by(unknown, grant), signature_by(approvers.bob, grant),
                                      signature_by(approvers.carol, grant)}));
    ASSERT_TRUE(verdict);
    EXPECT_THAT(verdict->signers.remarks, Contains(HasSubstr("is no approver's here")));
}

TEST_F(OfflineJudgement, CountsNoSignatureOfAnotherDocument) {
    OfflineGrant longer = grant;
    longer.duration += 1min;
    EXPECT_THAT(refusal(with({signature_by(approvers.bob, grant), signature_by(approvers.carol, longer)}),
                        ErrorCode::forbidden),
                HasSubstr("what is said to be carol's signature is not"));
}

TEST_F(OfflineJudgement, CountsNobodyWhoIsNoUserAnyMore) {
    terms.approvers[1].user = "erin";
    EXPECT_THAT(refusal(approvers.signed_by_bob_and_carol(), ErrorCode::forbidden),
                HasSubstr("erin, whose key"));
}

TEST_F(OfflineJudgement, IsGoodAtOneInstallationAlone) {
    terms.installation = "prod-us";
    EXPECT_THAT(refusal(approvers.signed_by_bob_and_carol(), ErrorCode::conflict),
                HasSubstr("it is for the installation 'prod-eu', and this one is 'prod-us'"));
}

TEST_F(OfflineJudgement, IsGoodAtOneNodeAlone) {
    place.node = "db-b";
    EXPECT_THAT(refusal(approvers.signed_by_bob_and_carol(), ErrorCode::conflict),
                HasSubstr("it is for the node 'db-a', and this one is 'db-b'"));
}

TEST_F(OfflineJudgement, IsGoodFromItsFirstInstantUntilJustBeforeItsLast) {
    place.now = grant.not_before;
    EXPECT_TRUE(judged(approvers.signed_by_bob_and_carol()));
    place.now = grant.not_before - 1ms;
    EXPECT_THAT(refusal(approvers.signed_by_bob_and_carol(), ErrorCode::conflict),
                HasSubstr("it may be taken from"));
    place.now = grant.not_after - 1ms;
    EXPECT_TRUE(judged(approvers.signed_by_bob_and_carol()));
    place.now = grant.not_after;
    EXPECT_THAT(refusal(approvers.signed_by_bob_and_carol(), ErrorCode::conflict),
                HasSubstr("it was to be taken before"));
}

TEST_F(OfflineJudgement, IsNoLongerThanTheInstallationAllows) {
    terms.max_duration = 20min;
    EXPECT_TRUE(judged(approvers.signed_by_bob_and_carol()));
    terms.max_duration = 19min;
    EXPECT_THAT(refusal(approvers.signed_by_bob_and_carol(), ErrorCode::invalid),
                HasSubstr("it is for 20m, and the longest here is 19m"));
}

TEST_F(OfflineJudgement, IsForAUserAndAResourceThatThereAre) {
    place.has_resource = false;
    EXPECT_THAT(refusal(approvers.signed_by_bob_and_carol(), ErrorCode::invalid),
                HasSubstr("there is no resource 'prod' here"));
    place.has_resource = true;
    grant.user = "mallory";
    EXPECT_THAT(refusal(approvers.signed_by_bob_and_carol(grant), ErrorCode::invalid),
                HasSubstr("there is no user 'mallory' here"));
}

TEST_F(OfflineJudgement, GoesByTheUsersOwnName) {
    grant.user = "Ally";
    EXPECT_EQ(judged(approvers.signed_by_bob_and_carol(grant)).value().user, "alice");
}

TEST_F(OfflineJudgement, NeedsSomebodyWhateverTheTermsSay) {
    terms.approvals = 0;
    EXPECT_THAT(refusal(with({}), ErrorCode::forbidden), HasSubstr("0 of 1 approvers"));
}

// --- What it is entered as

class OfflineRequest : public OfflineJudgement {
protected:
    OfflineRequest() {
        (void)directory.add_user("ada");
        (void)directory.add_member(std::string{administrators}, "ada");
        (void)directory.add_member(std::string{administrators}, "bob");
        acceptance.document = approvers.signed_by_bob_and_carol();
        acceptance.user = "alice";
        acceptance.signers = {"bob", "carol"};
        acceptance.request = RequestId::generate();
        request = entered_request(acceptance, ten_o_clock);
    }
    Circumstances circumstances() const { return {rules, directory, target, ten_o_clock + 5min}; }

    OfflineAcceptance acceptance;
    Request request;
    Rules rules;
    Target target{.name = "prod", .attributes = {}, .known = true};
};

TEST_F(OfflineRequest, IsApprovedByItsSignersAndToBeReviewed) {
    EXPECT_EQ(request.status, RequestStatus::approved);
    EXPECT_EQ(request.approval, Decision::signed_offline);
    EXPECT_EQ(request.requester, "alice");
    EXPECT_TRUE(request.review_due);
    EXPECT_EQ(request.granted, Duration{20min});
    ASSERT_EQ(request.reviews.size(), 2U);
    EXPECT_EQ(request.reviews[0].reviewer, "bob");
    EXPECT_THAT(request.decision_comment, HasSubstr(grant.id));
    EXPECT_THAT(request.decision_comment, HasSubstr("bob, carol"));
}

TEST_F(OfflineRequest, StandsThoughNoRuleGaveIt) {
    EXPECT_EQ(apply(request, event::Reconsidered{}, circumstances()).value(), request);
}

TEST_F(OfflineRequest, IsReviewedByAdministratorsWhereNoRuleNamesAnybody) {
    const auto reviewed =
        apply(request, event::Reviewed{"ada", "", Verdict::approve, "was needed", {}}, circumstances());
    ASSERT_TRUE(reviewed) << reviewed.error().message;
    EXPECT_FALSE(reviewed->review_due);
}

TEST_F(OfflineRequest, IsNotReviewedByWhoSignedIt) {
    EXPECT_THAT(groups_to_review_for("bob", request, circumstances()), IsEmpty());
    const auto reviewed =
        apply(request, event::Reviewed{"bob", "", Verdict::approve, "", {}}, circumstances());
    ASSERT_FALSE(reviewed);
    EXPECT_THAT(reviewed.error().message, HasSubstr("nobody reviews what they signed"));
}

TEST_F(OfflineRequest, IsNotReviewedByWhomItWasFor) {
    (void)directory.add_member(std::string{administrators}, "alice");
    EXPECT_FALSE(apply(request, event::Reviewed{"alice", "", Verdict::approve, "", {}}, circumstances()));
}

TEST_F(OfflineRequest, EndsAtOnceWhereItsReviewRejectsIt) {
    const auto rejected =
        apply(request, event::Reviewed{"ada", "", Verdict::reject, "not for this", {}}, circumstances());
    ASSERT_TRUE(rejected) << rejected.error().message;
    EXPECT_EQ(rejected->status, RequestStatus::revoked);
}

}  // namespace
}  // namespace curfew::policy::test
