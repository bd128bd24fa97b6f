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
    EXPECT_EQ(put(ObjectKind::group, "night", "{}", first.version).error().code, ErrorCode::conflict);
    EXPECT_EQ(put(ObjectKind::group, "night", "{}", 0).error().code, ErrorCode::conflict);
    EXPECT_THAT(registry->rulebook()->config().groups.at("night"), testing::ElementsAre("alice"));
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
