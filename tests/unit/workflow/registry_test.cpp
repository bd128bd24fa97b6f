// Who may do what changes while requests are open and sessions live.
#include <gmock/gmock.h>

#include <string>

#include "desk_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using config::ObjectKind;
using policy::Decision;
using policy::RequestStatus;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Registry : public DeskTest {
protected:
    Result<workflow::ObjectView> put(ObjectKind kind, const std::string& name, const std::string& document,
                                     std::optional<std::uint64_t> expected = {}) {
        return await(registry->put({kind, name}, document, expected, "root"));
    }
    Result<void> remove(ObjectKind kind, const std::string& name,
                        std::optional<std::uint64_t> expected = {}) {
        return await(registry->remove({kind, name}, expected, "root"));
    }
    Result<workflow::ObjectView> replace(ObjectKind kind, const std::string& name,
                                         const std::string& document,
                                         std::optional<std::uint64_t> expected = {}) {
        return await(registry->replace({kind, name}, document, expected, "root"));
    }
    // A password, a token, a sign-in and a link of this user's.
    void sign_in(const std::string& user) {
        await(store->set_password(user, Secret{"$scrypt$"}, user)).value();
        await(store->add_token({user, "ci", {"read"}, {1}, 1h}, user)).value();
        await(store->add_sign_in({{2}, user, "password", "", 1h})).value();
        await(store->add_link({{3}, "set_password", user, "root", 1h})).value();
    }
    void sign_in_left_by(const std::string& user) {
        await(store->set_password(user, Secret{"$scrypt$"}, user)).value();
    }
    // How many of those still work.
    int ways_to_sign_in(const std::string& user) {
        int ways = 0;
        ways += await(store->find_password(user)).value() ? 1 : 0;
        ways += await(store->use_token({1})).value()->state == store::TokenState::active ? 1 : 0;
        ways += await(store->use_sign_in({2})).value() ? 1 : 0;
        ways += await(store->find_link({3}, "set_password")).value() ? 1 : 0;
        return ways;
    }
    // An approved request of this user's.
    policy::RequestId approved(const std::string& user, const std::string& resource = "prod") {
        const auto id = ask(user, resource).value().request.id;
        approve(id, "carol").value();
        node.grants.clear();
        return id;
    }
    policy::Request request(const policy::RequestId& id) {
        return await(store->find_request(id)).value().request;
    }
    void without(const std::string& text, const std::string& in_place = {}) {
        const auto at = declared.find(text);
        ASSERT_NE(at, std::string::npos);
        std::string changed = declared;
        changed.replace(at, text.size(), in_place);
        declare(changed).value();
    }
};

TEST_F(Registry, EndsWhatAMembershipCoveredAsSoonAsItIsTakenAway) {
    const auto id = approved("alice");
    without("developers: [alice, bob]", "developers: [bob]");
    EXPECT_EQ(request(id).status, RequestStatus::revoked);
    EXPECT_EQ(request(id).decision, Decision::right_lost);
    ASSERT_THAT(node.grants, SizeIs(1));
    EXPECT_TRUE(node.grants[0].grant.revoked);
}

TEST_F(Registry, EndsWhatARuleCoveredAsSoonAsItIsTakenAway) {
    const auto id = approved("alice");
    without("resources: [prod, managed]", "resources: [managed]");
    EXPECT_EQ(request(id).status, RequestStatus::revoked);
}

TEST_F(Registry, RejectsWhatNobodyMayAskForAnyMore) {
    const auto id = ask("alice").value().request.id;
    without("developers: [alice, bob]", "developers: [bob]");
    EXPECT_EQ(request(id).status, RequestStatus::rejected);
    EXPECT_EQ(request(id).decision, Decision::right_lost);
}

TEST_F(Registry, LeavesWhatStillStandsAlone) {
    const auto id = approved("alice");
    without("developers: [alice, bob]", "developers: [alice]");
    EXPECT_EQ(request(id).status, RequestStatus::approved);
    EXPECT_THAT(node.grants, IsEmpty());
}

TEST_F(Registry, HasTheNodeUseANewConfigurationBeforeItAnswers) {
    without("root: {} }", "root: {}, frank: {} }");
    ASSERT_THAT(node.configurations, SizeIs(1));
}

TEST_F(Registry, ChangesNothingWhereTheNodeCannotUseIt) {
    const auto id = approved("alice");
    node.refusal = Error{ErrorCode::invalid, "no such certificate"};
    EXPECT_THAT(declare("not: [valid").error().message, HasSubstr("curfew.yaml:"));
    EXPECT_EQ(put(ObjectKind::group, "night", R"({"members": ["alice"]})").error().message,
              "no such certificate");
    EXPECT_FALSE(registry->find({ObjectKind::group, "night"}));
    EXPECT_THAT(await(store->live_objects()).value(), IsEmpty());
    EXPECT_EQ(request(id).status, RequestStatus::approved);
}

TEST_F(Registry, MakesObjectsLiveBesideThoseThatAreDeclared) {
    const auto user = put(ObjectKind::user, "frank", "{}", 0).value();
    EXPECT_FALSE(user.declared);
    EXPECT_EQ(user.changed_by, "root");
    put(ObjectKind::group, "night", R"({"members": ["frank"]})").value();
    put(ObjectKind::rule, "night",
        R"({"resources": ["uncovered"], "required_groups": ["night"], "approval_groups": ["dba"]})")
        .value();
    const auto id = ask("frank", "uncovered").value().request.id;
    EXPECT_EQ(approve(id, "carol").value().request.status, RequestStatus::approved);
}

TEST_F(Registry, EndsWhatARemovedUserHad) {
    put(ObjectKind::user, "frank", "{}").value();
    put(ObjectKind::group, "night", R"({"members": ["frank"]})").value();
    put(ObjectKind::rule, "night",
        R"({"resources": ["uncovered"], "required_groups": ["night"], "approval_groups": ["dba"]})")
        .value();
    const auto id = approved("frank", "uncovered");
    remove(ObjectKind::user, "frank").value();
    EXPECT_EQ(request(id).status, RequestStatus::revoked);
    ASSERT_THAT(node.grants, SizeIs(1));
    // Whoever comes by that name later is somebody else.
    put(ObjectKind::user, "frank", "{}").value();
    EXPECT_EQ(ask("frank", "uncovered").error().code, ErrorCode::forbidden);
}

TEST_F(Registry, ChangesNothingThatIsDeclared) {
    EXPECT_EQ(put(ObjectKind::user, "alice", "{}").error().code, ErrorCode::conflict);
    EXPECT_THAT(remove(ObjectKind::rule, "prod").error().message,
                HasSubstr("declared in the configuration file"));
    EXPECT_TRUE(registry->find({ObjectKind::user, "alice"})->declared);
}

TEST_F(Registry, RefusesAChangeOfWhatSomebodyElseChanged) {
    const auto first = put(ObjectKind::group, "night", "{}", 0).value();
    const auto second = put(ObjectKind::group, "night", R"({"members": ["alice"]})", first.version).value();
    EXPECT_GT(second.version, first.version);
    const auto told = node.configurations.size();
    EXPECT_EQ(put(ObjectKind::group, "night", "{}", first.version).error().code, ErrorCode::outdated);
    EXPECT_EQ(put(ObjectKind::group, "night", "{}", 0).error().code, ErrorCode::conflict);
    EXPECT_EQ(remove(ObjectKind::group, "night", first.version).error().code, ErrorCode::outdated);
    EXPECT_EQ(node.configurations.size(), told) << "the node was told of it";
    EXPECT_THAT(registry->rulebook()->config().groups.at("night"), testing::ElementsAre("alice"));
}

TEST_F(Registry, ReplacesOnlyWhatThereIs) {
    EXPECT_EQ(replace(ObjectKind::group, "night", "{}").error().code, ErrorCode::not_found);
    const auto made = put(ObjectKind::group, "night", "{}", 0).value();
    const auto document = R"({"members": ["alice"]})";
    EXPECT_EQ(replace(ObjectKind::group, "night", document, made.version + 1).error().code,
              ErrorCode::outdated);
    const auto changed = replace(ObjectKind::group, "night", document, made.version).value();
    EXPECT_THAT(std::get<config::Group>(changed.object).members, testing::ElementsAre("alice"));
    EXPECT_EQ(replace(ObjectKind::group, "night", "{}").value().version, changed.version + 1)
        << "whatever it is";
    EXPECT_EQ(replace(ObjectKind::group, "dba", "{}").error().code, ErrorCode::conflict) << "it is declared";
}

TEST_F(Registry, RemovesOnlyWhatThereIs) {
    EXPECT_EQ(remove(ObjectKind::group, "night").error().code, ErrorCode::not_found);
    EXPECT_THAT(node.configurations, IsEmpty());
}

TEST_F(Registry, TakesEverythingFromARemovedUserThatTheySignInWith) {
    put(ObjectKind::user, "frank", "{}").value();
    sign_in("frank");
    EXPECT_EQ(ways_to_sign_in("frank"), 4);
    remove(ObjectKind::user, "frank").value();
    EXPECT_EQ(ways_to_sign_in("frank"), 0);
}

TEST_F(Registry, TakesTheSameFromAUserWhomTheFileNamesNoMore) {
    without("bob: {}", "bob: {}, frank: {}");
    sign_in("frank");
    without(", frank: {}");
    EXPECT_EQ(ways_to_sign_in("frank"), 0);
}

TEST_F(Registry, TakesTheSameFromAUserWhomTheFileLostWhileCurfewdWasDown) {
    sign_in("bob");
    await(registry->catch_up()).value();
    EXPECT_EQ(ways_to_sign_in("bob"), 4) << "bob is still a user";
    sign_in_left_by("gone");
    await(registry->catch_up()).value();
    EXPECT_FALSE(await(store->find_password("gone")).value());
    EXPECT_EQ(ways_to_sign_in("bob"), 4);
}

TEST_F(Registry, RevokesTheGrantsOfARemovedUser) {
    put(ObjectKind::user, "frank", "{}").value();
    store::NewGrant grant;
    grant.subject = {policy::Subject::Kind::user, "frank"};
    grant.resource = "prod";
    grant.length = 1h;
    grant.given_by = "root";
    await(store->add_grant(grant)).value();
    remove(ObjectKind::user, "frank").value();
    ASSERT_THAT(node.grants, SizeIs(1));
    EXPECT_TRUE(node.grants[0].grant.revoked);
    EXPECT_THAT(await(store->grants(false)).value(), IsEmpty());
}

TEST_F(Registry, TellsAllThatIsWrongWithADocument) {
    const auto error =
        put(ObjectKind::rule, "night", R"({"resources": ["nosuch"], "min_approvals": 0, "colour": 1})")
            .error();
    EXPECT_EQ(error.code, ErrorCode::invalid);
    EXPECT_THAT(error.message, HasSubstr("min_approvals"));
    EXPECT_THAT(error.message, HasSubstr("colour"));
}

TEST_F(Registry, FindsItsLiveObjectsAgainAfterARestart) {
    put(ObjectKind::user, "frank", "{}").value();
    const auto again = await(registry->begin()).value();
    EXPECT_NE(again.find_user("frank"), nullptr);
    EXPECT_EQ(registry->find({ObjectKind::user, "frank"})->changed_by, "root");
}

TEST_F(Registry, ListsAKindByName) {
    put(ObjectKind::group, "app", "{}").value();
    std::vector<std::string> names;
    for (const auto& view : registry->list(ObjectKind::group))
        names.push_back(config::name_of(view.object).name);
    EXPECT_THAT(names, testing::ElementsAre("administrators", "app", "dba", "developers", "security"));
}

}  // namespace
}  // namespace curfew::test
