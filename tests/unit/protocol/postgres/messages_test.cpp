#include "protocol/postgres/messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "message_testing.hpp"
#include "protocol/postgres/startup.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::message_in;
using ::testing::Optional;
using ::testing::Pair;

TEST(ErrorResponse, IsWrittenFieldByField) {
    EXPECT_EQ(error_response({"FATAL", "57P01", "your access ended", "grant g-1", "ask again"}),
              "E\0\0\0\x43"
              "SFATAL\0"
              "VFATAL\0"
              "C57P01\0"
              "Myour access ended\0"
              "Dgrant g-1\0"
              "Hask again\0\0"sv);
}

TEST(ErrorResponse, LeavesOutWhatIsEmpty) {
    const auto error = error_response({"FATAL", "28000", "no", "", ""});
    EXPECT_THAT(
        parse_report_fields(message_in(error).body),
        Optional(ElementsAre(Pair('C', "28000"), Pair('M', "no"), Pair('S', "FATAL"), Pair('V', "FATAL"))));
}

// It would end the field, and begin another that somebody else wrote.
TEST(ErrorResponse, LetsNoZeroByteIntoAField) {
    const auto error = error_response({"FATAL", "28000", "no\0C00000"s, "\0"s, ""});
    const auto fields = parse_report_fields(message_in(error).body);
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->at('C'), "28000");
    EXPECT_EQ(fields->at('M'), "no?C00000");
    EXPECT_EQ(fields->at('D'), "?");
}

TEST(NoticeResponse, IsAnErrorResponseOfAnotherType) {
    const Report report{"NOTICE", "00000", "until 14:00", "", ""};
    const auto notice = notice_response(report);
    EXPECT_EQ(message_in(notice).type, 'N');
    EXPECT_EQ(notice.substr(1), error_response(report).substr(1));
}

TEST(ReportFields, AreRead) {
    EXPECT_THAT(parse_report_fields("SFATAL\0C57P01\0Mgone\0\0"sv),
                Optional(ElementsAre(Pair('C', "57P01"), Pair('M', "gone"), Pair('S', "FATAL"))));
}

TEST(ReportFields, MayBeEmptyOrNone) {
    EXPECT_THAT(parse_report_fields("\0"sv), Optional(IsEmpty()));
    EXPECT_THAT(parse_report_fields("M\0\0"sv), Optional(ElementsAre(Pair('M', ""))));
}

TEST(ReportFields, AreThoseThatCameFirst) {
    EXPECT_THAT(parse_report_fields("C57P01\0C00000\0\0"sv), Optional(ElementsAre(Pair('C', "57P01"))));
}

TEST(ReportFields, AreRefusedWhenMalformed) {
    for (const auto body :
         {""sv, "S"sv, "SFATAL"sv, "SFATAL\0"sv, "SFATAL\0M"sv, "SFATAL\0\0behind"sv, "\0\0"sv})
        EXPECT_EQ(parse_report_fields(body), std::nullopt) << body;
}

TEST(Authentication, IsWrittenWithItsCode) {
    EXPECT_EQ(authentication(AuthenticationCode::ok), "R\0\0\0\x08\0\0\0\0"sv);
    EXPECT_EQ(authentication(AuthenticationCode::md5_password, "salt"), "R\0\0\0\x0c\0\0\0\x05salt"sv);
    EXPECT_EQ(authentication_sasl({"SCRAM-SHA-256"}), "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"sv);
}

TEST(Authentication, HasTheCodeThatItIsReadBackWith) {
    for (const auto code :
         {AuthenticationCode::ok, AuthenticationCode::cleartext_password, AuthenticationCode::md5_password,
          AuthenticationCode::gss, AuthenticationCode::gss_continue, AuthenticationCode::sspi,
          AuthenticationCode::sasl, AuthenticationCode::sasl_continue, AuthenticationCode::sasl_final}) {
        EXPECT_EQ(authentication_code(message_in(authentication(code, "rest")).body), code);
    }
}

TEST(Authentication, HasNoCodeWhenTooShort) {
    EXPECT_EQ(authentication_code(""), std::nullopt);
    EXPECT_EQ(authentication_code("\0\0\0"sv), std::nullopt);
}

TEST(BackendKeyData, IsReadAsItIsWritten) {
    for (const auto& secret : {"\0\1\2\3"s, std::string(32, 'k'), std::string(256, '\xff')}) {
        for (const std::int32_t process_id : {1, INT32_MAX, -1, INT32_MIN}) {
            const auto bytes = backend_key_data(process_id, secret);
            EXPECT_EQ(message_in(bytes).type, 'K');
            const auto key = parse_backend_key_data(message_in(bytes).body);
            ASSERT_TRUE(key);
            EXPECT_EQ(key->process_id, process_id);
            EXPECT_EQ(key->secret, secret);
        }
    }
}

TEST(BackendKeyData, IsRefusedWithASecretThatIsNone) {
    for (const std::size_t size : {0U, 3U, 4U, 7U, 261U, 1000U})
        EXPECT_FALSE(parse_backend_key_data(std::string(size, 'k'))) << size;
    EXPECT_TRUE(parse_backend_key_data(std::string(8, 'k')));
    EXPECT_TRUE(parse_backend_key_data(std::string(260, 'k')));
}

TEST(ReadyForQuery, HasOneByteOfStatus) {
    EXPECT_EQ(ready_for_query('T'), "Z\0\0\0\5T"sv);
}

TEST(NegotiateProtocolVersion, NamesTheNewestVersionAndTheUnknownOptions) {
    EXPECT_EQ(negotiate_protocol_version(protocol_3_2, {}), "v\0\0\0\x0c\0\3\0\2\0\0\0\0"sv);
    EXPECT_EQ(negotiate_protocol_version(protocol_3_0, {"_pq_.a", "_pq_.b"}),
              "v\0\0\0\x1a\0\3\0\0\0\0\0\2_pq_.a\0_pq_.b\0"sv);
}

TEST(PasswordMessage, EndsWithAZero) {
    EXPECT_EQ(password_message("secret"), "p\0\0\0\x0bsecret\0"sv);
}

TEST(SaslMessages, AreWritten) {
    EXPECT_EQ(sasl_initial_response("SCRAM-SHA-256", "n,,"), "p\0\0\0\x19SCRAM-SHA-256\0\0\0\0\3n,,"sv);
    EXPECT_EQ(sasl_response("c=biws"),
              "p\0\0\0\x0a"
              "c=biws"sv);
}

TEST(Ending, IsWritten) {
    EXPECT_EQ(terminate(), "X\0\0\0\4"sv);
    EXPECT_EQ(copy_fail("gone"), "f\0\0\0\x09gone\0"sv);
}

}  // namespace
}  // namespace curfew::postgres
