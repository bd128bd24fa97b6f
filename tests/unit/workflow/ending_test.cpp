// What ends together: a grant, its request, and the requests of its extensions.
#include <gmock/gmock.h>

#include "desk_fixture.hpp"
#include "workflow/decisions.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::Decision;
using policy::RequestStatus;
using testing::IsEmpty;
using testing::SizeIs;

class DeskEnds : public DeskTest {
protected:
    // alice's, approved by carol.
    policy::Request approved() {
        const auto id = ask("alice").value().request.id;
        return approve(id, "carol").value().request;
    }
    policy::RequestId extension_of(const GrantId& grant) {
        policy::Wish more = wish("alice", 30min);
        more.kind = policy::RequestKind::extension;
        more.extends = grant;
        return await(desk->submit("prod", more)).value().request.id;
    }
    policy::Request look_up(const policy::RequestId& id) {
        return await(store->find_request(id)).value().request;
    }
};

TEST_F(DeskEnds, AGrantWithItsExtension) {
    const policy::Request first = approved();
    const auto extension = extension_of(*first.grant);
    approve(extension, "dave").value();
    await(desk->revoke(extension, {"dave"}, "enough")).value();
    EXPECT_EQ(look_up(first.id).status, RequestStatus::revoked);
    EXPECT_TRUE(node.grants.back().grant.revoked);
}

TEST_F(DeskEnds, WhatWasToExtendARevokedGrant) {
    const policy::Request first = approved();
    const auto extension = extension_of(*first.grant);
    await(desk->revoke(first.id, {"alice"}, "")).value();
    EXPECT_EQ(look_up(extension).status, RequestStatus::rejected);
    EXPECT_EQ(look_up(extension).decision, Decision::right_lost);
}

TEST_F(DeskEnds, TheRequestsOfAGrantThatAnAdministratorRevokes) {
    const policy::Request first = approved();
    const auto extension = extension_of(*first.grant);
    approve(extension, "dave").value();
    const auto revoked = await(desk->revoke_grant(*first.grant, {"root"}, "by hand")).value();
    EXPECT_EQ(revoked.grant.revoked->reason, "by hand");
    EXPECT_TRUE(node.grants.back().grant.revoked);
    for (const auto& id : {first.id, extension}) {
        EXPECT_EQ(look_up(id).status, RequestStatus::revoked);
        EXPECT_EQ(look_up(id).decided_by, "root");
    }
}

TEST_F(DeskEnds, AGrantThatWasGivenWithoutARequest) {
    store::NewGrant wanted;
    wanted.subject = {policy::Subject::Kind::group, "dba"};
    wanted.resource = "prod";
    wanted.length = 1h;
    wanted.given_by = "root";
    const auto grant = await(store->add_grant(wanted)).value().grant.id;
    const auto other = approved();
    const auto revoked = await(desk->revoke_grant(grant, {"postgres", true}, "")).value();
    EXPECT_EQ(revoked.grant.revoked->by, "postgres");
    EXPECT_EQ(node.grants.back().grant.id, grant);
    EXPECT_EQ(look_up(other.id).status, RequestStatus::approved);
    EXPECT_EQ(await(desk->revoke_grant(grant, {"root"}, "")).error().code, ErrorCode::conflict);
}

TEST_F(DeskEnds, AGrantItselfForAdministratorsAlone) {
    const auto first = approved();
    for (const char* name : {"alice", "carol", "mallory"})
        EXPECT_EQ(await(desk->revoke_grant(*first.grant, {name}, "")).error().code, ErrorCode::forbidden);
    EXPECT_EQ(await(desk->revoke_grant(GrantId::generate(), {"root"}, "")).error().code,
              ErrorCode::not_found);
}

TEST_F(DeskEnds, AnExtensionThatLostItsRightAndItsGrantWithIt) {
    const policy::Request first = approved();
    const auto extension = extension_of(*first.grant);
    approve(extension, "dave").value();
    declare(replaced(declared, "developers: [alice, bob]", "developers: [bob]")).value();
    EXPECT_EQ(look_up(first.id).decision, Decision::right_lost);
    EXPECT_EQ(look_up(extension).status, RequestStatus::revoked);
}

// What it stood on has to be read back from the store as it was written.
TEST_F(DeskEnds, AnAdministratorsAccessWithTheMembershipAndNotBefore) {
    const auto id = ask("root", "uncovered").value().request.id;
    await(desk->reconsider()).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::approved);
    declare(replaced(declared, "administrators: [root]", "administrators: [dave]")).value();
    EXPECT_EQ(look_up(id).decision, Decision::right_lost);
    EXPECT_TRUE(node.grants.back().grant.revoked);
}

class Commands : public DeskEnds {
protected:
    policy::RequestId command(policy::CommandForm form = policy::CommandForm::query) {
        declare(replaced(declared, "max_duration: 4h", "max_duration: 4h\n    types: [jit, command]"))
            .value();
        policy::Wish one = wish("alice");
        one.type = policy::RequestType::command;
        one.command.emplace();
        one.command->form = form;
        one.command->database = "orders";
        one.command->statements = {{"DELETE FROM orders", {}}};
        if (form != policy::CommandForm::script) one.command->session = SessionId::generate();
        const auto id = await(desk->submit("prod", one)).value().request.id;
        approve(id, "carol").value();
        return id;
    }
    store::RequestRecord run(const policy::RequestId& id) {
        auto event = workflow::to_apply(registry->rulebook(), policy::event::CommandRun{});
        return await(store->change_request(id, std::move(event))).value().after;
    }
};

TEST_F(Commands, AreApprovedWithoutTimeToConnect) {
    const auto id = command();
    EXPECT_EQ(look_up(id).status, RequestStatus::approved);
    EXPECT_THAT(grants(), IsEmpty());
    EXPECT_THAT(node.grants, IsEmpty());
}

TEST_F(Commands, ThatNobodyRanAreRevokedWhenTheirWindowPasses) {
    const auto id = command();
    clock.advance(1h - 1ms);
    await(desk->settle()).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::approved);
    clock.advance(1ms);
    await(desk->settle()).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::revoked);
    EXPECT_EQ(look_up(id).decision, Decision::not_run);
}

TEST_F(Commands, CanBeRevokedMeanwhile) {
    const auto id = command();
    await(desk->revoke(id, {"alice"}, "not needed")).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::revoked);
}

TEST_F(Commands, OfASessionAreRunUnderTheGrantThatItHas) {
    const auto after = run(command());
    EXPECT_EQ(after.request.status, RequestStatus::executed);
    EXPECT_FALSE(after.grant);
}

TEST_F(Commands, ThatAreScriptsAreRunUnderAGrantOfTheirOwnForTheTimeThatIsLeft) {
    const auto id = command(policy::CommandForm::script);
    clock.advance(20min);
    const auto after = run(id);
    ASSERT_TRUE(after.grant);
    EXPECT_EQ(after.grant->grant.use, policy::GrantUse::script);
    EXPECT_EQ(after.grant->grant.subject, (policy::Subject{policy::Subject::Kind::user, "alice"}));
    EXPECT_EQ(after.grant->grant.resource, "prod");
    EXPECT_EQ(after.grant->grant.given_by, "carol");
    EXPECT_EQ(after.grant->starts_in, Duration::zero());
    EXPECT_EQ(after.grant->remaining, 40min);
}

}  // namespace
}  // namespace curfew::test
