// Events as messages of syslog, as a receiver sees them that takes nothing but what RFC 5424 allows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/syslog_message.hpp"
#include "audit/syslog_receiver.hpp"
#include "base/sha256.hpp"
#include "syslog_server.hpp"

namespace curfew::audit::test {
namespace {

using curfew::test::parse_syslog;
using curfew::test::SyslogServer;
using testing::HasSubstr;
using Kind = SyslogServer::Kind;

constexpr WallInstant sent_at{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} +
                              std::chrono::hours{12}};

store::ListedEvent event_of(store::EventNumber number, std::string summary = R"({"user":"bob"})") {
    store::ListedEvent listed;
    listed.event = {number,        sent_at + std::chrono::milliseconds{250},
                    "grant.given", "g-7k3mq9xd",
                    "ann",         std::move(summary)};
    listed.hash.fill(0xab);
    return listed;
}

EventBatch batch_of(store::EventNumber first, store::EventNumber last) {
    EventBatch batch{"d-00000001", {}};
    for (auto number = first; number <= last; ++number)
        batch.events.push_back(event_of(number));
    return batch;
}

config::SyslogReceiver receiver_at(const SyslogServer& server, Kind kind) {
    config::SyslogReceiver settings;
    settings.host = kind == Kind::local ? server.path() : "127.0.0.1";
    settings.port = server.port();
    if (kind == Kind::udp) settings.transport = config::SyslogTransport::udp;
    if (kind == Kind::tcp) settings.transport = config::SyslogTransport::tcp;
    if (kind == Kind::tls) {
        settings.transport = config::SyslogTransport::tls;
        settings.host = "localhost";
        settings.root_certificate_file = server.authority();
    }
    return settings;
}

std::string message_of(const store::ListedEvent& event, std::size_t most = 8192) {
    return syslog_message(config::SyslogReceiver{}, "gate-1", event, most);
}

TEST(SyslogMessage, IsTheEventInTheFormOfTheStandard) {
    EXPECT_EQ(message_of(event_of(7)),
              "<109>1 2026-11-24T12:00:00.250Z gate-1 curfew - grant.given [curfew@32473 number=\"7\" "
              "kind=\"grant.given\" id=\"g-7k3mq9xd\" actor=\"ann\" hash=\"" +
                  to_hex(event_of(7).hash) + "\"] {\"user\":\"bob\"}");
}

TEST(SyslogMessage, HasItsFacilityAndTheProgramsName) {
    config::SyslogReceiver settings;
    settings.facility = config::SyslogFacility::local3;
    settings.app_name = "gate";
    const auto message = parse_syslog(syslog_message(settings, "gate-1", event_of(7), 8192));
    EXPECT_EQ(message.priority, 19 * 8 + 5);
    EXPECT_EQ(message.app_name, "gate");
}

TEST(SyslogMessage, EscapesWhatWouldEndAValue) {
    auto event = event_of(7);
    event.event.id = R"(a"b\c]d)";
    event.event.actor = "Jos\xC3\xA9";
    const auto message = parse_syslog(message_of(event));
    EXPECT_EQ(message.data.at("id"), R"(a"b\c]d)");
    EXPECT_EQ(message.data.at("actor"), "Jos\xC3\xA9");
    EXPECT_EQ(message.data_id, "curfew@32473");
}

TEST(SyslogMessage, HasNoActorWhereThereIsNobody) {
    auto event = event_of(7);
    event.event.actor.clear();
    EXPECT_FALSE(parse_syslog(message_of(event)).data.contains("actor"));
}

TEST(SyslogMessage, MarksTextThatIsNotAsciiAlone) {
    EXPECT_FALSE(parse_syslog(message_of(event_of(7))).has_mark);
    const auto message = parse_syslog(message_of(event_of(7, "{\"reason\":\"Z\xC3\xBCrich\"}")));
    EXPECT_TRUE(message.has_mark);
    EXPECT_EQ(message.text, "{\"reason\":\"Z\xC3\xBCrich\"}");
}

TEST(SyslogMessage, IsOneLineWhateverSomebodyWroteIntoTheStore) {
    auto event = event_of(7, "{}\n<13>1 forged");
    event.event.kind = "a b\nc";
    event.event.id = "x\n]";
    const auto text = message_of(event);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(parse_syslog(text).message_id, "a_b_c");
}

TEST(SyslogMessage, IsCutBetweenCharactersWhereItIsTooLong) {
    std::string summary = "{\"reason\":\"";
    for (int i = 0; i < 1000; ++i)
        summary += "\xC3\xBC";
    for (std::size_t most = 400; most < 404; ++most) {
        const auto text = message_of(event_of(7, summary), most);
        EXPECT_LE(text.size(), most);
        EXPECT_GT(text.size(), most - 3);
        EXPECT_NO_THROW(parse_syslog(text)) << most;
    }
    EXPECT_NO_THROW(parse_syslog(message_of(event_of(7), 10))) << "the header and the data stay whole";
}

TEST(SyslogMessage, HasItsLengthInFrontOnStreams) {
    EXPECT_EQ(syslog_frame("<13>1 x"), "7 <13>1 x");
}

class SyslogReceiving : public testing::TestWithParam<Kind> {};

TEST_P(SyslogReceiving, TakesEachEventInItsOrder) {
    SyslogServer server{GetParam()};
    SyslogEventReceiver receiver{receiver_at(server, GetParam()), "gate-1"};
    for (const store::EventNumber first : {1U, 4U}) {
        const auto failed = receiver.send(batch_of(first, first + 2));
        ASSERT_FALSE(failed) << failed->problem;
        for (auto number = first; number < first + 3; ++number)
            EXPECT_EQ(server.next().data.at("number"), std::to_string(number));
    }
}

INSTANTIATE_TEST_SUITE_P(ByEachWay, SyslogReceiving,
                         testing::Values(Kind::udp, Kind::tcp, Kind::tls, Kind::local));

TEST(SyslogReceiver, ConnectsAnewWhereTheConnectionWasEnded) {
    SyslogServer server{Kind::tcp};
    SyslogEventReceiver receiver{receiver_at(server, Kind::tcp), "gate-1"};
    ASSERT_FALSE(receiver.send(batch_of(1, 1)));
    EXPECT_EQ(server.next().data.at("number"), "1");
    server.hang_up();
    // Whether it is seen before or after, what was not taken is said not to be.
    store::EventNumber number = 2;
    while (receiver.send(batch_of(number, number)))
        ;
    auto came = server.next().data.at("number");
    EXPECT_EQ(came, "2");
}

TEST(SyslogReceiver, SaysWhereNobodyAnswers) {
    config::SyslogReceiver settings;
    {
        const SyslogServer server{Kind::tcp};
        settings = receiver_at(server, Kind::tcp);
    }
    SyslogEventReceiver receiver{settings, "gate-1"};
    const auto failed = receiver.send(batch_of(1, 1));
    ASSERT_TRUE(failed);
    EXPECT_THAT(failed->problem, HasSubstr("the syslog receiver at tcp://127.0.0.1:"));
}

TEST(SyslogReceiver, DoesNotSpeakToWhomItsAuthorityDoesNotVouchFor) {
    SyslogServer server{Kind::tls};
    auto settings = receiver_at(server, Kind::tls);
    const curfew::test::TestCa another{"Another authority"};
    settings.root_certificate_file = another.certificate();
    SyslogEventReceiver receiver{settings, "gate-1"};
    const auto failed = receiver.send(batch_of(1, 1));
    ASSERT_TRUE(failed);
    EXPECT_THAT(failed->problem, HasSubstr("certificate"));
}

TEST(SyslogReceiver, DoesNotBeginOnceItWasStopped) {
    SyslogServer server{Kind::tcp};
    SyslogEventReceiver receiver{receiver_at(server, Kind::tcp), "gate-1"};
    receiver.stop();
    EXPECT_TRUE(receiver.send(batch_of(1, 1)));
}

}  // namespace
}  // namespace curfew::audit::test
