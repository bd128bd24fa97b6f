#include "protocol/postgres/person_authentication.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "message_testing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/sasl_messages.hpp"
#include "protocol/postgres/scram_client.hpp"
#include "scram_testing.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;
using testing::message_in;
using ::testing::Not;

using Step = PersonAuthentication::Step;
using Send = PersonAuthentication::Send;
using Accepted = PersonAuthentication::Accepted;
using Rejected = PersonAuthentication::Rejected;

class PersonAuthenticationTest : public ::testing::Test {
protected:
    static ChannelBinding binding() { return {"the certificate, hashed"}; }

    static PersonAuthentication person(std::optional<ChannelBinding> bound = std::nullopt) {
        return {"alice", testing::verifier(), true, std::move(bound), testing::all(7)};
    }
    static PersonAuthentication stranger() {
        return {"zelda", mock_verifier("zelda", "a secret of this server"), false, std::nullopt,
                testing::all(7)};
    }

    static std::string_view data_of(const Message& message) { return message.body.substr(4); }

    // The whole exchange with a client that does it right; counts the messages it was asked for.
    static Step log_in(PersonAuthentication& person, ScramClient& client, int& asked) {
        asked = 1;
        Step step = person.on_message(
            message_in(sasl_initial_response(to_string(client.mechanism()), client.client_first())));
        while (const auto* send = std::get_if<Send>(&step)) {
            ++asked;
            const Message challenge = message_in(send->bytes);
            EXPECT_EQ(authentication_code(challenge.body), AuthenticationCode::sasl_continue);
            const auto response = client.on_server_first(data_of(challenge));
            if (!response) throw std::logic_error(response.error().message);
            step = person.on_message(message_in(sasl_response(*response)));
        }
        return step;
    }
    static Step log_in(PersonAuthentication& person, std::string_view password) {
        ScramClient client{Secret{std::string{password}}, std::nullopt, false, testing::all(9)};
        int asked = 0;
        return log_in(person, client, asked);
    }

    static void expect_rejected(const Step& step, std::string_view sqlstate, std::string_view what = "") {
        const auto* rejected = std::get_if<Rejected>(&step);
        ASSERT_NE(rejected, nullptr) << what;
        EXPECT_EQ(rejected->sqlstate, sqlstate) << what << ": " << rejected->reason;
        EXPECT_TRUE(testing::is_harmless_line(rejected->message)) << rejected->message;
        EXPECT_TRUE(testing::is_harmless_line(rejected->reason)) << rejected->reason;
    }
    static void expect_violation(std::string_view type_and_body) {
        auto begun = person();
        expect_rejected(begun.on_message({type_and_body[0], type_and_body.substr(1)}), "08P01",
                        type_and_body);
    }
};

TEST_F(PersonAuthenticationTest, OffersNoChannelBindingWithoutTls) {
    EXPECT_EQ(person().begin(), authentication_sasl({"SCRAM-SHA-256"}));
}

TEST_F(PersonAuthenticationTest, OffersChannelBindingFirstOverTls) {
    EXPECT_EQ(person(binding()).begin(), authentication_sasl({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}));
}

TEST_F(PersonAuthenticationTest, AcceptsTheRightPasswordAndProvesItself) {
    auto begun = person();
    ScramClient client{Secret{std::string{testing::password}}, std::nullopt, false, testing::all(9)};
    int asked = 0;
    const Step step = log_in(begun, client, asked);
    ASSERT_TRUE(std::holds_alternative<Accepted>(step));
    const Message last = message_in(std::get<Accepted>(step).bytes);
    EXPECT_EQ(authentication_code(last.body), AuthenticationCode::sasl_final);
    EXPECT_TRUE(client.on_server_final(data_of(last)));
    EXPECT_TRUE(client.server_proven());
    EXPECT_EQ(asked, 2);
}

TEST_F(PersonAuthenticationTest, AcceptsAClientThatBindsItselfToTheChannel) {
    auto begun = person(binding());
    ScramClient client{Secret{std::string{testing::password}}, binding(), true, testing::all(9)};
    ASSERT_EQ(client.mechanism(), ScramMechanism::sha_256_plus);
    int asked = 0;
    EXPECT_TRUE(std::holds_alternative<Accepted>(log_in(begun, client, asked)));
}

TEST_F(PersonAuthenticationTest, RefusesAClientThatIsBoundToAnotherChannel) {
    auto begun = person(binding());
    ScramClient client{Secret{std::string{testing::password}}, ChannelBinding{"another's"}, true,
                       testing::all(9)};
    int asked = 0;
    expect_rejected(log_in(begun, client, asked), "28P01");
}

TEST_F(PersonAuthenticationTest, RefusesAClientThatWasNotToldOfChannelBinding) {
    auto begun = person(binding());
    expect_rejected(begun.on_message(message_in(sasl_initial_response("SCRAM-SHA-256", "y,,n=,r=abc"))),
                    "28P01");
}

TEST_F(PersonAuthenticationTest, AsksAnewWhereTheFirstResponseBroughtNoData) {
    auto begun = person();
    const Step step = begun.on_message({'p', "SCRAM-SHA-256\0\xFF\xFF\xFF\xFF"sv});
    ASSERT_TRUE(std::holds_alternative<Send>(step));
    EXPECT_EQ(std::get<Send>(step).bytes, authentication(AuthenticationCode::sasl_continue));
    const Step next = begun.on_message(message_in(sasl_response("n,,n=,r=abc")));
    ASSERT_TRUE(std::holds_alternative<Send>(next));
    EXPECT_THAT(std::get<Send>(next).bytes, HasSubstr("r=abc"));
}

TEST_F(PersonAuthenticationTest, RefusesAWrongPassword) {
    auto begun = person();
    const Step step = log_in(begun, "curfew rings at nine");
    expect_rejected(step, "28P01");
    EXPECT_EQ(std::get<Rejected>(step).message, "password authentication failed for user \"alice\"");
    EXPECT_THAT(std::get<Rejected>(step).reason, HasSubstr("password is wrong"));
}

TEST_F(PersonAuthenticationTest, RefusesAnUnknownUserInTheSameWordsAfterTheSameMessages) {
    auto alice = person();
    auto zelda = stranger();
    ScramClient of_alice{Secret{"wrong"}, std::nullopt, false, testing::all(9)};
    ScramClient of_zelda{Secret{"wrong"}, std::nullopt, false, testing::all(9)};
    int asked_alice = 0;
    int asked_zelda = 0;
    const auto wrong = std::get<Rejected>(log_in(alice, of_alice, asked_alice));
    const auto unknown = std::get<Rejected>(log_in(zelda, of_zelda, asked_zelda));
    EXPECT_EQ(asked_alice, asked_zelda);
    EXPECT_EQ(wrong.sqlstate, unknown.sqlstate);
    EXPECT_EQ(testing::with(wrong.message, "alice", "zelda"), unknown.message);
    EXPECT_NE(wrong.reason, unknown.reason) << "the log tells them apart";
}

TEST_F(PersonAuthenticationTest, ShowsNoControlCharactersOfTheName) {
    PersonAuthentication begun{"al\x1b[2Jice", testing::verifier(), true, std::nullopt, testing::all(7)};
    EXPECT_THAT(std::get<Rejected>(log_in(begun, "wrong")).message, Not(HasSubstr("\x1b")));
}

TEST_F(PersonAuthenticationTest, RefusesAMechanismThatWasNotOffered) {
    for (const auto mechanism : {"SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "OAUTHBEARER", "PLAIN"}) {
        auto begun = person();
        const Step step = begun.on_message(
            message_in(sasl_initial_response(mechanism, "p=tls-server-end-point,,n=,r=abc")));
        expect_rejected(step, "08P01", mechanism);
        EXPECT_THAT(std::get<Rejected>(step).reason, HasSubstr(mechanism));
    }
}

// CVE-2026-107350: a StartupMessage's first byte is 0 (its length), so it is among them.
TEST_F(PersonAuthenticationTest, RefusesEveryMessageButAPassword) {
    const std::string body = sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abc").substr(header_size);
    for (const char type : testing::types_other_than("p"))
        expect_violation(type + body);
}

TEST_F(PersonAuthenticationTest, RefusesEveryOtherMessageInTheMiddleToo) {
    for (const char type : testing::types_other_than("p")) {
        auto begun = person();
        begun.on_message(message_in(sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abc")));
        expect_rejected(begun.on_message({type, "c=biws,r=abc"}), "08P01", std::string{type});
    }
}

TEST_F(PersonAuthenticationTest, RefusesWhatIsNoSaslInitialResponse) {
    for (const auto message : {
             "p"sv,
             "psecret\0"sv,  // a PasswordMessage
             "pSCRAM-SHA-256"sv,
             "pSCRAM-SHA-256\0"sv,
             "pSCRAM-SHA-256\0\0\0"sv,
             "pSCRAM-SHA-256\0\0\0\0\3n,"sv,
             "pSCRAM-SHA-256\0\0\0\0\1n,,n=,r=abc"sv,
             "pSCRAM-SHA-256\0\x7F\xFF\xFF\xFFn,,n=,r=abc"sv,
             "pSCRAM-SHA-256\0\xFF\xFF\xFF\xFFn,,n=,r=abc"sv,
             "p\0\0\0\0\0"sv,
             "pscram-sha-256\0\0\0\0\0"sv,
         }) {
        expect_violation(message);
    }
}

TEST_F(PersonAuthenticationTest, RefusesAMalformedFirstMessage) {
    for (const auto data : {""sv, "n,,"sv, "y,,n=,r="sv, "p=tls-unique,,n=,r=abcdefghijklmnop"sv,
                            "n,,n=\0,r=a"sv, "n,a=admin,n=,r=abc"sv}) {
        expect_violation('p' + sasl_initial_response("SCRAM-SHA-256", data).substr(header_size));
    }
}

TEST_F(PersonAuthenticationTest, RefusesAMalformedSecondMessage) {
    for (const auto data :
         {""sv, "c=biws"sv, "c=biws,r=other,p=AAAA"sv, "p=,r=,c="sv, "\xff\xfe"sv, "n,,n=,r=abc"sv}) {
        auto begun = person();
        begun.on_message(message_in(sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abc")));
        expect_rejected(begun.on_message(message_in(sasl_response(data))), "08P01", data);
    }
}

TEST_F(PersonAuthenticationTest, TakesTheLongestMessageAndNoneThatIsLonger) {
    const std::string first = "n,,n=,r=";
    const std::string longest = first + std::string(longest_scram_message - first.size(), 'x');
    auto fits = person();
    EXPECT_TRUE(std::holds_alternative<Send>(
        fits.on_message(message_in(sasl_initial_response("SCRAM-SHA-256", longest)))));

    auto begun = person();
    const Step step = begun.on_message({'p', std::string(longest_password_message + 1, 'x')});
    expect_rejected(step, "08P01");
    EXPECT_EQ(std::get<Rejected>(step).message, PersonAuthentication::reject_length().message);
}

TEST_F(PersonAuthenticationTest, TakesNothingAfterItsEnd) {
    auto begun = person();
    ASSERT_TRUE(std::holds_alternative<Accepted>(log_in(begun, testing::password)));
    expect_rejected(begun.on_message(message_in(sasl_response("c=biws"))), "08P01");
}

TEST_F(PersonAuthenticationTest, DoesNotBeginAgainAfterARejection) {
    auto begun = person();
    expect_rejected(begun.on_message({'Q', "SELECT 1\0"sv}), "08P01");
    expect_rejected(log_in(begun, testing::password), "08P01");
}

TEST_F(PersonAuthenticationTest, ShowsNoneOfWhatTheClientSent) {
    auto begun = person();
    const auto rejected = std::get<Rejected>(begun.on_message(message_in(password_message("Tr0ub4dor"))));
    EXPECT_THAT(rejected.message, Not(HasSubstr("Tr0ub4dor")));
    EXPECT_THAT(rejected.reason, Not(HasSubstr("Tr0ub4dor")));
}

}  // namespace
}  // namespace curfew::postgres
