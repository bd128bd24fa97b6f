#include "protocol/postgres/passthrough_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "message_testing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/startup.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;
using testing::message_in;
using ::testing::Not;

using Turn = PassthroughLogin::Turn;
using ToClient = PassthroughLogin::ToClient;
using ToServer = PassthroughLogin::ToServer;
using Wait = PassthroughLogin::Wait;
using Authenticated = PassthroughLogin::Authenticated;
using Refused = PassthroughLogin::Refused;
using Failed = PassthroughLogin::Failed;

const std::string ok = authentication(AuthenticationCode::ok);
const std::string cleartext = authentication(AuthenticationCode::cleartext_password);
const std::string plain_scram = authentication_sasl({"SCRAM-SHA-256"});
const std::string both_scrams = authentication_sasl({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"});

class PassthroughLoginTest : public ::testing::Test {
protected:
    // What reaches the client of a message of the server's.
    std::string to_client(std::string_view bytes) {
        const auto step = login.on_server(message_in(bytes));
        const auto* message = std::get_if<ToClient>(&step);
        if (message == nullptr) throw std::logic_error("nothing reaches the client");
        return message->bytes;
    }
    // What reaches the server of a message of the client's.
    std::string to_server(std::string_view bytes) {
        const auto step = login.on_client(message_in(bytes));
        const auto* message = std::get_if<ToServer>(&step);
        if (message == nullptr) throw std::logic_error(std::get<Failed>(step).reason);
        return std::string{message->bytes.reveal()};
    }
    template <class Step>
    static Failed failure(const Step& step, std::string_view what = "") {
        const auto* failed = std::get_if<Failed>(&step);
        if (failed == nullptr) {
            ADD_FAILURE() << "it does not fail: " << what;
            return {};
        }
        EXPECT_EQ(failed->sqlstate.size(), 5U);
        EXPECT_TRUE(testing::is_harmless_line(failed->message)) << failed->message;
        EXPECT_TRUE(testing::is_harmless_line(failed->reason)) << failed->reason;
        return *failed;
    }
    void expect_authenticated() {
        const auto step = login.on_server(message_in(ok));
        ASSERT_TRUE(std::holds_alternative<Authenticated>(step));
        EXPECT_EQ(std::get<Authenticated>(step).bytes, ok);
    }

    PassthroughLogin login;
};

TEST_F(PassthroughLoginTest, BeginsWithTheServer) {
    EXPECT_EQ(login.turn(), Turn::server);
    failure(login.on_client(message_in(password_message("secret"))));
}

TEST_F(PassthroughLoginTest, PassesOnThatTheClientIsLetInAtOnce) {
    expect_authenticated();
}

TEST_F(PassthroughLoginTest, RelaysEveryMethodThatAsksForOnePassword) {
    const auto md5 = authentication(AuthenticationCode::md5_password, "\x01\x02\x03\x04");
    for (const auto& request : {cleartext, md5}) {
        login = {};
        EXPECT_EQ(to_client(request), request);
        EXPECT_EQ(login.turn(), Turn::client);
        EXPECT_EQ(to_server(password_message("secret")), password_message("secret"));
        EXPECT_EQ(login.turn(), Turn::server);
        expect_authenticated();
    }
}

TEST_F(PassthroughLoginTest, RelaysScram) {
    EXPECT_EQ(to_client(plain_scram), plain_scram);
    EXPECT_EQ(login.turn(), Turn::client);
    const auto first = sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abc");
    EXPECT_EQ(to_server(first), first);
    EXPECT_EQ(login.turn(), Turn::server);
    const auto challenge = authentication(AuthenticationCode::sasl_continue, "r=abcdef,s=YWJj,i=4096");
    EXPECT_EQ(to_client(challenge), challenge);
    EXPECT_EQ(login.turn(), Turn::client);
    const auto proof = sasl_response("c=biws,r=abcdef,p=AAAA");
    EXPECT_EQ(to_server(proof), proof);
    const auto end = authentication(AuthenticationCode::sasl_final, "v=YWJj");
    EXPECT_EQ(to_client(end), end);
    EXPECT_EQ(login.turn(), Turn::server) << "nothing is answered to that";
    expect_authenticated();
}

TEST_F(PassthroughLoginTest, RelaysGssapiWhereverItStops) {
    const auto request = authentication(AuthenticationCode::gss);
    const auto token = authentication(AuthenticationCode::gss_continue, "a token\0"sv);
    EXPECT_EQ(to_client(request), request);
    EXPECT_EQ(login.turn(), Turn::client);
    to_server(sasl_response("a ticket"));
    EXPECT_EQ(to_client(token), token);
    EXPECT_EQ(login.turn(), Turn::either);
    to_server(sasl_response("another token"));
    EXPECT_EQ(to_client(token), token);
    expect_authenticated();
}

TEST_F(PassthroughLoginTest, RelaysMechanismsThatItDoesNotKnow) {
    const auto offer = authentication_sasl({"OAUTHBEARER"});
    EXPECT_EQ(to_client(offer), offer);
    const auto response = sasl_initial_response("OAUTHBEARER",
                                                "y,,\x01"
                                                "auth=Bearer abc\x01\x01");
    EXPECT_EQ(to_server(response), response);
}

TEST_F(PassthroughLoginTest, TakesChannelBindingOffTheServersOffer) {
    EXPECT_EQ(to_client(both_scrams), plain_scram);
}

TEST_F(PassthroughLoginTest, RelaysAClientThatKnowsNoChannelBinding) {
    to_client(both_scrams);
    const auto first = sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abc");
    EXPECT_EQ(to_server(first), first);
}

TEST_F(PassthroughLoginTest, ExplainsToAClientThatCouldBindItself) {
    for (const auto& first :
         {sasl_initial_response("SCRAM-SHA-256", "y,,n=,r=abc"),
          sasl_initial_response("SCRAM-SHA-256", "p=tls-server-end-point,,n=,r=abc"),
          sasl_initial_response("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=,r=abc")}) {
        login = {};
        to_client(both_scrams);
        const auto failed = failure(login.on_client(message_in(first)));
        EXPECT_EQ(failed.sqlstate, "28000");
        EXPECT_THAT(failed.message, HasSubstr("channel_binding=disable"));
        EXPECT_THAT(failed.message, HasSubstr("login: managed"));
    }
}

TEST_F(PassthroughLoginTest, RelaysAClientThatCouldBindItselfWhereTheServerDidNotOfferIt) {
    to_client(plain_scram);
    const auto first = sasl_initial_response("SCRAM-SHA-256", "y,,n=,r=abc");
    EXPECT_EQ(to_server(first), first);
}

TEST_F(PassthroughLoginTest, LooksAtTheFirstResponseAlone) {
    to_client(both_scrams);
    to_server(sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abc"));
    to_client(authentication(AuthenticationCode::sasl_continue, "r=abcdef,s=YWJj,i=4096"));
    const auto looks_like_one = sasl_response("SCRAM-SHA-256-PLUS\0\0\0\0\0"sv);
    EXPECT_EQ(to_server(looks_like_one), looks_like_one);
}

TEST_F(PassthroughLoginTest, ExplainsWhereTheServerOffersOnlyChannelBinding) {
    const auto failed = failure(login.on_server(message_in(authentication_sasl({"SCRAM-SHA-256-PLUS"}))));
    EXPECT_EQ(failed.sqlstate, "28000");
    EXPECT_THAT(failed.message, HasSubstr("login: managed"));
    EXPECT_THAT(failed.message, HasSubstr("sslmode: disable"));
    EXPECT_THAT(failed.message, HasSubstr("Unix socket"));
}

TEST_F(PassthroughLoginTest, PassesTheServersRefusalOnAsItIs) {
    const auto error =
        error_response({"FATAL", "28P01", "password authentication failed for user \"alice\"", "d", "h"});
    for (const auto turn : {Turn::server, Turn::client}) {
        login = {};
        if (turn == Turn::client) to_client(cleartext);
        const auto step = login.on_server(message_in(error));
        ASSERT_TRUE(std::holds_alternative<Refused>(step));
        EXPECT_EQ(std::get<Refused>(step).bytes, error);
        EXPECT_EQ(std::get<Refused>(step).sqlstate, "28P01");
        EXPECT_THAT(std::get<Refused>(step).reason, HasSubstr("password authentication failed"));
    }
}

TEST_F(PassthroughLoginTest, ShowsTheLogNoControlCharactersOfTheServers) {
    const auto step =
        login.on_server(message_in(error_response({"FATAL", "\x1b[2J5", "\x1b[2J\nforged", "", ""})));
    EXPECT_EQ(std::get<Refused>(step).sqlstate, "");
    EXPECT_THAT(std::get<Refused>(step).reason, Not(HasSubstr("\x1b")));
    EXPECT_THAT(std::get<Refused>(step).reason, Not(HasSubstr("\n")));
}

// psql gives up at a notice before AuthenticationOk.
TEST_F(PassthroughLoginTest, KeepsNoticesAndTheNegotiationOfAVersionFromTheClient) {
    for (const auto turn : {Turn::server, Turn::client}) {
        login = {};
        if (turn == Turn::client) to_client(cleartext);
        EXPECT_TRUE(std::holds_alternative<Wait>(
            login.on_server(message_in(notice_response({"NOTICE", "00000", "hello", "", ""})))));
        EXPECT_TRUE(std::holds_alternative<Wait>(
            login.on_server(message_in(negotiate_protocol_version(protocol_3_0, {"_pq_.x"})))));
        EXPECT_EQ(login.turn(), turn);
    }
}

TEST_F(PassthroughLoginTest, TakesNothingButPasswordsFromTheClient) {
    for (const char type : testing::types_other_than("p")) {
        login = {};
        to_client(cleartext);
        EXPECT_EQ(failure(login.on_client({type, "secret\0"sv}), std::string{type}).sqlstate, "08P01");
    }
}

TEST_F(PassthroughLoginTest, TakesOnePasswordForEachRequest) {
    to_client(cleartext);
    to_server(password_message("secret"));
    failure(login.on_client(message_in(password_message("another"))));
}

TEST_F(PassthroughLoginTest, RefusesAMalformedFirstResponse) {
    for (const auto body : {""sv, "SCRAM-SHA-256"sv, "SCRAM-SHA-256\0\0\0\0\3n,"sv, "secret\0"sv,
                            "SCRAM-SHA-256\0\0\0\0\1n,,n=,r=abc"sv, "SCRAM-SHA-256\0\x7F\xFF\xFF\xFFn,,"sv}) {
        login = {};
        to_client(plain_scram);
        EXPECT_EQ(failure(login.on_client({'p', body}), body).sqlstate, "08P01");
    }
}

TEST_F(PassthroughLoginTest, TakesNothingElseFromTheServer) {
    for (const char type : testing::types_other_than("RENv")) {
        login = {};
        failure(login.on_server({type, "\0\0\0\0"sv}), std::string{type});
    }
}

TEST_F(PassthroughLoginTest, RefusesMalformedMessagesOfTheServers) {
    for (const auto body :
         {""sv, "\0\0\0"sv, "\0\0\0\x0a"sv, "\0\0\0\x0a\0"sv, "\0\0\0\x0aSCRAM-SHA-256\0"sv}) {
        login = {};
        failure(login.on_server({'R', body}), body);
    }
    for (const auto body : {""sv, "SFATAL"sv, "SFATAL\0"sv}) {
        login = {};
        failure(login.on_server({'E', body}), body);
    }
}

TEST_F(PassthroughLoginTest, RefusesAServerThatDoesNotWaitForThePassword) {
    to_client(cleartext);
    failure(login.on_server(message_in(ok)));
}

TEST_F(PassthroughLoginTest, ShowsNoneOfWhatTheClientSent) {
    to_client(plain_scram);
    const auto failed = failure(login.on_client(message_in(password_message("Tr0ub4dor"))));
    EXPECT_THAT(failed.message, Not(HasSubstr("Tr0ub4dor")));
    EXPECT_THAT(failed.reason, Not(HasSubstr("Tr0ub4dor")));
}

TEST_F(PassthroughLoginTest, TakesNothingAfterItsEnd) {
    expect_authenticated();
    failure(login.on_server(message_in(cleartext)));
    failure(login.on_client(message_in(password_message("secret"))));

    login = {};
    to_client(cleartext);
    failure(login.on_client({'Q', "SELECT 1\0"sv}));
    failure(login.on_client(message_in(password_message("secret"))));
    failure(login.on_server(message_in(ok)));
}

}  // namespace
}  // namespace curfew::postgres
