#include "protocol/postgres/client_greeting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace curfew::postgres {
namespace {

using ::testing::HasSubstr;

using Action = ClientGreeting::Action;
using Answer = ClientGreeting::Answer;
using Start = ClientGreeting::Start;
using Cancel = ClientGreeting::Cancel;

constexpr ClientGreeting::Tls no_tls{false, false};
constexpr ClientGreeting::Tls tls_offered{true, false};
constexpr ClientGreeting::Tls tls_required{true, true};

class ClientGreetingTest : public ::testing::Test {
protected:
    static StartupMessage startup() {
        StartupMessage message;
        message.user = "alice";
        return message;
    }
    static void expect_answer(const Action& action, char byte) {
        const auto* answer = std::get_if<Answer>(&action);
        ASSERT_NE(answer, nullptr);
        EXPECT_EQ(answer->byte, byte);
    }
    static void expect_refused(const Action& action, std::string_view sqlstate) {
        const auto* error = std::get_if<StartupError>(&action);
        ASSERT_NE(error, nullptr);
        EXPECT_EQ(error->sqlstate, sqlstate);
        EXPECT_FALSE(error->message.empty());
    }
    static void expect_start(const Action& action) {
        const auto* start = std::get_if<Start>(&action);
        ASSERT_NE(start, nullptr);
        EXPECT_EQ(start->startup.user, "alice");
    }
};

TEST_F(ClientGreetingTest, StartsAtOnce) {
    ClientGreeting greeting{no_tls, false};
    expect_start(greeting.on_packet(startup(), false));
    EXPECT_FALSE(greeting.encrypted());
}

TEST_F(ClientGreetingTest, StartsInPlaintextWhereTlsIsOnlyOffered) {
    ClientGreeting greeting{tls_offered, false};
    expect_start(greeting.on_packet(startup(), false));
}

TEST_F(ClientGreetingTest, StartsWithMoreBehindTheStartup) {
    ClientGreeting greeting{no_tls, false};
    expect_start(greeting.on_packet(startup(), true));
}

TEST_F(ClientGreetingTest, StartsAfterTls) {
    for (const auto tls : {tls_offered, tls_required}) {
        ClientGreeting greeting{tls, false};
        expect_answer(greeting.on_packet(SslRequest{}, false), 'S');
        EXPECT_TRUE(greeting.encrypted());
        expect_start(greeting.on_packet(startup(), false));
    }
}

TEST_F(ClientGreetingTest, StartsAfterTlsFromTheFirstByte) {
    ClientGreeting greeting{tls_required, true};
    EXPECT_TRUE(greeting.encrypted());
    expect_start(greeting.on_packet(startup(), false));
}

TEST_F(ClientGreetingTest, DeclinesTlsWithoutACertificate) {
    ClientGreeting greeting{no_tls, false};
    expect_answer(greeting.on_packet(SslRequest{}, false), 'N');
    EXPECT_FALSE(greeting.encrypted());
    expect_start(greeting.on_packet(startup(), false));
}

TEST_F(ClientGreetingTest, DeclinesGssEncryptionAndGoesOn) {
    ClientGreeting greeting{tls_offered, false};
    expect_answer(greeting.on_packet(GssEncRequest{}, false), 'N');
    EXPECT_FALSE(greeting.encrypted());
    expect_answer(greeting.on_packet(SslRequest{}, false), 'S');
    expect_start(greeting.on_packet(startup(), false));
}

TEST_F(ClientGreetingTest, TakesTheTwoRequestsInTheOtherOrderToo) {
    ClientGreeting greeting{no_tls, false};
    expect_answer(greeting.on_packet(SslRequest{}, false), 'N');
    expect_answer(greeting.on_packet(GssEncRequest{}, false), 'N');
    expect_start(greeting.on_packet(startup(), false));
}

TEST_F(ClientGreetingTest, RefusesPlaintextWhereTlsIsRequired) {
    ClientGreeting at_once{tls_required, false};
    const auto action = at_once.on_packet(startup(), false);
    expect_refused(action, "28000");
    EXPECT_THAT(std::get<StartupError>(action).message, HasSubstr("sslmode=require"));

    ClientGreeting after_gss{tls_required, false};
    after_gss.on_packet(GssEncRequest{}, false);
    expect_refused(after_gss.on_packet(startup(), false), "28000");
}

TEST_F(ClientGreetingTest, TakesEachRequestOnce) {
    ClientGreeting ssl{no_tls, false};
    ssl.on_packet(SslRequest{}, false);
    expect_refused(ssl.on_packet(SslRequest{}, false), "08P01");

    ClientGreeting gss{no_tls, false};
    gss.on_packet(GssEncRequest{}, false);
    expect_refused(gss.on_packet(GssEncRequest{}, false), "08P01");

    ClientGreeting ssl_again{no_tls, false};
    ssl_again.on_packet(SslRequest{}, false);
    ssl_again.on_packet(GssEncRequest{}, false);
    expect_refused(ssl_again.on_packet(SslRequest{}, false), "08P01");
}

TEST_F(ClientGreetingTest, RefusesEncryptionInsideTls) {
    ClientGreeting after_request{tls_offered, false};
    after_request.on_packet(SslRequest{}, false);
    ClientGreeting direct{tls_offered, true};
    for (auto* greeting : {&after_request, &direct}) {
        expect_refused(greeting->on_packet(SslRequest{}, false), "08P01");
        expect_refused(greeting->on_packet(GssEncRequest{}, false), "08P01");
    }
}

// CVE-2021-23214: what somebody in between slipped in before TLS is not the client's word.
TEST_F(ClientGreetingTest, RefusesWhatArrivedInPlaintextBehindARequest) {
    ClientGreeting ssl{tls_offered, false};
    expect_refused(ssl.on_packet(SslRequest{}, true), "08P01");
    EXPECT_FALSE(ssl.encrypted());

    ClientGreeting gss{tls_offered, false};
    expect_refused(gss.on_packet(GssEncRequest{}, true), "08P01");
}

// Nothing is encrypted then, and so nothing is mistaken for what was.
TEST_F(ClientGreetingTest, TakesAHastyClientWhereTlsIsDeclined) {
    ClientGreeting greeting{no_tls, false};
    expect_answer(greeting.on_packet(SslRequest{}, true), 'N');
    expect_start(greeting.on_packet(startup(), false));
}

TEST_F(ClientGreetingTest, TakesACancelRequestAnyhow) {
    for (const auto tls : {no_tls, tls_offered, tls_required}) {
        ClientGreeting greeting{tls, false};
        const auto action = greeting.on_packet(CancelRequest{4711, "abcd"}, false);
        ASSERT_TRUE(std::holds_alternative<Cancel>(action)) << "libpq 15 cancels in plaintext";
        EXPECT_EQ(std::get<Cancel>(action).request.process_id, 4711);
        EXPECT_EQ(std::get<Cancel>(action).request.secret, "abcd");
    }
    ClientGreeting inside{tls_required, false};
    inside.on_packet(GssEncRequest{}, false);
    inside.on_packet(SslRequest{}, false);
    EXPECT_TRUE(std::holds_alternative<Cancel>(inside.on_packet(CancelRequest{1, "abcd"}, false)));
}

TEST_F(ClientGreetingTest, PassesARefusedPacketOn) {
    ClientGreeting greeting{tls_required, false};
    const auto action = greeting.on_packet(StartupError{"0A000", "unsupported"}, false);
    expect_refused(action, "0A000");
    EXPECT_EQ(std::get<StartupError>(action).message, "unsupported");
}

class ProtocolChoiceTest : public ::testing::Test {
protected:
    static ProtocolChoice choice(unsigned minor, std::vector<std::string> options = {}) {
        StartupMessage startup;
        startup.version = (3U << 16U) | minor;
        startup.protocol_options = std::move(options);
        return choose_protocol(startup);
    }
};

TEST_F(ProtocolChoiceTest, TellsAClientOf30Nothing) {
    EXPECT_EQ(choice(0).version, protocol_3_0);
    EXPECT_FALSE(choice(0).must_negotiate) << "libpq 15 dies of it";
}

TEST_F(ProtocolChoiceTest, Speaks32WithWhoAsksForIt) {
    EXPECT_EQ(choice(2).version, protocol_3_2);
    EXPECT_FALSE(choice(2).must_negotiate);
}

TEST_F(ProtocolChoiceTest, Speaks30WithWhoAsksForTheReserved31) {
    EXPECT_EQ(choice(1).version, protocol_3_0);
    EXPECT_TRUE(choice(1).must_negotiate);
}

TEST_F(ProtocolChoiceTest, Speaks32WithWhoAsksForMore) {
    for (const unsigned minor : {3U, 9U, 0xffffU}) {
        EXPECT_EQ(choice(minor).version, protocol_3_2);
        EXPECT_TRUE(choice(minor).must_negotiate);
    }
}

TEST_F(ProtocolChoiceTest, TellsOfOptionsThatAreUnknown) {
    EXPECT_TRUE(choice(0, {"_pq_.x"}).must_negotiate);
    EXPECT_EQ(choice(0, {"_pq_.x"}).version, protocol_3_0);
    EXPECT_TRUE(choice(2, {"_pq_.x"}).must_negotiate);
}

}  // namespace
}  // namespace curfew::postgres
