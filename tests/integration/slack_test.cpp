// Slack, at a real curfewd in front of a real PostgreSQL: a request becomes a message, a button a decision,
// and a revocation the end of the session that it was for.
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli_person.hpp"
#include "support/fake_slack.hpp"
#include "support/free_port.hpp"
#include "support/pg_connection.hpp"
#include "support/postgres_cluster.hpp"
#include "support/running_curfew.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* alices_account = "U0ALICE01";
constexpr const char* bobs_account = "U0BOB0001";
constexpr const char* strangers_account = "U0EVE0001";
constexpr const char* interactions = "/api/v1/slack/team-chat/interactions";

enum class Way { http, socket };

// alice asks, bob approves for dba; Slack knows both by their addresses.
class Chat {
public:
    explicit Chat(Way way)
        : postgres_{with_hba({"local all,replication all trust", "host all all 127.0.0.1/32 trust"})},
          api_port_{free_port()},
          curfew_{config(way)} {
        postgres_.sql("CREATE ROLE app LOGIN");
        slack.with([](SlackWorkspace& workspace) {
            workspace.add_user(alices_account, "alice", "alice@example.com");
            workspace.add_user(bobs_account, "bob", "bob@example.com");
            workspace.add_user(strangers_account, "eve", "eve@example.com");
        });
        const std::string password = std::string{Person::password} + "\n";
        const auto first = curfew_.log().await("administrator.link").text("url");
        ada.does({"login", "--one-time", first, "--user", "ada"}, password);
        alice.does({"login", "--one-time", ada.does({"admin", "link", "alice"})}, password);
    }

    FakeSlack slack;
    Person ada{"ada"};
    Person alice{"alice"};

    RunningCurfew& curfew() noexcept { return curfew_; }
    PostgresCluster& postgres() noexcept { return postgres_; }
    std::uint16_t port() const noexcept { return api_port_; }

private:
    std::string secret_file(const std::string& name, const std::string& secret) {
        return directory_.write(name, secret).string();
    }
    YAML::Node config(Way way) {
        YAML::Node node = YAML::Load(R"(
listeners: [{ name: main, address: "127.0.0.1:0" }]
resources: { prod: { login: managed, role: { user: app }, host: 127.0.0.1, tls: { sslmode: disable } } }
users:
  ada: {}
  alice: { email: alice@example.com }
  bob: { email: bob@example.com }
groups: { dba: [bob] }
rules: { prod: { resources: [prod], approval_groups: [dba] } }
notifiers:
  - { name: team-chat, type: slack, channel: C0DBATEAM, match_email: true }
)");
        node["api"]["address"] = "127.0.0.1:" + std::to_string(api_port_);
        node["resources"]["prod"]["port"] = postgres_.port();
        auto notifier = node["notifiers"][0];
        notifier["api_url"] = slack.api_url();
        notifier["bot_token"]["file"] = secret_file("bot", SlackWorkspace::bot_token);
        if (way == Way::http) {
            notifier["signing_secret"]["file"] = secret_file("signing", SlackWorkspace::signing_secret);
        } else {
            notifier["app_token"]["file"] = secret_file("app", SlackWorkspace::app_token);
        }
        return node;
    }

    TemporaryDirectory directory_{"slack-secrets"};
    PostgresCluster postgres_;
    const std::uint16_t api_port_;
    RunningCurfew curfew_;
};

// A story is told once over HTTP and once through Socket Mode.
class Slack : public testing::TestWithParam<Way> {
protected:
    ~Slack() override {
        if (!chat_) return;
        EXPECT_THAT(slack().with([](SlackWorkspace& workspace) { return workspace.problems; }), IsEmpty());
        if (HasFailure()) std::cerr << "curfewd's log:\n" << chat_->curfew().log().text();
    }
    void SetUp() override {
        chat_ = std::make_unique<Chat>(GetParam());
        if (GetParam() == Way::socket) slack().await_sockets(1);
    }
    FakeSlack& slack() { return chat_->slack; }

    std::string asked(const std::string& reason = "ticket 7") {
        const auto request = chat_->alice.asks({"request", "prod", "--for", "1h", "--reason", reason});
        return std::string{request.at("id").as_string()};
    }
    void press(const SlackPost& post, const std::string& action, const std::string& account) {
        const auto payload = slack().pressing(post, action, account);
        if (GetParam() == Way::socket) {
            slack().through_socket("interactive", payload);
            return;
        }
        const auto answer =
            FakeSlack::call(chat_->port(), interactions, FakeSlack::sign_interaction(payload));
        EXPECT_EQ(answer.status, 200) << answer.body;
    }
    // The message in the channel, once it says so.
    SlackPost message(const std::string& id, const std::string& status) {
        return slack().await_post({"Curfew request " + id, "*Status*\\n" + status});
    }
    std::size_t messages_about(const std::string& id) {
        return slack().with([&](SlackWorkspace& workspace) {
            return std::count_if(workspace.posts.begin(), workspace.posts.end(), [&](const SlackPost& post) {
                return post.channel == SlackWorkspace::channel && post.thread.empty() &&
                       post.shown().find(id) != std::string::npos;
            });
        });
    }

    std::unique_ptr<Chat> chat_;
};

TEST_P(Slack, CarriesARequestFromTheMessageToTheEndOfTheSession) {
    const auto id = asked("ticket <7> & more");
    const auto waiting = message(id, "PENDING");
    EXPECT_EQ(waiting.channel, SlackWorkspace::channel);
    EXPECT_THAT(waiting.shown(),
                AllOf(HasSubstr("alice asks for prod for 1h"), HasSubstr("ticket &lt;7&gt; &amp; more"),
                      HasSubstr("1 more approval of dba")));

    press(waiting, "curfew_approve", bobs_account);
    const auto approved = message(id, "APPROVED, by bob");
    EXPECT_EQ(approved.ts, waiting.ts) << "updated in place";
    EXPECT_TRUE(approved.button("curfew_revoke"));
    EXPECT_FALSE(approved.button("curfew_approve"));
    slack().await_post({"alice may use prod for 1h"});  // to alice

    auto uri = chat_->alice.does({"connect", "prod", "--print"});
    uri.pop_back();
    PgConnection session{uri};
    const auto backend = session.value("SELECT pg_backend_pid()");

    press(approved, "curfew_revoke", bobs_account);
    EXPECT_THAT(session.failure("SELECT pg_sleep(60)").what(), HasSubstr("FATAL:  access to"));
    EXPECT_TRUE(chat_->postgres().await("count(*) = 0 FROM pg_stat_activity WHERE pid = " + backend));
    const auto revoked = message(id, "REVOKED, by bob");
    EXPECT_EQ(revoked.ts, waiting.ts);
    EXPECT_FALSE(revoked.button("curfew_revoke"));
    const auto reply = slack().await_post({"The access of alice to prod has ended", "bob revoked it"});
    EXPECT_EQ(reply.thread, waiting.ts) << "in the message's thread";
    slack().await_post({"alice's access to prod has ended", "bob revoked it"});  // to alice
    EXPECT_EQ(messages_about(id), 1U);
}

TEST_P(Slack, TellsWhoIsNobodyHereHowToLink) {
    const auto id = asked();
    press(message(id, "PENDING"), "curfew_approve", strangers_account);
    slack().await_whisper("/curfew link");
    EXPECT_EQ(chat_->ada.asks({"show", id}).at("status"), "PENDING");
}

TEST_P(Slack, IsToldOnceThoughTheNodeDiedBeforeItKnew) {
    slack().hold("chat.postMessage");
    const auto id = asked();
    slack().await_held();  // Slack has it, and the node does not know
    chat_->curfew().kill9();
    slack().let_go();
    {
        // The claim of the node that died, a minute and a half later.
        SQLite::Database store{(chat_->curfew().directory() / "store.db").string(), SQLite::OPEN_READWRITE};
        store.exec("UPDATE deliveries SET due_at_ms = 1 WHERE state = 'claimed'");
    }
    chat_->curfew().restart();
    if (GetParam() == Way::socket) slack().await_sockets(1);
    chat_->curfew().log().await("slack.found_sent");
    EXPECT_EQ(messages_about(id), 1U);
    press(message(id, "PENDING"), "curfew_approve", bobs_account);
    message(id, "APPROVED, by bob");
    EXPECT_EQ(messages_about(id), 1U);
}

TEST_P(Slack, IsWaitedForWhereItAsksToWait) {
    slack().with([](SlackWorkspace& workspace) { workspace.rate_limits["chat.postMessage"] = {1, 1}; });
    const auto id = asked();
    message(id, "PENDING");
    EXPECT_EQ(messages_about(id), 1U);
}

INSTANTIATE_TEST_SUITE_P(By, Slack, testing::Values(Way::http, Way::socket), [](const auto& parameter) {
    return parameter.param == Way::http ? "Http" : "SocketMode";
});

class SlackByHttp : public Slack {};
INSTANTIATE_TEST_SUITE_P(By, SlackByHttp, testing::Values(Way::http));

TEST_P(SlackByHttp, IsNotHeardTwice) {
    const auto id = asked();
    const auto payload = slack().pressing(message(id, "PENDING"), "curfew_approve", bobs_account);
    const auto call = FakeSlack::sign_interaction(payload);
    EXPECT_EQ(FakeSlack::call(chat_->port(), interactions, call).status, 200);
    message(id, "APPROVED");
    EXPECT_EQ(FakeSlack::call(chat_->port(), interactions, call).status, 401);
}

}  // namespace
}  // namespace curfew::test
