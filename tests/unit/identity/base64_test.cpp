#include "identity/base64.hpp"

#include <gtest/gtest.h>

namespace curfew::identity {
namespace {

// RFC 4648, section 10, without the padding.
TEST(Base64, WritesAndReadsTheVectorsOfItsRfc) {
    const std::pair<std::string, std::string> vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(encode_base64(bytes, Base64::standard), text);
        EXPECT_EQ(decode_base64(text, Base64::standard), bytes);
        EXPECT_EQ(encode_base64(bytes, Base64::url), text);
    }
}

TEST(Base64, HasTwoAlphabets) {
    const std::string bytes = "\xfb\xff\xbf";
    EXPECT_EQ(encode_base64(bytes, Base64::standard), "+/+/");
    EXPECT_EQ(encode_base64(bytes, Base64::url), "-_-_");
    EXPECT_EQ(decode_base64("+/+/", Base64::url), std::nullopt);
    EXPECT_EQ(decode_base64("-_-_", Base64::standard), std::nullopt);
}

TEST(Base64, ReadsNothingButWhatItWrites) {
    for (const char* text : {"Z", "Zg==", "Zg=", "Zm9v\n", " Zm9v", "Zm 9v", "Zm9vY", "Zm9v!", "Zh"})
        EXPECT_EQ(decode_base64(text, Base64::url), std::nullopt) << text;
}

}  // namespace
}  // namespace curfew::identity
