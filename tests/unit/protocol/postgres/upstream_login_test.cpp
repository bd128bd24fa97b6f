#include "protocol/postgres/upstream_login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "message_testing.hpp"
#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/person_authentication.hpp"
#include "protocol/postgres/sasl_messages.hpp"
#include "protocol/postgres/startup.hpp"
#include "scram_testing.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;
using testing::message_in;
using ::testing::Not;
using ::testing::Optional;

using Step = UpstreamLogin::Step;
using Send = UpstreamLogin::Send;
using Wait = UpstreamLogin::Wait;
using Authenticated = UpstreamLogin::Authenticated;
using Failed = UpstreamLogin::Failed;

const std::string ok = authentication(AuthenticationCode::ok);
const std::string cleartext = authentication(AuthenticationCode::cleartext_password);
const std::string md5 = authentication(AuthenticationCode::md5_password, "\x01\x02\x03\x04");
const std::string scram = authentication_sasl({"SCRAM-SHA-256"});
const std::string scram_and_plus = authentication_sasl({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"});

class UpstreamLoginTest : public ::testing::Test {
protected:
    static ChannelBinding binding() { return {"the certificate, hashed"}; }

    static UpstreamLogin login(Privacy privacy = Privacy::none,
                               std::optional<ChannelBinding> bound = std::nullopt) {
        return {"alice", Secret{std::string{testing::password}}, std::move(bound), privacy, testing::all(9)};
    }
    static UpstreamLogin login_with(std::optional<Secret> password) {
        return {"alice", std::move(password), std::nullopt, Privacy::verified, testing::all(9)};
    }

    static std::string sent(const Step& step) {
        const auto* send = std::get_if<Send>(&step);
        if (send == nullptr) throw std::logic_error("it sends nothing");
        return std::string{send->bytes.reveal()};
    }
    static std::string reason(const Step& step, std::string_view what = "") {
        const auto* failed = std::get_if<Failed>(&step);
        if (failed == nullptr) {
            ADD_FAILURE() << "it does not fail: " << what;
            return {};
        }
        EXPECT_THAT(failed->reason, HasSubstr("the PostgreSQL server"));
        EXPECT_TRUE(testing::is_harmless_line(failed->reason)) << failed->reason;
        EXPECT_THAT(failed->reason, Not(HasSubstr(std::string{testing::password})));
        return failed->reason;
    }
    // Why the login fails at its very first message.
    static std::string reason_for(std::string_view bytes) {
        auto begun = login();
        return reason(begun.on_message(message_in(bytes)), bytes);
    }

    // A server that knows the password.
    static PersonAuthentication server(std::optional<ChannelBinding> bound = std::nullopt) {
        return {"alice", testing::verifier(), true, std::move(bound), testing::all(7)};
    }
    // The exchange up to the server's last word, which it returns: AuthenticationSASLFinal.
    static std::string exchange(UpstreamLogin& login, PersonAuthentication server) {
        auto step = server.on_message(message_in(sent(login.on_message(message_in(server.begin())))));
        step = server.on_message(
            message_in(sent(login.on_message(message_in(std::get<PersonAuthentication::Send>(step).bytes)))));
        return std::get<PersonAuthentication::Accepted>(step).bytes;
    }
};

TEST_F(UpstreamLoginTest, TakesBeingLetInAtOnce) {
    auto with_password = login();
    EXPECT_TRUE(std::holds_alternative<Authenticated>(with_password.on_message(message_in(ok))));
    auto without = login_with(std::nullopt);
    EXPECT_TRUE(std::holds_alternative<Authenticated>(without.on_message(message_in(ok))));
}

TEST_F(UpstreamLoginTest, LogsInByScram) {
    auto begun = login();
    const std::string final = exchange(begun, server());
    EXPECT_TRUE(std::holds_alternative<Wait>(begun.on_message(message_in(final))));
    EXPECT_TRUE(std::holds_alternative<Authenticated>(begun.on_message(message_in(ok))));
}

TEST_F(UpstreamLoginTest, BindsItselfToTheChannelWhereTheServerOffersThat) {
    auto begun = login(Privacy::encrypted, binding());
    const auto first = sent(begun.on_message(message_in(scram_and_plus)));
    EXPECT_EQ(parse_sasl_initial_response(message_in(first).body)->mechanism, "SCRAM-SHA-256-PLUS");

    auto whole = login(Privacy::encrypted, binding());
    const std::string final = exchange(whole, server(binding()));
    EXPECT_TRUE(std::holds_alternative<Wait>(whole.on_message(message_in(final))));
    EXPECT_TRUE(std::holds_alternative<Authenticated>(whole.on_message(message_in(ok))));
}

TEST_F(UpstreamLoginTest, LeavesChannelBindingWhereThereIsNoTls) {
    auto begun = login();
    const auto first = sent(begun.on_message(message_in(scram_and_plus)));
    const auto response = parse_sasl_initial_response(message_in(first).body);
    EXPECT_EQ(response->mechanism, "SCRAM-SHA-256");
    EXPECT_TRUE(response->data->starts_with("n,,"));
}

TEST_F(UpstreamLoginTest, SaysThatItCouldHaveBoundItselfWhereThatWasNotOffered) {
    auto begun = login(Privacy::encrypted, binding());
    const auto first = sent(begun.on_message(message_in(scram)));
    EXPECT_TRUE(parse_sasl_initial_response(message_in(first).body)->data->starts_with("y,,"));
}

TEST_F(UpstreamLoginTest, DoesNotBelieveAServerThatLeavesScramWithoutItsProof) {
    auto at_the_start = login();
    at_the_start.on_message(message_in(scram));
    EXPECT_THAT(reason(at_the_start.on_message(message_in(ok))), HasSubstr("without proving"));

    auto at_the_end = login();
    exchange(at_the_end, server());
    EXPECT_THAT(reason(at_the_end.on_message(message_in(ok))), HasSubstr("without proving"));
}

TEST_F(UpstreamLoginTest, DoesNotBelieveAServerThatDoesNotKnowThePassword) {
    auto begun = login();
    exchange(begun, server());
    const auto forged =
        authentication(AuthenticationCode::sasl_final, "v=" + encode_base64(std::string(32, 'x')));
    EXPECT_THAT(reason(begun.on_message(message_in(forged))), HasSubstr("has not proven"));
    reason(begun.on_message(message_in(ok)));
}

TEST_F(UpstreamLoginTest, AnswersAnMd5Challenge) {
    auto begun = login_with(Secret{"secret"});
    EXPECT_EQ(sent(begun.on_message(message_in(md5))),
              password_message("md598a0412b9c31436fc53776e863350083"));
    EXPECT_TRUE(std::holds_alternative<Authenticated>(begun.on_message(message_in(ok))));
}

TEST_F(UpstreamLoginTest, SendsThePasswordInCleartextWhereNobodyOverhears) {
    auto begun = login(Privacy::verified);
    EXPECT_EQ(sent(begun.on_message(message_in(cleartext))), password_message(testing::password));
    EXPECT_TRUE(std::holds_alternative<Authenticated>(begun.on_message(message_in(ok))));
}

TEST_F(UpstreamLoginTest, SendsThePasswordInCleartextNowhereElse) {
    for (const auto privacy : {Privacy::none, Privacy::encrypted}) {
        auto begun = login(privacy);
        EXPECT_THAT(reason(begun.on_message(message_in(cleartext))), HasSubstr("verify-full"));
    }
}

TEST_F(UpstreamLoginTest, SaysWhatToConfigureWhereThereIsNoPassword) {
    for (const auto& request : {cleartext, md5, scram}) {
        auto none = login_with(std::nullopt);
        EXPECT_THAT(reason(none.on_message(message_in(request))), HasSubstr("role.password"));
        auto empty = login_with(Secret{});
        EXPECT_THAT(reason(empty.on_message(message_in(request))), HasSubstr("role.password"));
    }
}

TEST_F(UpstreamLoginTest, NamesAMethodThatItDoesNotHave) {
    EXPECT_THAT(reason_for(authentication(AuthenticationCode::gss)), HasSubstr("GSSAPI"));
    EXPECT_THAT(reason_for(authentication(AuthenticationCode::sspi)), HasSubstr("SSPI"));
    for (const std::uint32_t number : {1U, 2U, 4U, 6U, 8U, 13U, 4711U, 0xFFFFFFFFU}) {
        EXPECT_THAT(reason_for(authentication(static_cast<AuthenticationCode>(number))),
                    HasSubstr("number " + std::to_string(number)));
    }
}

TEST_F(UpstreamLoginTest, NamesTheMechanismsWhereItCanDoNone) {
    EXPECT_THAT(reason_for(authentication_sasl({"OAUTHBEARER", "PLAIN"})), HasSubstr("OAUTHBEARER, PLAIN"));
    EXPECT_THAT(reason_for(authentication_sasl({"SCRAM-SHA-256-PLUS"})), HasSubstr("SCRAM-SHA-256-PLUS"))
        << "without TLS there is nothing to bind to";
}

// An attacker in between could otherwise have SCRAM first, and then the password itself.
TEST_F(UpstreamLoginTest, RefusesToAuthenticateTwice) {
    for (const auto& first : {cleartext, md5, scram}) {
        for (const auto& second : {cleartext, md5, scram}) {
            auto begun = login(Privacy::verified);
            sent(begun.on_message(message_in(first)));
            EXPECT_THAT(reason(begun.on_message(message_in(second))), HasSubstr("second"));
        }
    }
}

TEST_F(UpstreamLoginTest, WaitsThroughNoticesAndTheNegotiationOfAVersion) {
    auto begun = login();
    EXPECT_TRUE(std::holds_alternative<Wait>(
        begun.on_message(message_in(notice_response({"NOTICE", "00000", "hello", "", ""})))));
    EXPECT_TRUE(std::holds_alternative<Wait>(
        begun.on_message(message_in(negotiate_protocol_version(protocol_3_0, {})))));
    EXPECT_TRUE(std::holds_alternative<Authenticated>(begun.on_message(message_in(ok))));
}

TEST_F(UpstreamLoginTest, SaysWhatTheServerRefusedItFor) {
    auto begun = login();
    const Step step = begun.on_message(message_in(
        error_response({"FATAL", "28P01", "password authentication failed for user \"alice\"", "", ""})));
    EXPECT_THAT(reason(step), HasSubstr("FATAL 28P01: password authentication failed for user \"alice\""));
    EXPECT_THAT(std::get<Failed>(step).sqlstate, Optional(std::string{"28P01"}));
}

TEST_F(UpstreamLoginTest, ShowsNoControlCharactersOfTheServers) {
    const auto said =
        reason_for(error_response({"FA\x1bTAL", "28000", "\x1b[2Jgone\r\nlog: forged", "", ""}));
    EXPECT_THAT(said, Not(HasSubstr("\x1b")));
    EXPECT_THAT(said, Not(HasSubstr("\n")));
}

TEST_F(UpstreamLoginTest, TakesNoSqlstateThatIsNone) {
    for (const auto* code : {"", "2800", "280000", "28\x1b[0", "28p01"}) {
        auto begun = login();
        const Step step = begun.on_message(message_in(error_response({"FATAL", code, "no", "", ""})));
        reason(step);
        EXPECT_EQ(std::get<Failed>(step).sqlstate, std::nullopt) << code;
    }
}

TEST_F(UpstreamLoginTest, RefusesAnErrorThatItCannotUnderstand) {
    for (const auto body : {""sv, "S"sv, "SFATAL\0"sv, "SFATAL\0\0behind"sv}) {
        auto begun = login();
        EXPECT_THAT(reason(begun.on_message({'E', body})), HasSubstr("cannot be understood"));
    }
}

TEST_F(UpstreamLoginTest, RefusesEveryOtherMessage) {
    for (const char type : testing::types_other_than("RENv")) {
        auto begun = login();
        reason(begun.on_message({type, "\0\0\0\0"sv}), std::string{type});
    }
}

TEST_F(UpstreamLoginTest, RefusesMalformedRequests) {
    for (const auto body : {
             ""sv, "\0\0\0"sv,
             "\0\0\0\0x"sv,                   // AuthenticationOk, and more
             "\0\0\0\x05"sv,                  // MD5 without a salt
             "\0\0\0\x05\1\2\3"sv,            // with a short one
             "\0\0\0\x05\1\2\3\4\5"sv,        // with a long one
             "\0\0\0\x0a"sv,                  // SASL without a list
             "\0\0\0\x0a\0"sv,                // with an empty one
             "\0\0\0\x0aSCRAM-SHA-256\0"sv,   // without its end
             "\0\0\0\x0br=abc,s=YWJj,i=1"sv,  // a challenge that nobody asked for
             "\0\0\0\x0cv=YWJj"sv,            // an end of nothing
         }) {
        auto begun = login(Privacy::verified);
        reason(begun.on_message({'R', body}), body);
    }
}

TEST_F(UpstreamLoginTest, RefusesMalformedChallenges) {
    for (const auto data : {""sv, "r=abc"sv, "r=other,s=YWJj,i=4096"sv, "\0"sv, "e=other-error"sv}) {
        auto begun = login();
        sent(begun.on_message(message_in(scram)));
        reason(begun.on_message(message_in(authentication(AuthenticationCode::sasl_continue, data))), data);
    }
}

TEST_F(UpstreamLoginTest, RefusesAnEndOfScramBeforeItsChallenge) {
    auto begun = login();
    sent(begun.on_message(message_in(scram)));
    reason(begun.on_message(message_in(authentication(AuthenticationCode::sasl_final, "v=YWJj"))));
}

TEST_F(UpstreamLoginTest, TakesNothingAfterItsEnd) {
    auto done = login();
    done.on_message(message_in(ok));
    reason(done.on_message(message_in(ok)));

    auto failed = login();
    failed.on_message({'Z', "I"});
    reason(failed.on_message(message_in(ok)));
    reason(failed.on_message(message_in(scram)));
}

}  // namespace
}  // namespace curfew::postgres
