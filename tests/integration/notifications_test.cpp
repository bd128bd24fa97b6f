// People are told what becomes of requests and grants, by a real curfewd, and what it was about to say when
// it was killed is said by the next one.
#include <gmock/gmock.h>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <future>

#include "cli_office.hpp"
#include "support/mail_server.hpp"
#include "unit/notify/http_receiver.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace json = boost::json;

constexpr int minutes = 60'000;

class Notifications : public AtTheOffice {
protected:
    RunningCurfew& curfew() { return office.curfew(); }

    // Has curfewd notify by a webhook and by mail, and awaits that it does. `name`: one that no other test
    // has.
    void notify_by(const std::string& name, const HttpReceiver& receiver, const MailServer* mails = nullptr) {
        YAML::Node config = YAML::LoadFile(curfew().directory() / "curfew.yaml");
        const auto secret = curfew().directory().write("hooks.secret", "a secret of sixteen bytes or more\n");
        ::chmod(secret.c_str(), 0600);
        YAML::Node hook;
        hook["name"] = name;
        hook["type"] = "webhook";
        hook["url"] = receiver.url("/curfew");
        hook["secret"]["file"] = secret.string();
        hook["allowed_networks"].push_back("127.0.0.1");
        config["notifiers"] = YAML::Node{YAML::NodeType::Sequence};
        config["notifiers"].push_back(hook);
        if (mails != nullptr) {
            YAML::Node mail;
            mail["name"] = name + "-mail";
            mail["type"] = "email";
            mail["server"] = "127.0.0.1";
            mail["port"] = mails->port();
            mail["tls"] = "off-on-loopback";
            mail["from"] = "curfew@example.com";
            mail["to"].push_back("dba-list@example.com");
            config["notifiers"].push_back(mail);
        }
        ASSERT_TRUE(curfew().reload(config));
        for (const auto& notifier : config["notifiers"])
            curfew().log().await("notifier.started", {{"notifier", notifier["name"].as<std::string>()}});
    }
    void change_store(const std::string& sql) {
        SQLite::Database store{(curfew().directory() / "store.db").string(), SQLite::OPEN_READWRITE};
        store.exec(sql);
    }
    // While curfewd is down, so much time passes for the grants and notices that it has.
    void let_pass(int milliseconds) {
        const std::string by = std::to_string(milliseconds);
        change_store("UPDATE grants SET starts_at_ms = starts_at_ms - " + by +
                     ", ends_at_ms = ends_at_ms - " + by + "; UPDATE requests SET due_at_ms = due_at_ms - " +
                     by + " WHERE due_at_ms IS NOT NULL" +
                     "; UPDATE deliveries SET due_at_ms = due_at_ms - " + by +
                     ", wanted_at_ms = wanted_at_ms - " + by);
    }
    // The next notice that came, read.
    static json::object next(HttpReceiver& receiver) {
        const auto request = receiver.next();
        auto body = json::parse(request.body()).as_object();
        EXPECT_EQ(body.at("id").as_string(), std::string_view{request["Curfew-Delivery"]});
        EXPECT_THAT(std::string{request["Curfew-Signature"]},
                    testing::MatchesRegex("t=[0-9]+,v1=[0-9a-f]{64}"));
        return body;
    }
    auto delivered_by(const std::string& notifier) {
        return curfew().metric("curfew_notifications_total",
                               {{"notifier", notifier}, {"outcome", "delivered"}});
    }
    static std::string kind_of(const json::object& notice) {
        return std::string{notice.at("notice").as_string()};
    }
};

TEST_F(Notifications, TellWhatBecomesOfARequestToItsEnd) {
    HttpReceiver receiver{[](const auto&) { return HttpReceiver::status(204); }};
    MailServer mails;
    notify_by("story", receiver, &mails);
    const auto resource = new_resource();
    const auto request = std::string{
        alice.asks({"request", resource, "--for", "1h", "--reason", "ticket 7"}).at("id").as_string()};
    const auto asked = next(receiver);
    EXPECT_EQ(kind_of(asked), "request_waiting");
    EXPECT_EQ(asked.at("request").at("id").as_string(), request);
    EXPECT_EQ(asked.at("request").at("reason").as_string(), "ticket 7");
    const auto mail = mails.next();
    EXPECT_EQ(header_of(mail, "Subject"), "alice asks for " + resource + " for 1h");
    EXPECT_EQ(header_of(mail, "To"), "dba-list@example.com");

    bob.does({"approve", request});
    const auto approved = next(receiver);
    EXPECT_EQ(kind_of(approved), "request_approved");
    EXPECT_EQ(approved.at("actor").as_string(), "bob");

    // Had the answer not been noted before the kill, the next curfewd would have to send it again.
    ASSERT_TRUE(eventually([&] { return delivered_by("story") == 2; }));
    curfew().kill9();
    let_pass(55 * minutes);
    curfew().restart();
    const auto ending = next(receiver);
    EXPECT_EQ(kind_of(ending), "grant_ending");
    EXPECT_THAT(std::string{ending.at("title").as_string()}, HasSubstr("5m left of alice's access"));

    bob.does({"revoke", request, "--reason", "wrong database"});
    const auto ended = next(receiver);
    EXPECT_EQ(kind_of(ended), "grant_ended");
    EXPECT_THAT(std::string{ended.at("why").as_string()}, HasSubstr("Bob the DBA revoked it"));
    EXPECT_THAT(std::string{ended.at("why").as_string()}, HasSubstr("wrong database"));
    // Since it was started again.
    EXPECT_TRUE(eventually([&] { return delivered_by("story") == 2; }));
}

TEST_F(Notifications, AreSentByTheNextOneWhereCurfewdWasKilledWhileItSent) {
    std::promise<void> came;
    std::promise<void> killed;
    std::atomic<int> count = 0;
    HttpReceiver receiver{[&](const auto&) {
        // The first is never answered: whoever sent it is gone by then.
        if (count++ == 0) {
            came.set_value();
            killed.get_future().wait();
        }
        return HttpReceiver::status(200);
    }};
    notify_by("crash", receiver);
    const auto resource = new_resource();
    alice.does({"request", resource, "--for", "1h"});
    came.get_future().wait();
    curfew().kill9();
    killed.set_value();
    // Its right to send it is over sooner than it would be.
    change_store("UPDATE deliveries SET due_at_ms = due_at_ms - 300000 WHERE state = 'claimed'");
    curfew().restart();
    const auto first = next(receiver);
    const auto second = next(receiver);
    EXPECT_EQ(kind_of(first), "request_waiting");
    EXPECT_EQ(first.at("id"), second.at("id")) << "whoever got it can tell that it is the same";
    const auto delivered = curfew().log().await("notification.delivered", {{"notifier", "crash"}});
    EXPECT_EQ(delivered.text("notification"), second.at("id").as_string());
    EXPECT_EQ(delivered.number("attempt"), 2);
    bob.does({"reject", waiting(resource), "--comment", "not now"});
    EXPECT_EQ(kind_of(next(receiver)), "request_rejected") << "and nothing else was in between";
}

TEST_F(Notifications, AreTakenUpAndLeftByAReload) {
    HttpReceiver receiver{[](const auto&) { return HttpReceiver::status(200); }};
    notify_by("reloaded", receiver);
    alice.does({"request", new_resource(), "--for", "1h"});
    EXPECT_EQ(kind_of(next(receiver)), "request_waiting");
    YAML::Node config = YAML::LoadFile(curfew().directory() / "curfew.yaml");
    config.remove("notifiers");
    ASSERT_TRUE(curfew().reload(config));
    EXPECT_TRUE(eventually([&] {
        return curfew().metrics().text().find("curfew_notifications_waiting{") == std::string::npos;
    }));
}

}  // namespace
}  // namespace curfew::test
