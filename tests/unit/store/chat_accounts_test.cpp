// A chat account is one user's, until it is unlinked or the user is removed.
#include <gmock/gmock.h>

#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::ChatAccount;
using store::ChatSubscription;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ChatAccounts : public RequestTest {
protected:
    Result<ChatAccount> link(const std::string& account, const std::string& user,
                             const std::string& team = "slack:T1") {
        return await(store->link_chat_account(team, account, user, "root"));
    }
    Result<void> subscribe(const std::string& account, std::optional<std::string> resource = std::nullopt) {
        return await(store->subscribe_chat_account({"slack", "slack:T1", account, std::move(resource)}));
    }
    std::optional<std::string> user_of(const std::string& account, const std::string& team = "slack:T1") {
        const auto found = await(store->find_chat_account(team, account)).value();
        if (!found) return std::nullopt;
        return found->user;
    }
    std::vector<std::string> accounts_of(std::optional<std::string> user) {
        std::vector<std::string> accounts;
        for (const ChatAccount& one : await(store->chat_accounts(std::move(user))).value())
            accounts.push_back(one.user + " " + one.team + " " + one.account);
        return accounts;
    }
    std::vector<std::string> subscribers(const std::string& resource) {
        std::vector<std::string> accounts;
        for (const ChatAccount& one : await(store->chat_subscribers("slack", resource)).value())
            accounts.push_back(one.account);
        return accounts;
    }
    std::vector<ChatSubscription> wishes_of(const std::string& account) {
        return await(store->chat_subscriptions("slack:T1", account)).value();
    }
};

TEST_F(ChatAccounts, AreTheUsersThatTheyAreLinkedTo) {
    EXPECT_FALSE(user_of("U1"));
    const ChatAccount linked = link("U1", "alice").value();
    EXPECT_EQ(linked, (ChatAccount{"slack:T1", "U1", "alice", "root", clock.wall_now()}));
    reopen();
    EXPECT_EQ(await(store->find_chat_account("slack:T1", "U1")).value(), linked);
    EXPECT_FALSE(user_of("U1", "slack:T2")) << "the same name in another team is somebody else";
    EXPECT_FALSE(user_of("u1"));
}

TEST_F(ChatAccounts, AreNotTakenFromOneUserByAnother) {
    ASSERT_TRUE(link("U1", "alice"));
    const auto refused = link("U1", "mallory");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(user_of("U1"), "alice");
    const auto before = await(store->last_event()).value();
    EXPECT_TRUE(link("U1", "alice")) << "it is hers already";
    EXPECT_EQ(await(store->last_event()).value(), before);
}

TEST_F(ChatAccounts, AreNobodysOnceTheyAreUnlinked) {
    ASSERT_TRUE(link("U1", "alice"));
    ASSERT_TRUE(subscribe("U1"));
    EXPECT_EQ(await(store->unlink_chat_account("slack:T1", "U1", "alice")).value().user, "alice");
    EXPECT_FALSE(user_of("U1"));
    EXPECT_EQ(await(store->unlink_chat_account("slack:T1", "U1", "alice")).error().code,
              ErrorCode::not_found);
    ASSERT_TRUE(link("U1", "bob"));
    EXPECT_THAT(wishes_of("U1"), IsEmpty()) << "those were alice's";
}

TEST_F(ChatAccounts, AreLinkedAndUnlinkedOnTheRecord) {
    ASSERT_TRUE(link("U1", "alice"));
    await(store->unlink_chat_account("slack:T1", "U1", "bob")).value();
    const auto events = await(store->events_since(0, 10)).value();
    ASSERT_THAT(events, SizeIs(2));
    EXPECT_EQ(events[0].kind, "chat_account.linked");
    EXPECT_EQ(events[0].actor, "root");
    EXPECT_EQ(events[1].kind, "chat_account.unlinked");
    EXPECT_EQ(events[1].actor, "bob");
    for (const auto& event : events) {
        EXPECT_EQ(event.id, "alice");
        EXPECT_THAT(event.summary, AllOf(HasSubstr(R"("team":"slack:T1")"), HasSubstr(R"("account":"U1")")));
    }
}

TEST_F(ChatAccounts, AreListedByUser) {
    ASSERT_TRUE(link("U2", "bob"));
    ASSERT_TRUE(link("U1", "alice", "slack:T2"));
    ASSERT_TRUE(link("U3", "alice"));
    EXPECT_THAT(accounts_of("alice"), ElementsAre("alice slack:T1 U3", "alice slack:T2 U1"));
    EXPECT_THAT(accounts_of(std::nullopt),
                ElementsAre("alice slack:T1 U3", "alice slack:T2 U1", "bob slack:T1 U2"));
    EXPECT_THAT(accounts_of("carol"), IsEmpty());
}

TEST_F(ChatAccounts, GoWithTheUserWhoIsRemoved) {
    ASSERT_TRUE(link("U1", "alice"));
    ASSERT_TRUE(link("U2", "bob"));
    ASSERT_TRUE(subscribe("U2"));
    EXPECT_THAT(await(store->forget_all_but({"alice"}, "curfewd")).value(), ElementsAre("bob"));
    EXPECT_THAT(accounts_of(std::nullopt), ElementsAre("alice slack:T1 U1"));
    EXPECT_THAT(subscribers("prod-postgres"), IsEmpty());
    EXPECT_THAT(events(), Contains("chat_account.unlinked bob"));
    EXPECT_THAT(events(), Contains("person.forgotten bob"));
}

TEST_F(ChatAccounts, MustHaveANameThatCanBeKept) {
    const std::string too_long(store::longest_chat_account + 1, 'x');
    for (const std::string& bad : {std::string{}, too_long, std::string{"\xff"}, std::string{"a\0b", 3}}) {
        EXPECT_EQ(link(bad, "alice").error().code, ErrorCode::invalid);
        EXPECT_EQ(link("U1", "alice", bad).error().code, ErrorCode::invalid);
        EXPECT_EQ(await(store->find_chat_account("slack:T1", bad)).error().code, ErrorCode::invalid);
    }
    EXPECT_EQ(link("U1", "").error().code, ErrorCode::invalid);
}

TEST_F(ChatAccounts, HearOfTheResourcesThatTheySubscribedTo) {
    ASSERT_TRUE(link("U1", "alice"));
    ASSERT_TRUE(link("U2", "bob"));
    ASSERT_TRUE(subscribe("U1"));
    ASSERT_TRUE(subscribe("U2", "prod-postgres"));
    ASSERT_TRUE(subscribe("U2", "stock"));
    ASSERT_TRUE(subscribe("U1", "stock"));
    ASSERT_TRUE(subscribe("U1", "stock")) << "it is there already";
    EXPECT_THAT(subscribers("prod-postgres"), ElementsAre("U1", "U2"));
    EXPECT_THAT(subscribers("stock"), ElementsAre("U1", "U2"));
    EXPECT_THAT(subscribers("other"), ElementsAre("U1"));
    EXPECT_THAT(await(store->chat_subscribers("teams", "stock")).value(), IsEmpty());
    EXPECT_THAT(wishes_of("U1"), ElementsAre(ChatSubscription{"slack", "slack:T1", "U1", std::nullopt},
                                             ChatSubscription{"slack", "slack:T1", "U1", "stock"}));
}

TEST_F(ChatAccounts, HearNoMoreOnceTheyUnsubscribed) {
    ASSERT_TRUE(link("U1", "alice"));
    for (const char* resource : {"a", "b", "c"})
        ASSERT_TRUE(subscribe("U1", resource));
    const auto unsubscribe = [this](std::optional<std::string> resource) {
        return await(store->unsubscribe_chat_account({"slack", "slack:T1", "U1", std::move(resource)}))
            .value();
    };
    EXPECT_EQ(unsubscribe("a"), 1U);
    EXPECT_EQ(unsubscribe("a"), 0U);
    EXPECT_THAT(subscribers("a"), IsEmpty());
    EXPECT_THAT(subscribers("b"), ElementsAre("U1"));
    EXPECT_EQ(unsubscribe(std::nullopt), 2U);
    EXPECT_THAT(wishes_of("U1"), IsEmpty());
}

TEST_F(ChatAccounts, SubscribeOnlyWhereTheyAreSomebodysAndToSoManyThings) {
    EXPECT_EQ(subscribe("U1").error().code, ErrorCode::not_found);
    ASSERT_TRUE(link("U1", "alice"));
    EXPECT_EQ(subscribe("U1", "").error().code, ErrorCode::invalid);
    for (std::size_t i = 0; i < store::most_chat_subscriptions; ++i)
        ASSERT_TRUE(subscribe("U1", "resource" + std::to_string(i)));
    EXPECT_EQ(subscribe("U1", "one more").error().code, ErrorCode::conflict);
    EXPECT_TRUE(subscribe("U1", "resource1"));
}

}  // namespace
}  // namespace curfew::test
