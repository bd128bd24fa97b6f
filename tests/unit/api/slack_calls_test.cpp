// What people do in Slack: by HTTP, signed, and through Socket Mode; with their own rights, and no others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "known_people.hpp"
#include "notify/slack/request_message.hpp"
#include "support/block_kit.hpp"
#include "support/fake_slack.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;
namespace slack = notify::slack;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* carols_account = "U0CAROL01";
constexpr const char* bobs_account = "U0BOB0001";
constexpr const char* strangers_account = "U0EVE0001";
constexpr const char* interactions = "/api/v1/slack/team-chat/interactions";
constexpr const char* commands = "/api/v1/slack/team-chat/commands";

// `acme` is called by HTTP; `team-chat` too. carol, who reviews for dba, linked her account.
enum class Way { http, socket };

class SlackCalls : public testing::Test {
protected:
    explicit SlackCalls(Way way = Way::http, bool match_email = false)
        : admin{serve(way, match_email), SystemClock{}.wall_now()} {
        fake.with([](SlackWorkspace& workspace) {
            workspace.add_user(carols_account, "carol", "carol@example.com");
            workspace.add_user(bobs_account, "bob", "bob@example.com");
            workspace.add_user(strangers_account, "eve", "eve@example.com");
        });
        link(carols_account, "carol");
    }
    ~SlackCalls() override {
        EXPECT_THAT(fake.with([](SlackWorkspace& workspace) { return workspace.problems; }), IsEmpty());
    }

    void link(const std::string& account, const std::string& user) {
        admin
            .await([&](Workplace& workplace) {
                return workplace.store->link_chat_account(std::string{"slack:"} + SlackWorkspace::team,
                                                          account, user, user);
            })
            .value();
    }

    HttpReply call(std::string_view method, std::string_view path, const json::value& body,
                   std::string_view who) {
        return admin.request_by_tcp(method, "/api/v1" + std::string{path},
                                    body.is_null() ? "" : json::serialize(body), headers_of(who));
    }
    // bob's, for `prod`, for two hours.
    std::string asked_by_bob() {
        const auto reply = call("POST", "/requests",
                                {{"resource", "prod"}, {"duration", "2h"}, {"reason", "7"}}, "bob by cookie");
        EXPECT_EQ(reply.status, 201) << reply.body;
        return std::string{reply.json().at("id").as_string()};
    }
    json::value request(const std::string& id) {
        return call("GET", "/requests/" + id, nullptr, "ann by cookie").json();
    }
    std::string status(const std::string& id) { return std::string{request(id).at("status").as_string()}; }
    void await_status(const std::string& id, const std::string& wanted) {
        EXPECT_TRUE(eventually([&] { return status(id) == wanted; })) << json::serialize(request(id));
    }

    // As the message in the channel shows it.
    SlackPost message(const std::string& id, policy::RequestStatus shown = policy::RequestStatus::pending) {
        slack::RequestCard card;
        card.request.id = *RequestId::parse(id);
        card.request.requester = "bob";
        card.request.resource = "prod";
        card.request.duration = std::chrono::hours{2};
        card.request.status = shown;
        card.has_access = true;
        const auto shown_message = slack::request_message(card);
        SlackPost post;
        post.channel = SlackWorkspace::channel;
        post.ts = "1796000000.000100";
        post.text = shown_message.text;
        post.blocks = shown_message.blocks;
        return post;
    }
    AppAnswer press(const std::string& id, const std::string& action, const std::string& account,
                    policy::RequestStatus shown = policy::RequestStatus::pending) {
        const auto payload = fake.pressing(message(id, shown), action, account);
        return FakeSlack::call(admin.port(), interactions, FakeSlack::sign_interaction(payload));
    }
    AppAnswer say(const std::string& text, const std::string& account) {
        return FakeSlack::call(admin.port(), commands,
                               FakeSlack::sign_command(fake.commanding(text, account)));
    }
    static std::string text_of(const AppAnswer& answer) {
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto body = json::parse(answer.body).as_object();
        EXPECT_EQ(body.at("response_type"), "ephemeral");
        EXPECT_THAT(problems_of_message(body), IsEmpty());
        return std::string{body.at("text").as_string()};
    }
    json::object await_modal() {
        json::object modal;
        fake.await("a modal", [&](const SlackWorkspace& workspace) {
            if (workspace.modals.empty()) return false;
            modal = workspace.modals.back();
            return true;
        });
        return modal;
    }
    AppAnswer send_modal(const json::object& modal, const std::string& duration, const std::string& comment,
                         const std::string& account = carols_account) {
        const auto payload = fake.sending_modal(modal, account, duration, comment);
        return FakeSlack::call(admin.port(), interactions, FakeSlack::sign_interaction(payload));
    }
    // The code that `/curfew link` gave.
    static std::string code_in(const std::string& text) {
        const auto begin = text.find("/link-chat#");
        if (begin == std::string::npos) throw std::runtime_error("there is no link in: " + text);
        const auto code = text.substr(begin + 11);
        return code.substr(0, code.find('|'));
    }
    std::vector<std::string> methods() {
        return fake.with([](SlackWorkspace& workspace) { return workspace.methods; });
    }

    FakeSlack fake;
    RunningAdmin admin;

private:
    std::function<void(api::ApiServerOptions&)> serve(Way way, bool match_email) {
        return [this, way, match_email](api::ApiServerOptions& options) {
            serve_known_people(options);
            options.api.people_address = "https://curfew.example.com";
            config::SlackSettings settings;
            settings.bot_token = Secret{SlackWorkspace::bot_token};
            if (way == Way::http) {
                settings.signing_secret = Secret{SlackWorkspace::signing_secret};
            } else {
                settings.app_token = Secret{SlackWorkspace::app_token};
            }
            settings.match_email = match_email;
            settings.api_url = fake.api_url();
            config::Notifier notifier;
            notifier.name = "team-chat";
            notifier.provider = settings;
            options.api.notifiers = {notifier};
            options.api.known_people.principal = [this](std::string user) {
                return principal(std::move(user));
            };
            options.api.known_people.user_of_email = [this](std::string_view email) {
                return admin.workplace().people.now()->by_email(email);
            };
        };
    }
    api::Awaitable<Result<identity::Principal>> principal(std::string user) {
        auto found = identity::principal_of(user, {}, *admin.workplace().people.now());
        if (found) co_return std::move(*found);
        co_return Error{ErrorCode::forbidden, "there is no such user any more"};
    }
};

class SlackCallsByEmail : public SlackCalls {
protected:
    SlackCallsByEmail() : SlackCalls{Way::http, true} {}
};

class SlackSocket : public SlackCalls {
protected:
    SlackSocket() : SlackCalls{Way::socket} { fake.await_sockets(1); }
};

TEST_F(SlackCalls, ApproveForWhoeverMayReview) {
    const auto id = asked_by_bob();
    const auto answer = press(id, "curfew_approve", carols_account);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "") << "it says that it arrived, and no more";
    await_status(id, "APPROVED");
    EXPECT_EQ(request(id).at("decided_by"), "carol");
}

TEST_F(SlackCalls, RevokeAtOnce) {
    const auto id = asked_by_bob();
    press(id, "curfew_approve", carols_account);
    await_status(id, "APPROVED");
    press(id, "curfew_revoke", carols_account, policy::RequestStatus::approved);
    await_status(id, "REVOKED");
    EXPECT_EQ(request(id).at("decided_by"), "carol");
}

TEST_F(SlackCalls, TellWhoIsNobodyHereHowToLink) {
    const auto id = asked_by_bob();
    EXPECT_EQ(press(id, "curfew_approve", strangers_account).status, 200);
    fake.await_whisper("/curfew link");
    EXPECT_EQ(status(id), "PENDING");
}

TEST_F(SlackCalls, TellWhoMayNotReviewSo) {
    link(bobs_account, "bob");
    const auto id = asked_by_bob();
    press(id, "curfew_approve", bobs_account);
    fake.await_whisper("nobody reviews what they asked for themselves");
    EXPECT_EQ(status(id), "PENDING");
}

TEST_F(SlackCalls, TellThatNothingIsLeftToDecide) {
    const auto id = asked_by_bob();
    press(id, "curfew_approve", carols_account);
    await_status(id, "APPROVED");
    press(id, "curfew_approve", carols_account);
    fake.await_whisper("APPROVED already");
}

TEST_F(SlackCalls, AreTakenOnce) {
    const auto id = asked_by_bob();
    const auto call =
        FakeSlack::sign_interaction(fake.pressing(message(id), "curfew_approve", carols_account));
    EXPECT_EQ(FakeSlack::call(admin.port(), interactions, call).status, 200);
    await_status(id, "APPROVED");
    const auto again = FakeSlack::call(admin.port(), interactions, call);
    EXPECT_EQ(again.status, 401);
    EXPECT_THAT(again.body, HasSubstr("came before"));
}

TEST_F(SlackCalls, AreRefusedWithoutAGoodSignature) {
    const auto id = asked_by_bob();
    const auto good =
        FakeSlack::sign_interaction(fake.pressing(message(id), "curfew_approve", carols_account));
    auto bad = good;
    bad.signature.back() = bad.signature.back() == '0' ? '1' : '0';
    EXPECT_EQ(FakeSlack::call(admin.port(), interactions, bad).status, 401);
    bad = good;
    bad.body += "%20";
    EXPECT_EQ(FakeSlack::call(admin.port(), interactions, bad).status, 401);
    bad = good;
    bad.timestamp = std::to_string(std::stoll(good.timestamp) - 1);
    EXPECT_EQ(FakeSlack::call(admin.port(), interactions, bad).status, 401);
    EXPECT_EQ(status(id), "PENDING");
    EXPECT_EQ(FakeSlack::call(admin.port(), interactions, good).status, 200) << "a good one is, still";
    await_status(id, "APPROVED");
}

TEST_F(SlackCalls, AreNotForANotifierThatThereIsNot) {
    const auto call = FakeSlack::sign_command(fake.commanding("help", carols_account));
    EXPECT_EQ(FakeSlack::call(admin.port(), "/api/v1/slack/other/commands", call).status, 404);
}

TEST_F(SlackCalls, AreRefusedWhereTheyCannotBeRead) {
    const auto call = FakeSlack::sign_command({{"text", "help"}});
    EXPECT_EQ(FakeSlack::call(admin.port(), commands, call).status, 400);
}

TEST_F(SlackCalls, OfAnotherWorkspaceDecideNothing) {
    const auto id = asked_by_bob();
    auto payload = fake.pressing(message(id), "curfew_approve", carols_account);
    payload["user"].as_object()["team_id"] = "T0OTHER01";
    FakeSlack::call(admin.port(), interactions, FakeSlack::sign_interaction(payload));
    fake.await_whisper("another workspace");
    EXPECT_EQ(status(id), "PENDING");
}

TEST_F(SlackCalls, AnswerNobodyButSlack) {
    const auto id = asked_by_bob();
    auto payload = fake.pressing(message(id), "curfew_approve", strangers_account);
    payload["response_url"] = "https://hooks.slack.com.evil.example/actions/1";
    FakeSlack::call(admin.port(), interactions, FakeSlack::sign_interaction(payload));
    const auto whisper = fake.await_whisper("/curfew link");
    EXPECT_EQ(whisper.user, strangers_account) << "told in the channel instead, to them alone";
}

TEST_F(SlackCalls, ApproveForLessByAModal) {
    const auto id = asked_by_bob();
    press(id, "curfew_shorten", carols_account);
    const auto modal = await_modal();
    EXPECT_EQ(send_modal(modal, "30m", "go on").body, "") << "the modal closes";
    await_status(id, "APPROVED");
    EXPECT_EQ(request(id).at("granted"), "30m");
    EXPECT_EQ(request(id).at("decision_comment"), "go on");
}

TEST_F(SlackCalls, ShowInTheModalWhatIsWrongWithIt) {
    const auto id = asked_by_bob();
    press(id, "curfew_shorten", carols_account);
    const auto modal = await_modal();
    const auto unreadable = send_modal(modal, "soon", "");
    EXPECT_THAT(unreadable.body, AllOf(HasSubstr("response_action"), HasSubstr("\"duration\":")));
    const auto longer = send_modal(modal, "3h", "");
    EXPECT_THAT(longer.body, AllOf(HasSubstr("\"errors\""), HasSubstr("never lengthen it to 3h")));
    EXPECT_EQ(status(id), "PENDING");
}

TEST_F(SlackCalls, RejectWithAReason) {
    const auto id = asked_by_bob();
    press(id, "curfew_reject", carols_account);
    const auto modal = await_modal();
    EXPECT_THAT(send_modal(modal, "", " ").body, HasSubstr("\"comment\":"));
    EXPECT_EQ(send_modal(modal, "", "not today").body, "");
    await_status(id, "REJECTED");
    EXPECT_EQ(request(id).at("decision_comment"), "not today");
}

TEST_F(SlackCalls, ShowNoModalToWhoMayNotReview) {
    link(bobs_account, "bob");
    const auto id = asked_by_bob();
    press(id, "curfew_reject", bobs_account);
    fake.await_whisper("nothing that bob could review");
    EXPECT_THAT(methods(), Not(testing::Contains("views.open")));
}

TEST_F(SlackCalls, TakeAModalFromNobodyWhoMayNotReview) {
    const auto id = asked_by_bob();
    press(id, "curfew_reject", carols_account);
    const auto modal = await_modal();
    EXPECT_THAT(send_modal(modal, "", "mine", strangers_account).body, HasSubstr("/curfew link"));
    EXPECT_EQ(status(id), "PENDING");
}

TEST_F(SlackCalls, ExplainThemselves) {
    EXPECT_THAT(text_of(say("help", strangers_account)), HasSubstr("/curfew subscribe"));
    EXPECT_THAT(text_of(say("dance <!channel>", strangers_account)),
                AllOf(HasSubstr("does not know"), HasSubstr("&lt;!channel&gt;")));
}

TEST_F(SlackCalls, ListWhatWaitsForWhoAsks) {
    const auto id = asked_by_bob();
    EXPECT_THAT(text_of(say("request list", carols_account)),
                AllOf(HasSubstr("Waiting for you"), HasSubstr(id), HasSubstr("bob on prod for 2h")));
    EXPECT_THAT(text_of(say("request list", strangers_account)), HasSubstr("/curfew link"));
}

TEST_F(SlackCalls, LinkAnAccountThatSomebodyConfirmsOnThePage) {
    const auto code = code_in(text_of(say("link", bobs_account)));
    const auto offer = call("POST", "/me/chat-accounts/offer", {{"code", code}}, "bob by cookie");
    ASSERT_EQ(offer.status, 200) << offer.body;
    EXPECT_EQ(offer.json().at("name"), "bob");
    EXPECT_EQ(offer.json().at("account"), bobs_account);
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("/curfew link"))
        << "looking links nothing";

    const auto linked = call("POST", "/me/chat-accounts", {{"code", code}}, "bob by cookie");
    ASSERT_EQ(linked.status, 201) << linked.body;
    EXPECT_EQ(linked.json().at("user"), "bob");
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("Nothing waits"));
    EXPECT_THAT(text_of(say("link", bobs_account)), HasSubstr("You are bob"));
}

TEST_F(SlackCalls, LinkByACodeOnce) {
    const auto code = code_in(text_of(say("link", bobs_account)));
    EXPECT_EQ(call("POST", "/me/chat-accounts", {{"code", code}}, "bob by cookie").status, 201);
    EXPECT_EQ(call("POST", "/me/chat-accounts", {{"code", code}}, "alice by cookie").status, 409);
    EXPECT_EQ(call("POST", "/me/chat-accounts", {{"code", code + "x"}}, "alice by cookie").status, 409);
}

TEST_F(SlackCalls, LinkForTenMinutes) {
    const auto code = code_in(text_of(say("link", bobs_account)));
    admin.clock.advance(std::chrono::minutes{10});
    EXPECT_EQ(call("POST", "/me/chat-accounts", {{"code", code}}, "bob by cookie").status, 409);
}

TEST_F(SlackCalls, LinkByASignInAndNotByAToken) {
    const auto code = code_in(text_of(say("link", bobs_account)));
    EXPECT_EQ(call("POST", "/me/chat-accounts", {{"code", code}}, "alice by token with admin").status, 403);
}

TEST_F(SlackCalls, ListAndUnlinkOnesOwnAccounts) {
    const auto list = call("GET", "/me/chat-accounts", nullptr, "carol by cookie");
    ASSERT_EQ(list.status, 200) << list.body;
    ASSERT_THAT(list.json().at("items").as_array(), SizeIs(1));
    const std::string id{list.json().at("items").as_array()[0].at("id").as_string()};
    EXPECT_EQ(id, "slack:T0ACME001:U0CAROL01");
    EXPECT_EQ(call("DELETE", "/me/chat-accounts/" + id, nullptr, "bob by cookie").status, 404)
        << "it is carol's";
    EXPECT_EQ(call("DELETE", "/me/chat-accounts/" + id, nullptr, "carol by cookie").status, 204);
    EXPECT_EQ(call("DELETE", "/me/chat-accounts/" + id, nullptr, "carol by cookie").status, 404);
    const auto request_id = asked_by_bob();
    press(request_id, "curfew_approve", carols_account);
    fake.await_whisper("/curfew link");
    EXPECT_EQ(status(request_id), "PENDING");
}

TEST_F(SlackCalls, UnlinkTheAccountThatSaysSo) {
    EXPECT_THAT(text_of(say("unlink", carols_account)), HasSubstr("not linked to Curfew any more"));
    EXPECT_THAT(text_of(say("unlink", carols_account)), HasSubstr("not linked to anybody"));
}

TEST_F(SlackCalls, SubscribeWhoIsLinked) {
    EXPECT_THAT(text_of(say("subscribe", strangers_account)), HasSubstr("/curfew link"));
    EXPECT_THAT(text_of(say("subscribe", carols_account)), HasSubstr("direct message"));
    const auto subscribers = [&] {
        return admin
            .await(
                [](Workplace& workplace) { return workplace.store->chat_subscribers("team-chat", "prod"); })
            .value();
    };
    ASSERT_THAT(subscribers(), SizeIs(1));
    EXPECT_EQ(subscribers()[0].user, "carol");
    text_of(say("unsubscribe", carols_account));
    EXPECT_THAT(subscribers(), IsEmpty());
}

TEST_F(SlackCalls, DoNotTakeAnAddressForAnIdentityUnlessTold) {
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("/curfew link"));
    EXPECT_THAT(methods(), Not(testing::Contains("users.info")));
}

TEST_F(SlackCallsByEmail, KnowWhoHasAConfirmedAddress) {
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("Nothing waits"));
}

TEST_F(SlackCallsByEmail, DoNotKnowAGuestOrWhoseAddressIsNotConfirmed) {
    fake.with([](SlackWorkspace& workspace) { workspace.users[bobs_account]["is_restricted"] = true; });
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("guest"));
    fake.with([](SlackWorkspace& workspace) {
        workspace.users[bobs_account]["is_restricted"] = false;
        workspace.users[bobs_account]["is_email_confirmed"] = false;
    });
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("not confirmed"));
}

TEST_F(SlackCallsByEmail, KnowNobodyWhileSlackAsksToWait) {
    fake.with([](SlackWorkspace& workspace) { workspace.rate_limits["users.info"] = {1, 30}; });
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("could not be asked"));
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("could not be asked"));
    const auto asked = methods();
    EXPECT_EQ(std::count(asked.begin(), asked.end(), "users.info"), 1) << "it is not asked before";
    admin.clock.advance(std::chrono::seconds{30});
    EXPECT_THAT(text_of(say("request list", bobs_account)), HasSubstr("Nothing waits"));
}

TEST_F(SlackSocket, BringsWhatHttpBringsOtherwise) {
    const auto id = asked_by_bob();
    fake.through_socket("interactive", fake.pressing(message(id), "curfew_approve", carols_account));
    await_status(id, "APPROVED");
}

TEST_F(SlackSocket, AnswersWithWhatItAcknowledges) {
    const auto acknowledged = fake.through_socket("slash_commands", fake.commanding("help", carols_account));
    EXPECT_THAT(json::serialize(acknowledged.at("payload")), HasSubstr("/curfew subscribe"));
}

TEST_F(SlackSocket, AcknowledgesWhatItHasNoUseFor) {
    fake.through_socket("events_api", {{"event", json::object{{"type", "message"}}}});
}

TEST_F(SlackSocket, OpensAnotherConnectionBeforeTheOldOneCloses) {
    fake.refresh_socket();
    fake.await_sockets(1);
    EXPECT_EQ(fake.sockets_opened(), 2U);
    fake.through_socket("slash_commands", fake.commanding("help", carols_account));
}

TEST_F(SlackSocket, ComesBackWhenItWasCutOff) {
    fake.drop_sockets();
    EXPECT_TRUE(eventually([&] { return fake.sockets_opened() == 2; }));
    fake.await_sockets(1);
    fake.through_socket("slash_commands", fake.commanding("help", carols_account));
}

TEST_F(SlackSocket, IsClosedWhereTheNotifierIsGone) {
    admin.use_notifiers({});
    fake.await_sockets(0);
}

TEST_F(SlackSocket, StopsSoon) {
    const auto begun = now();
    admin.stop();
    EXPECT_LT(now() - begun, within(std::chrono::seconds{2}));
}

TEST_F(SlackSocket, IsNotToBeCalledByHttp) {
    EXPECT_EQ(say("help", carols_account).status, 404);
}

}  // namespace
}  // namespace curfew::test
