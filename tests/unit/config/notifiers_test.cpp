// notifiers: who is told, and by which way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"
#include "self_signed.hpp"

namespace curfew::config::test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

FakeEnvironment environment_with_secrets() {
    FakeEnvironment environment;
    environment.add_file("/s/long", "a secret of sixteen bytes or more\n");
    environment.add_file("/s/short", "hunter2\n");
    environment.add_file("/s/teams",
                         "https://prod-1.example.com:443/workflows/abc/triggers/manual?sp=x&sig=hunter2\n");
    environment.add_file("/s/not-a-url", "hunter2\n");
    environment.add_file("/ca.crt", make_self_signed().certificate, 0644);
    return environment;
}

std::string with(const std::string& notifiers) {
    return file_with({{"notifiers", "[" + notifiers + "]"}});
}

Notifier only(const std::string& notifier) {
    const auto config = load_valid(with(notifier), environment_with_secrets());
    return config.notifiers.size() == 1 ? config.notifiers.front() : Notifier{};
}

std::vector<std::string> problems(const std::string& notifier) {
    return problems_of(with(notifier), environment_with_secrets());
}

constexpr const char* hook =
    "name: hooks, type: webhook, url: https://example.com/x, secret: { file: /s/long }";
constexpr const char* mail = "name: mail, type: email, server: mail.example.com, from: curfew@example.com";
constexpr const char* slack = "name: slack, type: slack, bot_token: { file: /s/long }";

std::string flow(const std::string& start, const std::string& more = {}) {
    return "{ " + start + (more.empty() ? "" : ", " + more) + " }";
}

TEST(Notifiers, AreNoneWhereNothingIsSaid) {
    EXPECT_THAT(load_valid(file_with({})).notifiers, IsEmpty());
    EXPECT_THAT(load_valid(file_with({{"notifiers", "[]"}})).notifiers, IsEmpty());
}

TEST(Notifiers, TellEverythingUnlessItIsNarrowed) {
    const Notifier all = only(flow(hook));
    for (const NoticeKind kind : all_notice_kinds)
        EXPECT_TRUE(all.is_told(kind, "anything"));
    const Notifier some =
        only(flow(hook, "notices: [request_waiting, grant_ended], resources: [prod-*, '*x*y', one]"));
    EXPECT_TRUE(some.is_told(NoticeKind::request_waiting, "prod-orders"));
    EXPECT_FALSE(some.is_told(NoticeKind::request_approved, "prod-orders"));
    for (const char* name : {"prod-", "prod-a", "one", "xy", "axbyczy"})
        EXPECT_TRUE(some.is_told(NoticeKind::grant_ended, name)) << name;
    for (const char* name : {"prod", "a-prod-", "ones", "axbyc", "yx", ""})
        EXPECT_FALSE(some.is_told(NoticeKind::grant_ended, name)) << name;
}

TEST(Notifiers, MatchManyStarsInNoTimeAtAll) {
    const Notifier some = only(flow(hook, "resources: ['*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b']"));
    EXPECT_FALSE(some.is_told(NoticeKind::grant_ended, std::string(63, 'a')));
}

TEST(Notifiers, RefuseWhatIsNoNoticeAndNoPattern) {
    EXPECT_THAT(problems(flow(hook, "notices: [request_waitin]")),
                OnlyProblem("notifiers[0].notices[0]", "request_waiting"));
    EXPECT_THAT(problems(flow(hook, "notices: []")),
                OnlyProblem("notifiers[0].notices", "leave the key out"));
    EXPECT_THAT(problems(flow(hook, "notices: [grant_ended, grant_ended]")),
                OnlyProblem("notifiers[0].notices[1]", "listed twice"));
    EXPECT_THAT(problems(flow(hook, "resources: ['prod?']")),
                OnlyProblem("notifiers[0].resources[0]", "prod-*"));
}

TEST(Notifiers, HaveANameEachAndAType) {
    EXPECT_THAT(problems("{}"), ElementsAre(HasSubstr("'name' is missing"), HasSubstr("'type' is missing")));
    EXPECT_THAT(problems(flow(hook) + "," + flow(hook)),
                OnlyProblem("notifiers[1]", "another notifier 'hooks'"));
    EXPECT_THAT(problems("{ name: a b, type: pager }"),
                ElementsAre(HasSubstr("notifiers[0].name"), HasSubstr("notifiers[0].type: expected")));
}

TEST(Notifiers, AreFoundWithTheirPlace) {
    const auto result =
        load_text(with(flow(hook, "wrong: 1")), "/etc/curfew/curfew.yaml", environment_with_secrets());
    const auto& found = std::get<std::vector<Problem>>(result);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(to_string(found.front()), HasSubstr("curfew.yaml:4:98: notifiers[0].wrong: unknown key"));
}

TEST(Notifiers, TakeNoKeyOfAnotherType) {
    EXPECT_THAT(problems(flow(hook, "server: mail.example.com")),
                OnlyProblem("notifiers[0].server", "it is for 'type: email'"));
    EXPECT_THAT(problems(flow(mail, "channel: C1")),
                OnlyProblem("notifiers[0].channel", "it is for 'type: slack'"));
}

TEST(WebhookNotifier, IsRead) {
    const Notifier notifier =
        only(flow("name: hooks, type: webhook, url: 'https://example.com/x?y=z', secret: { file: /s/long }, "
                  "root_certificate: /ca.crt, allowed_networks: [10.1.2.0/24, 127.0.0.1, 'fd00::/8']"));
    EXPECT_EQ(notifier.type(), "webhook");
    const auto& webhook = std::get<WebhookSettings>(notifier.provider);
    EXPECT_EQ(webhook.url, "https://example.com/x?y=z");
    EXPECT_EQ(webhook.secret.reveal(), "a secret of sixteen bytes or more");
    EXPECT_EQ(webhook.secret_reference.name, "/s/long");
    EXPECT_EQ(webhook.root_certificate_file, "/ca.crt");
    ASSERT_EQ(webhook.allowed_networks.size(), 3U);
    EXPECT_EQ(webhook.allowed_networks[1].text(), "127.0.0.1/32");
}

TEST(WebhookNotifier, NeedsAUrlAndASecretThatNobodyGuesses) {
    EXPECT_THAT(problems("{ name: hooks, type: webhook }"),
                ElementsAre(HasSubstr("'url' is missing"), HasSubstr("'secret' is missing")));
    EXPECT_THAT(problems("{ name: h, type: webhook, url: https://example.com, secret: { file: /s/short } }"),
                OnlyProblem("notifiers[0].secret", "fewer than 16 bytes"));
    EXPECT_THAT(problems("{ name: h, type: webhook, url: https://example.com, secret: hunter2 }"),
                OnlyProblem("notifiers[0].secret", "must not stand in this file"));
}

TEST(WebhookNotifier, PostsByHttpsOrToThisMachine) {
    for (const std::string url :
         {"http://example.com/x", "ftp://example.com", "https://user:password@example.com/",
          "https://example.com/#x", "https://example.com/a b", "example.com", "https://"}) {
        EXPECT_THAT(problems("{ name: h, type: webhook, url: '" + url + "', secret: { file: /s/long } }"),
                    ElementsAre(HasSubstr("notifiers[0].url: expected")))
            << url;
    }
    EXPECT_THAT(
        problems("{ name: h, type: webhook, url: 'http://127.0.0.1:8080/x?y', secret: { file: /s/long } }"),
        IsEmpty());
}

TEST(WebhookNotifier, TakesNetworksAndNothingElse) {
    for (const std::string network : {"10.1.2.3/24", "10.0.0.0/33", "example.com", "''"})
        EXPECT_THAT(problems(flow(hook, "allowed_networks: [" + network + "]")),
                    ElementsAre(HasSubstr("notifiers[0].allowed_networks[0]")))
            << network;
}

TEST(TeamsNotifier, KeepsItsUrlASecret) {
    const Notifier notifier = only("{ name: teams, type: teams, url: { file: /s/teams } }");
    EXPECT_EQ(notifier.type(), "teams");
    EXPECT_THAT(std::string{std::get<TeamsSettings>(notifier.provider).url.reveal()},
                HasSubstr("/workflows/abc"));
    EXPECT_THAT(problems("{ name: teams, type: teams, url: 'https://example.com/?sig=hunter2' }"),
                OnlyProblem("notifiers[0].url", "must not stand in this file"));
    const auto wrong = problems("{ name: teams, type: teams, url: { file: /s/not-a-url } }");
    EXPECT_THAT(wrong, OnlyProblem("notifiers[0].url", "no address of a workflow"));
    EXPECT_THAT(wrong, Each(Not(HasSubstr("hunter2"))));
}

TEST(EmailNotifier, IsReadWithItsDefaults) {
    const Notifier notifier = only(flow(mail));
    EXPECT_EQ(notifier.type(), "email");
    const auto& email = std::get<EmailSettings>(notifier.provider);
    EXPECT_EQ(email.server, "mail.example.com");
    EXPECT_EQ(email.port, 587);
    EXPECT_EQ(email.tls, MailTls::required);
    EXPECT_TRUE(email.to_approvers);
    EXPECT_THAT(email.to, IsEmpty());
}

TEST(EmailNotifier, IsRead) {
    const Notifier notifier =
        only(flow(mail,
                  "tls: implicit, root_certificate: /ca.crt, user: curfew, password: { file: "
                  "/s/short }, to_approvers: false, to: [a@example.com, b@example.com]"));
    const auto& email = std::get<EmailSettings>(notifier.provider);
    EXPECT_EQ(email.port, 465);
    EXPECT_EQ(email.user, "curfew");
    EXPECT_EQ(email.password->reveal(), "hunter2");
    EXPECT_FALSE(email.to_approvers);
    EXPECT_THAT(email.to, ElementsAre("a@example.com", "b@example.com"));
    EXPECT_EQ(std::get<EmailSettings>(only(flow(mail, "tls: implicit, port: 2465")).provider).port, 2465);
}

TEST(EmailNotifier, SendsNothingInTheClearButOnThisMachine) {
    EXPECT_THAT(problems(flow(mail, "tls: off-on-loopback")),
                OnlyProblem("notifiers[0].tls", "on this machine alone"));
    EXPECT_THAT(
        problems("{ name: m, type: email, server: 127.0.0.1, from: c@example.com, tls: off-on-loopback, "
                 "user: u, password: { file: /s/short } }"),
        OnlyProblem("notifiers[0].password", "in the clear"));
    EXPECT_THAT(
        problems("{ name: m, type: email, server: localhost, from: c@example.com, tls: off-on-loopback }"),
        IsEmpty());
    EXPECT_THAT(problems(flow(mail, "tls: off")), ElementsAre(HasSubstr("off-on-loopback")));
}

TEST(EmailNotifier, LogsInWithBothOrNot) {
    EXPECT_THAT(problems(flow(mail, "user: u")), OnlyProblem("notifiers[0].user", "'password' beside it"));
    EXPECT_THAT(problems(flow(mail, "password: { file: /s/short }")),
                OnlyProblem("notifiers[0].password", "'user' beside it"));
}

TEST(EmailNotifier, TakesAddressesThatAreOne) {
    for (const std::string address : {"nobody", "a@b@c", "a@example.com, b@example.com", "A <a@example.com>",
                                      "\"a@example.com\\nBcc: eve@example.org\""}) {
        EXPECT_THAT(problems("{ name: m, type: email, server: h, from: '" + address + "' }"),
                    Contains(HasSubstr("notifiers[0].from")))
            << address;
        EXPECT_THAT(problems(flow(mail, "to: ['" + address + "']")),
                    Contains(HasSubstr("notifiers[0].to[0]")))
            << address;
    }
    EXPECT_THAT(problems("{ name: m, type: email, server: 'smtp://h/x', from: c@example.com }"),
                ElementsAre(HasSubstr("notifiers[0].server")));
}

TEST(SlackNotifier, IsRead) {
    const Notifier notifier =
        only(flow(slack,
                  "signing_secret: { file: /s/short }, channel: C1, channels: { "
                  "security: C2 }, match_email: true, api_url: 'http://127.0.0.1:1/api/'"));
    EXPECT_EQ(notifier.type(), "slack");
    const auto& settings = std::get<SlackSettings>(notifier.provider);
    EXPECT_EQ(settings.channel, "C1");
    EXPECT_EQ(settings.channels.at("security"), "C2");
    EXPECT_TRUE(settings.match_email);
    EXPECT_EQ(settings.api_url, "http://127.0.0.1:1/api");
    EXPECT_FALSE(settings.app_token);
    EXPECT_EQ(std::get<SlackSettings>(only(flow(slack, "app_token: { file: /s/short }")).provider).api_url,
              "https://slack.com/api");
}

TEST(SlackNotifier, HearsByHttpOrBySocketMode) {
    EXPECT_THAT(problems(flow(slack)), OnlyProblem("notifiers[0]", "'app_token' (Socket Mode)"));
    EXPECT_THAT(problems(flow(slack, "signing_secret: { file: /s/short }, app_token: { file: /s/short }")),
                OnlyProblem("notifiers[0].app_token", "the one or the other"));
}

TEST(Notifiers, AreTheSameWhereNothingDiffers) {
    const Notifier one = only(flow(hook));
    EXPECT_TRUE(is_same(one, only(flow(hook))));
    EXPECT_FALSE(is_same(one, only(flow(hook, "notices: [grant_ended]"))));
    EXPECT_FALSE(is_same(one, only(flow(hook, "allowed_networks: [127.0.0.1]"))));
    Notifier other = one;
    std::get<WebhookSettings>(other.provider).secret = Secret{"a secret of sixteen bytes or less"};
    EXPECT_FALSE(is_same(one, other));
    EXPECT_FALSE(is_same(one, only(flow(mail))));
    EXPECT_FALSE(is_same(only(flow(mail)), only(flow(mail, "user: u, password: { file: /s/short }"))));
}

}  // namespace
}  // namespace curfew::config::test
