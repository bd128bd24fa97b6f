#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocol/postgres/framing.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/sasl_messages.hpp"
#include "protocol/postgres/scram_attributes.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::Optional;

TEST(SaslMechanisms, AreReadInTheServersOrder) {
    EXPECT_THAT(parse_sasl_mechanisms("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"sv),
                Optional(ElementsAre("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256")));
}

TEST(SaslMechanisms, AreReadAsAuthenticationSaslWritesThem) {
    const std::string message = authentication_sasl({"SCRAM-SHA-256", "OAUTHBEARER"});
    const std::size_t code_size = 4;
    EXPECT_THAT(parse_sasl_mechanisms(std::string_view{message}.substr(header_size + code_size)),
                Optional(ElementsAre("SCRAM-SHA-256", "OAUTHBEARER")));
}

TEST(SaslMechanisms, AreRefusedWhenMalformed) {
    for (const auto list : {""sv, "\0"sv, "SCRAM-SHA-256"sv, "SCRAM-SHA-256\0"sv, "\0SCRAM-SHA-256\0\0"sv,
                            "SCRAM-SHA-256\0\0\0"sv, "SCRAM-SHA-256\0\0x"sv, "scram\0\0"sv, "A B\0\0"sv,
                            "A\nB\0\0"sv, "A-NAME-OF-21-LETTERS-\0\0"sv}) {
        EXPECT_EQ(parse_sasl_mechanisms(list), std::nullopt) << list;
    }
}

TEST(SaslMechanisms, AreRefusedWhenTooMany) {
    std::string list;
    for (std::size_t i = 0; i < most_sasl_mechanisms; ++i)
        list += "MECHANISM\0"sv;
    EXPECT_TRUE(parse_sasl_mechanisms(list + '\0'));
    list += "MECHANISM\0"sv;
    EXPECT_FALSE(parse_sasl_mechanisms(list + '\0'));
}

TEST(SaslInitialResponse, IsReadAsItIsBuilt) {
    const std::string message = sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=abc");
    const auto response = parse_sasl_initial_response(std::string_view{message}.substr(header_size));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->mechanism, "SCRAM-SHA-256");
    EXPECT_EQ(response->data, "n,,n=,r=abc");
}

TEST(SaslInitialResponse, TellsNoDataFromEmptyData) {
    const auto none = parse_sasl_initial_response("SCRAM-SHA-256\0\xFF\xFF\xFF\xFF"sv);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->data, std::nullopt);
    const auto empty = parse_sasl_initial_response("SCRAM-SHA-256\0\0\0\0\0"sv);
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->data, "");
}

TEST(SaslInitialResponse, IsRefusedWhenMalformed) {
    for (const auto body :
         {""sv, "\0"sv, "SCRAM-SHA-256"sv, "SCRAM-SHA-256\0"sv, "SCRAM-SHA-256\0\0\0\0"sv, "\0\0\0\0\1x"sv,
          "SCRAM-SHA-256\0\0\0\0\1"sv, "SCRAM-SHA-256\0\0\0\0\1xy"sv, "SCRAM-SHA-256\0\0\0\0\0x"sv,
          "SCRAM-SHA-256\0\xFF\xFF\xFF\xFFx"sv, "SCRAM-SHA-256\0\xFF\xFF\xFF\xFEx"sv,
          "SCRAM-SHA-256\0\x7F\xFF\xFF\xFFx"sv, "SCRAM-SHA-256\0\x80\0\0\0x"sv, "secret\0"sv}) {
        EXPECT_FALSE(parse_sasl_initial_response(body)) << body;
    }
}

TEST(ScramAttributes, AreReadOneByOne) {
    ScramAttributes attributes{"c=biws,r=a=b,p="};
    EXPECT_EQ(attributes.take('c'), "biws");
    EXPECT_EQ(attributes.position(), 7U);
    EXPECT_EQ(attributes.take('r'), "a=b");
    EXPECT_FALSE(attributes.at_end());
    EXPECT_EQ(attributes.take('p'), "");
    EXPECT_TRUE(attributes.at_end());
    EXPECT_FALSE(attributes.next());
    EXPECT_TRUE(attributes.at_end());
}

TEST(ScramAttributes, StayWhereAnotherIsExpected) {
    ScramAttributes attributes{"c=biws,r=abc"};
    EXPECT_EQ(attributes.take('r'), std::nullopt);
    EXPECT_EQ(attributes.take('c'), "biws");
}

TEST(ScramAttributes, NeverEndWhereTheMessageIsMalformed) {
    for (const auto* message : {"", ",", "c", "=", "c:x", "1=x", "c=x,", "c=x,,r=y", "c=x,r", " c=x"}) {
        ScramAttributes attributes{message};
        while (attributes.next()) {
        }
        EXPECT_FALSE(attributes.at_end()) << message;
    }
}

}  // namespace
}  // namespace curfew::postgres
