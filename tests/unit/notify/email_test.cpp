// Mails, as a real mail server takes them and a strict reader reads them.
#include "notify/email.hpp"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/time_text.hpp"
#include "notice_fixture.hpp"
#include "support/mail_server.hpp"
#include "support/running_loop.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;
using test::header_of;
using test::MailServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace json = boost::json;

class Emails : public NoticeTest {
protected:
    Emails() {
        std::string yaml =
            test::replaced(declared, "alice: { aliases: [al] }", "alice: { email: alice@example.org }");
        yaml = test::replaced(yaml, "dave: {}", "dave: { email: dave@example.org }");
        declare(yaml + "api: { public_url: 'https://curfew.example.com' }\n").value();
    }

    config::EmailSettings settings_for(const MailServer& server) {
        config::EmailSettings settings;
        settings.server = "localhost";
        settings.port = server.port();
        settings.root_certificate_file = ca.certificate();
        settings.from = "curfew@example.com";
        return settings;
    }
    Message message(const Given& given, const std::string& recipient) {
        store::Delivery delivery;
        delivery.id = DeliveryId::parse("d-7k3mq9xd").value();
        delivery.recipient = recipient;
        return {delivery, std::nullopt, given.notice, given.facts, surroundings()};
    }
    SendOutcome send(config::EmailSettings settings, const Message& what) {
        EmailNotifier email{std::move(settings), pool, clock};
        auto sending = email.send(what);
        return test::await(std::move(sending));
    }
    // The mail to dave about a request of alice's.
    json::object sent(MailServer& server, config::EmailSettings settings) {
        asked();
        const SendOutcome outcome = send(std::move(settings), message(news().back(), "user:dave"));
        if (const auto* failed = std::get_if<NotSent>(&outcome)) ADD_FAILURE() << failed->problem;
        return server.next();
    }
    NotSent failure(config::EmailSettings settings) {
        asked();
        const SendOutcome outcome = send(std::move(settings), message(news().back(), "user:dave"));
        if (const auto* failed = std::get_if<NotSent>(&outcome)) return *failed;
        ADD_FAILURE() << "it was taken for sent";
        return {};
    }
    std::vector<std::string> recipients(const config::EmailSettings& settings, NoticeKind kind) {
        EmailNotifier email{settings, pool, clock};
        for (const Given& given : news()) {
            if (given.notice.kind != kind || given.notice.is_update) continue;
            // Both outlive the call.
            const auto around = surroundings();
            const std::vector<std::string> told;
            auto asking = email.recipients(given.notice, given.facts, *around, told);
            return test::await(std::move(asking)).value();
        }
        ADD_FAILURE() << "there is no such notice";
        return {};
    }

    test::TestCa ca;
    test::CertificateFiles certificate = ca.issue_server();
    http::WorkerPool pool{{.name = "test", .threads = 1, .too_busy = "busy"}};
};

TEST_F(Emails, AreSentByStarttlsToWhoLogsIn) {
    MailServer server{&certificate, {"--user", "curfew", "--password", "hunter 2"}};
    config::EmailSettings settings = settings_for(server);
    settings.user = "curfew";
    settings.password = Secret{"hunter 2"};
    const json::object mail = sent(server, settings);
    EXPECT_TRUE(mail.at("tls").as_bool());
    EXPECT_EQ(mail.at("user").as_string(), "curfew");
    EXPECT_EQ(mail.at("from").as_string(), "curfew@example.com");
    EXPECT_EQ(mail.at("greeting").as_string(), "example.com");
    EXPECT_EQ(json::serialize(mail.at("to")), R"(["dave@example.org"])");
}

TEST_F(Emails, AreSentByTlsFromTheFirstByteWhereThatIsWanted) {
    MailServer server{&certificate, {"--implicit"}};
    config::EmailSettings settings = settings_for(server);
    settings.tls = config::MailTls::implicit;
    EXPECT_TRUE(sent(server, settings).at("tls").as_bool());
}

TEST_F(Emails, AreSentInTheClearOnThisMachineAlone) {
    MailServer server;
    config::EmailSettings settings = settings_for(server);
    settings.server = "127.0.0.1";
    settings.tls = config::MailTls::off_on_loopback;
    EXPECT_FALSE(sent(server, settings).at("tls").as_bool());
}

TEST_F(Emails, AreNotSentWithoutTls) {
    MailServer server;  // knows no STARTTLS
    const NotSent failed = failure(settings_for(server));
    EXPECT_FALSE(failed.for_good);
    EXPECT_EQ(server.waiting(), 0U);
}

TEST_F(Emails, AreNotSentToWhoeverCannotProveWhoTheyAre) {
    MailServer server{&certificate};
    config::EmailSettings settings = settings_for(server);
    settings.root_certificate_file.reset();
    EXPECT_THAT(failure(settings).problem, HasSubstr("certificate"));
    EXPECT_EQ(server.waiting(), 0U);
}

TEST_F(Emails, AreTriedAgainAfterAWrongPassword) {
    MailServer server{&certificate, {"--user", "curfew", "--password", "hunter 2"}};
    config::EmailSettings settings = settings_for(server);
    settings.user = "curfew";
    settings.password = Secret{"hunter 3"};
    const NotSent failed = failure(settings);
    EXPECT_FALSE(failed.for_good);
    EXPECT_THAT(failed.problem, Not(HasSubstr("hunter")));
}

TEST_F(Emails, AreGivenUpWhereTheServerKnowsNoSuchMailbox) {
    MailServer server{&certificate, {"--refuse", "550 no such mailbox"}};
    const NotSent failed = failure(settings_for(server));
    EXPECT_TRUE(failed.for_good);
    EXPECT_THAT(failed.problem, HasSubstr("550"));
    MailServer busy{&certificate, {"--refuse", "450 try again later"}};
    EXPECT_FALSE(failure(settings_for(busy)).for_good);
}

TEST_F(Emails, HaveTheHeadersOfAnAutomaticMailInAThread) {
    MailServer server{&certificate};
    const json::object mail = sent(server, settings_for(server));
    EXPECT_THAT(json::serialize(mail.at("defects")), "[]");
    EXPECT_EQ(header_of(mail, "Subject"), "alice asks for prod for 1h");
    EXPECT_EQ(header_of(mail, "From"), "Curfew <curfew@example.com>");
    EXPECT_EQ(header_of(mail, "To"), "dave@example.org");
    EXPECT_EQ(header_of(mail, "Message-ID"), "<d-7k3mq9xd@example.com>");
    EXPECT_THAT(header_of(mail, "References"), testing::MatchesRegex("<r-[0-9a-z]{8}@example.com>"));
    EXPECT_EQ(header_of(mail, "In-Reply-To"), header_of(mail, "References"));
    EXPECT_EQ(header_of(mail, "Auto-Submitted"), "auto-generated");
    EXPECT_EQ(header_of(mail, "Date"), mail_date(clock.wall_now()));
    EXPECT_LE(mail.at("longest_line").as_int64(), 998);
}

TEST_F(Emails, SayTheSameInTextAndInHtml) {
    MailServer server{&certificate};
    const json::object mail = sent(server, settings_for(server));
    EXPECT_EQ(mail.at("type").as_string(), "multipart/alternative");
    const auto& parts = mail.at("parts").as_array();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].at("type").as_string(), "text/plain");
    EXPECT_EQ(parts[1].at("type").as_string(), "text/html");
    for (const json::value& part : parts) {
        const std::string text{part.at("text").as_string()};
        EXPECT_EQ(part.at("charset").as_string(), "utf-8");
        EXPECT_THAT(text, HasSubstr("alice asks for prod for 1h"));
        EXPECT_THAT(text, HasSubstr("ticket 7"));
        EXPECT_THAT(text, HasSubstr("https://curfew.example.com/requests/r-"));
        EXPECT_THAT(text, HasSubstr("curfew approve r-"));
    }
}

TEST_F(Emails, LetNobodyWriteAHeaderOrMarkup) {
    MailServer server{&certificate};
    std::string yaml = test::replaced(declared, "alice: { email: alice@example.org }",
                                      "alice: { display_name: 'Ålice <script>' }");
    declare(yaml).value();
    policy::Wish wish = NoticeTest::wish("alice");
    wish.reason = "first\r\nBcc: eve@example.org\r\n\r\n<script>alert(1)</script> ä";
    ASSERT_TRUE(await(desk->submit("prod", std::move(wish))));
    ASSERT_TRUE(
        std::holds_alternative<Sent>(send(settings_for(server), message(news().back(), "user:dave"))));
    const json::object mail = server.next();
    EXPECT_EQ(header_of(mail, "Subject"), "Ålice <script> asks for prod for 1h");
    EXPECT_EQ(header_of(mail, "Bcc"), "");
    EXPECT_EQ(json::serialize(mail.at("to")), R"(["dave@example.org"])");
    EXPECT_THAT(json::serialize(mail.at("defects")), "[]");
    const std::string html{mail.at("parts").as_array()[1].at("text").as_string()};
    EXPECT_THAT(html, Not(HasSubstr("<script>")));
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
}

TEST_F(Emails, GoToApproversWhoHaveAnAddressAndToTheListsThatAreNamed) {
    MailServer server{&certificate};
    config::EmailSettings settings = settings_for(server);
    settings.to = {"dba-list@example.com"};
    asked();
    EXPECT_THAT(recipients(settings, NoticeKind::request_waiting),
                ElementsAre("user:dave", "to:dba-list@example.com"));
    settings.to_approvers = false;
    asked();
    EXPECT_THAT(recipients(settings, NoticeKind::request_waiting), ElementsAre("to:dba-list@example.com"));
    approve(asked(), "dave").value();
    EXPECT_THAT(recipients(settings, NoticeKind::request_approved), ElementsAre("user:alice"));
}

TEST_F(Emails, GoToNobodyWhoMayNotSeeItAnyMore) {
    MailServer server{&certificate};
    asked();
    Given given = news().back();
    declare(test::replaced(declared, "dba: [carol, dave]", "dba: [carol]")).value();
    EXPECT_TRUE(std::holds_alternative<Pointless>(send(settings_for(server), message(given, "user:dave"))));
    EXPECT_TRUE(std::holds_alternative<Pointless>(send(settings_for(server), message(given, "user:carol"))))
        << "has no address";
    EXPECT_TRUE(std::holds_alternative<Pointless>(
        send(settings_for(server), message(given, "to:dba-list@example.com"))));
    EXPECT_EQ(server.waiting(), 0U);
}

TEST(MailHeaders, AreEncodedWhereTheyMustBe) {
    EXPECT_EQ(encoded_header("alice asks", 9), "alice asks");
    EXPECT_EQ(encoded_header("ä", 9), "=?UTF-8?B?w6Q=?=");
    EXPECT_THAT(encoded_header("=?UTF-8?B?w6Q=?=", 9), testing::StartsWith("=?UTF-8?B?PT9V"));
    const std::string folded = encoded_header(std::string(60, 'x') + std::string(60, 'y') + "ää", 9);
    std::size_t start = 0;
    for (std::size_t end = 0; end != std::string::npos; start = end + 2) {
        end = folded.find("\r\n", start);
        EXPECT_LE(folded.substr(start, end - start).size(), 76U);
        if (end == std::string::npos) break;
    }
    EXPECT_THAT(folded, HasSubstr("?=\r\n =?UTF-8?B?"));
}

TEST(MailHeaders, DateInEnglishAndUtc) {
    EXPECT_EQ(mail_date(parse_utc("2026-11-24T14:05:09.250Z").value()), "Tue, 24 Nov 2026 14:05:09 +0000");
}

TEST(MailAddresses, ArePlainOrRefused) {
    EXPECT_TRUE(is_plain_address("alice.doe+x@example.org"));
    for (const char* address : {"", "alice", "@example.org", "alice@", "a@b@c", "a b@c", "älice@example.org",
                                "alice@example.org\r\nBcc: eve@example.org", "<a@b>", "a@b,c@d"})
        EXPECT_FALSE(is_plain_address(address)) << address;
}

}  // namespace
}  // namespace curfew::notify
