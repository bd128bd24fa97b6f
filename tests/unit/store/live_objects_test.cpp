// Live objects: changed by whoever read them last, together with what that ends.
#include <gmock/gmock.h>

#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::RequestStatus;
using store::LiveObject;
using store::ObjectEdit;
using store::ObjectKind;
using store::ObjectsChanged;
using store::ReconsiderRequest;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::optional<store::RequestChange> leave(const policy::Request&, const std::optional<store::GrantCountdown>&,
                                          WallInstant) {
    return std::nullopt;
}

Result<ReconsiderRequest> fits(const std::vector<LiveObject>&) {
    return ReconsiderRequest{leave};
}

ObjectEdit rule(const std::string& name, const std::string& document,
                std::optional<std::uint64_t> expected = 0) {
    return {ObjectKind::rule, name, document, expected};
}

class LiveObjects : public RequestTest {
protected:
    Result<ObjectsChanged> edit(std::vector<ObjectEdit> edits, store::JudgeObjects judge = fits) {
        return await(store->change_live_objects(std::move(edits), "root", std::move(judge)));
    }
    std::vector<LiveObject> all() { return await(store->live_objects()).value(); }
};

TEST_F(LiveObjects, ArriveAsTheyWerePut) {
    const auto changed = edit({rule("prod", R"({"name": "prod", "why": "it's übel"})")});
    ASSERT_TRUE(changed);
    ASSERT_THAT(all(), SizeIs(1));
    const LiveObject object = all().front();
    EXPECT_EQ(object, changed->objects.front());
    EXPECT_EQ(object.kind, ObjectKind::rule);
    EXPECT_EQ(object.document, R"({"name": "prod", "why": "it's übel"})");
    EXPECT_EQ(object.changed_by, "root");
    EXPECT_EQ(object.changed_at, clock.wall_now());
    EXPECT_GT(object.version, 0U);
    reopen();
    EXPECT_THAT(all(), ElementsAre(object));
}

TEST_F(LiveObjects, OfTwoKindsMayHaveOneName) {
    ASSERT_TRUE(edit({rule("dba", "{}"), {ObjectKind::group, "dba", "{}", 0}}));
    EXPECT_THAT(all(), ElementsAre(Field(&LiveObject::kind, ObjectKind::group),
                                   Field(&LiveObject::kind, ObjectKind::rule)));
}

TEST_F(LiveObjects, AreChangedOnlyByWhoeverReadThemLast) {
    const auto first = edit({rule("prod", "{}")})->objects.front().version;
    EXPECT_EQ(edit({rule("prod", "{}")}).error().code, ErrorCode::conflict) << "there is one";
    const auto second = edit({rule("prod", "[2]", first)})->objects.front().version;
    EXPECT_GT(second, first);
    const auto late = edit({rule("prod", "[3]", first)});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::outdated);
    EXPECT_THAT(late.error().message, HasSubstr("rule 'prod' was changed by somebody else"));
    EXPECT_EQ(all().front().document, "[2]");
    EXPECT_TRUE(edit({rule("prod", "[4]", std::nullopt)})) << "whatever it was";
    EXPECT_EQ(edit({rule("none", "{}", 7)}).error().code, ErrorCode::not_found);
}

TEST_F(LiveObjects, AreRemovedOnlyByWhoeverReadThemLast) {
    const auto version = edit({rule("prod", "{}")})->objects.front().version;
    const ObjectEdit removal{ObjectKind::rule, "prod", std::nullopt, version};
    EXPECT_EQ(edit({{ObjectKind::rule, "prod", std::nullopt, version + 1}}).error().code,
              ErrorCode::outdated);
    EXPECT_TRUE(edit({removal}));
    EXPECT_THAT(all(), IsEmpty());
    EXPECT_EQ(edit({removal}).error().code, ErrorCode::not_found);
}

TEST_F(LiveObjects, NeverHaveAVersionAgain) {
    const auto first = edit({rule("prod", "{}")})->objects.front().version;
    ASSERT_TRUE(edit({{ObjectKind::rule, "prod", std::nullopt, first}}));
    EXPECT_GT(edit({rule("prod", "{}")})->objects.front().version, first);
}

TEST_F(LiveObjects, OfOneRaceAreChangedByOne) {
    const auto version = edit({rule("prod", "{}")})->objects.front().version;
    std::vector<store::Awaitable<Result<ObjectsChanged>>> edits;
    for (int i = 0; i < 10; ++i)
        edits.push_back(store->change_live_objects({rule("prod", "[]", version)}, "root", fits));
    const auto answers = await_all(std::move(edits));
    EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer; }), 1);
}

TEST_F(LiveObjects, AreJudgedAsTheyWouldBeTogether) {
    ASSERT_TRUE(edit({rule("a", "{}")}));
    std::vector<std::string> seen;
    auto judge = [&seen](const std::vector<LiveObject>& objects) -> Result<ReconsiderRequest> {
        for (const LiveObject& object : objects)
            seen.push_back(object.name);
        return Error{ErrorCode::invalid, "they do not fit together"};
    };
    const auto answer = edit({rule("b", "{}"), {ObjectKind::rule, "a", std::nullopt, std::nullopt}}, judge);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message, "they do not fit together");
    EXPECT_THAT(seen, ElementsAre("b"));
    EXPECT_THAT(all(), ElementsAre(Field(&LiveObject::name, "a"))) << "nothing was changed";
}

TEST_F(LiveObjects, EndInTheSameActWhatTheyNoLongerAllow) {
    const auto live = approved();
    ASSERT_TRUE(edit({rule("prod", "{}")}));
    auto judge = [](const std::vector<LiveObject>& objects) -> Result<ReconsiderRequest> {
        EXPECT_THAT(objects, IsEmpty());
        return ReconsiderRequest{[](const policy::Request& request,
                                    const std::optional<store::GrantCountdown>& grant, WallInstant now) {
            return std::optional{revocation_by("root")(request, grant, now).value()};
        }};
    };
    const auto changed = edit({{ObjectKind::rule, "prod", std::nullopt, std::nullopt}}, judge);
    ASSERT_TRUE(changed);
    ASSERT_THAT(changed->requests, SizeIs(1));
    EXPECT_TRUE(changed->requests.front().grant_changed);
    EXPECT_EQ(look_up_request(live.request.id).request.status, RequestStatus::revoked);
    EXPECT_THAT(current_grants(), IsEmpty());
}

TEST_F(LiveObjects, ThatAreUsersTakeAlongWhatTheySignInWith) {
    ASSERT_TRUE(edit({{ObjectKind::user, "alice", "{}", 0}}));
    await(store->set_password("alice", Secret{"scrypt$1"}, "root")).value();
    await(store->set_password("bob", Secret{"scrypt$2"}, "root")).value();
    const store::Token token = await(store->add_token({"alice", "ci", {}, {1}, 1h}, "alice")).value();
    await(store->add_sign_in({{2}, "alice", "password", {}, 1h})).value();
    ASSERT_TRUE(edit({{ObjectKind::user, "alice", std::nullopt, std::nullopt}}));
    EXPECT_FALSE(await(store->find_password("alice")).value());
    EXPECT_TRUE(await(store->find_password("bob")).value());
    EXPECT_EQ(await(store->use_token({1})).value()->state, store::TokenState::revoked);
    EXPECT_FALSE(await(store->use_sign_in({2})).value());
    EXPECT_THAT(events(), testing::Contains("person.forgotten alice"));
}

TEST_F(LiveObjects, ThatAreUsersBeginWithNothingToSignInWith) {
    // Left by a sign-in that was just being made when the user of that name was removed.
    await(store->set_password("alice", Secret{"scrypt$1"}, "alice")).value();
    const auto made = edit({{ObjectKind::user, "alice", "{}", 0}}).value().objects.front().version;
    EXPECT_FALSE(await(store->find_password("alice")).value());
    await(store->set_password("alice", Secret{"scrypt$2"}, "alice")).value();
    ASSERT_TRUE(edit({{ObjectKind::user, "alice", R"({"email": "a@example.org"})", made}}));
    EXPECT_TRUE(await(store->find_password("alice")).value()) << "it is the same user";
}

TEST_F(LiveObjects, TakeTheGrantsAlongThatWereTheirs) {
    ASSERT_TRUE(edit({{ObjectKind::user, "alice", "{}", 0}, {ObjectKind::resource, "stock", "{}", 0}}));
    const GrantId hers = give(new_grant("alice", 1h)).grant.id;
    store::NewGrant on_stock = new_grant("bob", 1h);
    on_stock.resource = "stock";
    const GrantId stock = give(on_stock).grant.id;
    const GrantId other = give(new_grant("bob", 1h)).grant.id;
    const auto user_gone = edit({{ObjectKind::user, "alice", std::nullopt, std::nullopt}}).value();
    ASSERT_THAT(user_gone.grants, SizeIs(1));
    EXPECT_EQ(user_gone.grants.front().grant.id, hers);
    EXPECT_TRUE(user_gone.grants.front().grant.revoked);
    const auto resource_gone = edit({{ObjectKind::resource, "stock", std::nullopt, std::nullopt}}).value();
    ASSERT_THAT(resource_gone.grants, SizeIs(1));
    EXPECT_EQ(resource_gone.grants.front().grant.id, stock);
    EXPECT_THAT(current_grants(), ElementsAre(other));
}

}  // namespace
}  // namespace curfew::test
