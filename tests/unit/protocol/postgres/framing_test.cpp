#include "protocol/postgres/framing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "message_testing.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;

TEST(Integers, AreBigEndian) {
    EXPECT_EQ(read_u32("\x01\x02\x03\x04"), 0x01020304U);
    EXPECT_EQ(read_u16("\x01\x02"), 0x0102U);
    std::string out = "x";
    append_u32(out, 0x01020304U);
    EXPECT_EQ(out, "x\x01\x02\x03\x04");
}

TEST(Integers, HaveAllTheirBits) {
    EXPECT_EQ(read_u32("\xff\xfe\xfd\xfc"), 0xfffefdfcU);
    EXPECT_EQ(read_u16("\xff\xfe"), 0xfffeU);
    std::string out;
    append_u32(out, 0xfffefdfcU);
    EXPECT_EQ(out, "\xff\xfe\xfd\xfc");
}

TEST(Header, CountsTheBodyWithoutTheLengthWord) {
    Header header;
    ASSERT_TRUE(read_header("Q\0\0\0\x0e", header));
    EXPECT_EQ(header.type, 'Q');
    EXPECT_EQ(header.body_length, 10U);
}

TEST(Header, MayHaveAnEmptyBody) {
    Header header;
    ASSERT_TRUE(read_header("H\0\0\0\4", header));
    EXPECT_EQ(header.body_length, 0U);
}

TEST(Header, MayHaveTheLongestBodyThereIs) {
    Header header;
    ASSERT_TRUE(read_header("d\x7f\xff\xff\xff", header));
    EXPECT_EQ(header.body_length, 0x7fffffffU - 4);
}

TEST(Header, RefusesALengthThatNoMessageCanHave) {
    for (const auto* bytes : {"Q\0\0\0\0", "Q\0\0\0\3", "Q\x80\0\0\0", "Q\xff\xff\xff\xff"}) {
        Header header;
        EXPECT_FALSE(read_header(bytes, header)) << std::hex << read_u32(bytes + 1);
    }
}

TEST(Message, IsWrittenWithItsLength) {
    std::string out = "before";
    append_message(out, 'Q', [](std::string& body) { body.append("SELECT 1\0"sv); });
    EXPECT_EQ(out, "beforeQ\0\0\0\x0dSELECT 1\0"sv);
}

TEST(Message, IsWrittenWithALengthOfSeveralBytes) {
    std::string out;
    append_message(out, 'd', [](std::string& body) { body.append(0x01'02'03, 'x'); });
    EXPECT_EQ(out.substr(0, header_size), "d\x00\x01\x02\x07"sv);
    EXPECT_EQ(out.size(), header_size + 0x01'02'03);
}

TEST(Message, IsEncodedAsItWasRead) {
    const auto bytes = "Z\0\0\0\5I"sv;
    EXPECT_EQ(encode(testing::message_in(bytes)), bytes);
    EXPECT_EQ(encode({'H', ""}), "H\0\0\0\4"sv);
}

}  // namespace
}  // namespace curfew::postgres
