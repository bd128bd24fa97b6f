#include "notify/slack/slack_notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/awaiting.hpp"
#include "support/fake_slack.hpp"
#include "support/unasked_store.hpp"

namespace curfew::notify::slack {
namespace {

using namespace std::chrono_literals;
using policy::RequestStatus;
using test::SlackWorkspace;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* security_channel = "C0SECURE1";
const std::string team_in_store = std::string{"slack:"} + SlackWorkspace::team;

http::WorkerPool::Options two_threads() {
    http::WorkerPool::Options options;
    options.name = "test";
    options.threads = 2;
    return options;
}

// What it asks of the store, and no more.
class ChatStore final : public test::UnaskedStore {
public:
    store::Awaitable<Result<std::vector<store::ChatAccount>>> chat_subscribers(std::string,
                                                                               std::string) override {
        co_return subscribers;
    }
    store::Awaitable<Result<std::vector<store::ChatAccount>>> chat_accounts(
        std::optional<std::string>) override {
        co_return accounts;
    }
    store::Awaitable<Result<std::optional<std::string>>> receipt_of(std::string, std::string,
                                                                    std::string subject) override {
        const auto found = receipts.find(subject);
        co_return found == receipts.end() ? std::optional<std::string>{} : std::optional{found->second};
    }

    std::vector<store::ChatAccount> subscribers;
    std::vector<store::ChatAccount> accounts;
    std::map<std::string, std::string> receipts;
};

class SlackNotifierTest : public testing::Test {
protected:
    SlackNotifierTest() {
        fake.with([](SlackWorkspace& workspace) {
            workspace.channels.insert(security_channel);
            workspace.add_user("U0BOB0001", "bob", "bob@example.com");
            workspace.add_user("U0ALICE01", "alice", "alice@example.com");
        });
        auto config = std::make_shared<config::Config>();
        for (const char* name : {"alice", "bob", "carol"}) {
            config::User user;
            user.name = name;
            user.email = std::string{name} + "@example.com";
            config->users.emplace(name, user);
            directory->add_user(name).value();
        }
        directory->add_member("dba", "bob").value();
        directory->add_member("security", "carol").value();
        policy::Rule rule;
        rule.name = "prod";
        rule.resources = {"prod"};
        rule.approval_groups = {"dba", "security"};
        config->rules = policy::Rules{rule};
        config::Resource resource;
        resource.name = "prod";
        config->resources.emplace("prod", resource);
        surroundings->config = config;
        surroundings->directory = directory;
    }
    ~SlackNotifierTest() override {
        EXPECT_THAT(fake.with([](SlackWorkspace& workspace) { return workspace.problems; }), IsEmpty());
    }

    SlackNotifier& notifier() {
        if (!notifier_) {
            settings.bot_token = Secret{SlackWorkspace::bot_token};
            settings.api_url = fake.api_url();
            config::Notifier named;
            named.name = "team-chat";
            named.provider = settings;
            notifier_ = std::make_unique<SlackNotifier>(named, store, pool, clock);
        }
        return *notifier_;
    }

    Facts facts(RequestStatus status = RequestStatus::pending) {
        Facts made;
        policy::Request request;
        request.id = *RequestId::parse("r-7k3mq9xd");
        request.requester = "alice";
        request.resource = "prod";
        request.duration = 2h;
        request.asked_at = clock.wall_now();
        request.review_ends_at = clock.wall_now() + 1h;
        request.status = status;
        made.now = clock.wall_now();
        if (status != RequestStatus::pending && status != RequestStatus::rejected) {
            request.approved_at = clock.wall_now();
            request.decided_by = "bob";
            request.decision =
                status == RequestStatus::revoked ? policy::Decision::revoked : policy::Decision::reviewed;
            policy::Grant grant;
            grant.id = *GrantId::parse("g-7k3mq9xd");
            grant.window = {clock.wall_now(), clock.wall_now() + 2h};
            made.remaining = 2h;
            if (status == RequestStatus::revoked) {
                grant.revoked = policy::Grant::Revocation{clock.wall_now() + 1min, "bob", "enough"};
                made.remaining = 0s;
            }
            made.grant = grant;
        }
        made.request = request;
        return made;
    }
    Notice notice(NoticeKind kind = NoticeKind::request_waiting, bool is_update = false) {
        Notice made;
        made.kind = kind;
        made.subject = "r-7k3mq9xd";
        made.resource = "prod";
        made.at = clock.wall_now();
        made.is_update = is_update;
        return made;
    }
    std::vector<std::string> recipients(const Notice& of, const Facts& about,
                                        const std::vector<std::string>& told = {}) {
        return test::finish_alone(notifier().recipients(of, about, *surroundings, told)).value();
    }
    Message message(const Notice& of, const Facts& about, const std::string& recipient,
                    std::optional<std::string> last_receipt = std::nullopt, std::uint64_t attempts = 1) {
        Message made;
        made.delivery.id = *DeliveryId::parse("d-7k3mq9xd");
        made.delivery.recipient = recipient;
        made.delivery.subject = of.subject;
        made.delivery.attempts = attempts;
        made.delivery.created_at =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        made.last_receipt = std::move(last_receipt);
        made.notice = of;
        made.facts = about;
        made.surroundings = surroundings;
        return made;
    }
    SendOutcome send(Message of) { return test::finish_alone(notifier().send(std::move(of))); }
    std::string sent(Message of) {
        const auto outcome = send(std::move(of));
        const auto* done = std::get_if<Sent>(&outcome);
        if (done == nullptr) throw std::runtime_error("it was not sent");
        return done->receipt;
    }
    std::vector<test::SlackPost> posts() {
        return fake.with([](SlackWorkspace& workspace) { return workspace.posts; });
    }

    test::FakeSlack fake;
    ManualClock clock{WallInstant{1'796'000'000s}};
    http::WorkerPool pool{two_threads()};
    ChatStore store;
    config::SlackSettings settings;
    std::shared_ptr<policy::Directory> directory = std::make_shared<policy::Directory>();
    std::shared_ptr<Surroundings> surroundings = std::make_shared<Surroundings>();

private:
    std::unique_ptr<SlackNotifier> notifier_;
};

const std::string in_channel = std::string{"channel:"} + SlackWorkspace::channel;

TEST_F(SlackNotifierTest, TellsEachGroupInItsOwnChannelAndTheOthersInTheDefault) {
    settings.channel = SlackWorkspace::channel;
    settings.channels = {{"security", security_channel}};
    EXPECT_THAT(recipients(notice(), facts()),
                UnorderedElementsAre(in_channel, std::string{"channel:"} + security_channel));
}

TEST_F(SlackNotifierTest, TellsSubscribersWhoMayReview) {
    store.subscribers = {{team_in_store, "U0BOB0001", "bob", "bob", {}},
                         {team_in_store, "U0ALICE01", "alice", "alice", {}},
                         {"slack:T0OTHER01", "U0CAROL01", "carol", "carol", {}}};
    EXPECT_THAT(recipients(notice(), facts()), ElementsAre("approver:U0BOB0001"));
}

TEST_F(SlackNotifierTest, TellsTheRequesterByTheLinkedAccountBeforeTheAddress) {
    settings.match_email = true;
    EXPECT_THAT(recipients(notice(NoticeKind::request_approved), facts(RequestStatus::approved)),
                ElementsAre("requester:U0ALICE01"));
    store.accounts = {{team_in_store, "U0ALICE99", "alice", "alice", {}}};
    EXPECT_THAT(recipients(notice(NoticeKind::request_approved), facts(RequestStatus::approved)),
                ElementsAre("requester:U0ALICE99"));
}

TEST_F(SlackNotifierTest, TellsARequesterWhomSlackDoesNotKnowNothing) {
    EXPECT_THAT(recipients(notice(NoticeKind::request_approved), facts(RequestStatus::approved)), IsEmpty());
}

TEST_F(SlackNotifierTest, UpdatesForThoseWhoWereToldToDecide) {
    EXPECT_THAT(recipients(notice(NoticeKind::request_waiting, true), facts(),
                           {in_channel, "approver:U0BOB0001", "requester:U0ALICE01", "strange"}),
                ElementsAre(in_channel, "approver:U0BOB0001"));
}

TEST_F(SlackNotifierTest, PostsOnceAndUpdatesInPlace) {
    const auto receipt = sent(message(notice(), facts(), in_channel));
    ASSERT_EQ(posts().size(), 1U);
    EXPECT_EQ(posts()[0].metadata.at("event_payload").at("delivery"), "d-7k3mq9xd");
    sent(message(notice(NoticeKind::request_waiting, true), facts(RequestStatus::approved), in_channel,
                 receipt));
    ASSERT_EQ(posts().size(), 1U);
    EXPECT_EQ(posts()[0].updates, 1);
    EXPECT_THAT(posts()[0].shown(), HasSubstr("APPROVED, by bob"));
}

TEST_F(SlackNotifierTest, SaysTheEndInTheThreadOnce) {
    const auto waiting = sent(message(notice(), facts(), in_channel));
    const auto update = notice(NoticeKind::request_waiting, true);
    const auto over = sent(message(update, facts(RequestStatus::revoked), in_channel, waiting));
    ASSERT_EQ(posts().size(), 2U);
    EXPECT_EQ(posts()[1].thread, posts()[0].ts);
    EXPECT_THAT(posts()[1].shown(), HasSubstr("bob revoked it"));
    sent(message(update, facts(RequestStatus::revoked), in_channel, over));
    EXPECT_EQ(posts().size(), 2U);
}

TEST_F(SlackNotifierTest, SaysAnExtensionInTheThread) {
    const auto update = notice(NoticeKind::request_waiting, true);
    const auto waiting = sent(message(notice(), facts(), in_channel));
    const auto approved = sent(message(update, facts(RequestStatus::approved), in_channel, waiting));
    auto longer = facts(RequestStatus::approved);
    longer.grant->window.ends_at += 1h;
    longer.remaining += 1h;
    sent(message(update, longer, in_channel, approved));
    ASSERT_EQ(posts().size(), 2U);
    EXPECT_EQ(posts()[1].thread, posts()[0].ts);
    EXPECT_THAT(posts()[1].shown(), HasSubstr("was extended"));
}

TEST_F(SlackNotifierTest, AsksForMoreTimeInTheThreadOfWhatItExtends) {
    const auto original = sent(message(notice(), facts(), in_channel));
    store.receipts["r-7k3mq9xd"] = original;
    auto extension = facts(RequestStatus::approved);
    extension.grant->request = extension.request->id;
    extension.request->id = *RequestId::parse("r-9xd7k3mq");
    extension.request->kind = policy::RequestKind::extension;
    extension.request->status = RequestStatus::pending;
    extension.request->approved_at.reset();
    auto asked = notice();
    asked.subject = "r-9xd7k3mq";
    sent(message(asked, extension, in_channel));
    ASSERT_EQ(posts().size(), 2U);
    EXPECT_EQ(posts()[1].thread, posts()[0].ts);
    EXPECT_TRUE(posts()[1].broadcast) << "somebody has to decide about it";
    EXPECT_TRUE(posts()[1].button("curfew_approve"));
}

TEST_F(SlackNotifierTest, FindsWhatWasSentBeforeItCouldBeKept) {
    const auto first = sent(message(notice(), facts(), in_channel));
    const auto again = sent(message(notice(), facts(), in_channel, std::nullopt, 2));
    EXPECT_EQ(posts().size(), 1U);
    EXPECT_EQ(parse_receipt(again)->ts, parse_receipt(first)->ts);
}

TEST_F(SlackNotifierTest, TellsOnePersonByDirectMessage) {
    sent(message(notice(), facts(), "approver:U0BOB0001"));
    sent(
        message(notice(NoticeKind::request_approved), facts(RequestStatus::approved), "requester:U0ALICE01"));
    ASSERT_EQ(posts().size(), 2U);
    EXPECT_EQ(posts()[0].channel, "D0BOB0001");
    EXPECT_TRUE(posts()[0].button("curfew_approve"));
    EXPECT_EQ(posts()[1].channel, "D0ALICE01");
    EXPECT_THAT(posts()[1].shown(), HasSubstr("alice may use prod"));
}

TEST_F(SlackNotifierTest, ComesBackWhenSlackAsksItTo) {
    fake.with([](SlackWorkspace& workspace) { workspace.rate_limits["chat.postMessage"] = {1, 30}; });
    const auto outcome = send(message(notice(), facts(), in_channel));
    const auto& failed = std::get<NotSent>(outcome);
    EXPECT_EQ(failed.retry_after, Duration{30s});
    EXPECT_FALSE(failed.for_good);
}

TEST_F(SlackNotifierTest, SaysWhatAnAdministratorHasToMend) {
    fake.with([](SlackWorkspace& workspace) { workspace.scopes.erase("chat:write"); });
    const auto outcome = send(message(notice(), facts(), in_channel));
    const auto& failed = std::get<NotSent>(outcome);
    EXPECT_THAT(failed.problem, HasSubstr("chat:write"));
    EXPECT_FALSE(failed.for_good) << "it works once that is mended";
}

TEST_F(SlackNotifierTest, LetsADeletedMessageBe) {
    const auto receipt = to_text(Receipt{SlackWorkspace::channel, "1.000001", std::nullopt, false});
    const auto outcome =
        send(message(notice(NoticeKind::request_waiting, true), facts(), in_channel, receipt));
    EXPECT_TRUE(std::holds_alternative<Pointless>(outcome));
}

}  // namespace
}  // namespace curfew::notify::slack
