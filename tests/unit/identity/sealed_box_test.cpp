#include "identity/sealed_box.hpp"

#include <gtest/gtest.h>

#include <string>

namespace curfew::identity {
namespace {

const Secret installation{std::string(32, 's')};

TEST(SealedBox, OpensWhatItSealed) {
    const SealedBox box{installation, "cookies"};
    for (const std::string text : {"", "a", "{\"state\":\"…\"}"}) {
        const auto opened = box.open(box.seal(text));
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->reveal(), text);
    }
}

TEST(SealedBox, OpensWhatAnotherNodeSealed) {
    const auto opened =
        SealedBox{installation, "cookies"}.open(SealedBox{installation, "cookies"}.seal("text"));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), "text");
}

TEST(SealedBox, ShowsNothingOfWhatIsInIt) {
    const SealedBox box{installation, "cookies"};
    const std::string sealed = box.seal("verifier verifier");
    EXPECT_EQ(sealed.find("verifier"), std::string::npos);
    EXPECT_NE(sealed, box.seal("verifier verifier")) << "not even that it is the same";
}

TEST(SealedBox, DoesNotOpenWhatWasSealedForAnotherPurpose) {
    EXPECT_FALSE((SealedBox{installation, "devices"}.open(SealedBox{installation, "cookies"}.seal("text"))));
}

TEST(SealedBox, DoesNotOpenWhatWasSealedUnderAnotherSecret) {
    const SealedBox other{Secret{std::string(32, 't')}, "cookies"};
    EXPECT_FALSE((SealedBox{installation, "cookies"}.open(other.seal("text"))));
}

TEST(SealedBox, DoesNotOpenWhatWasChanged) {
    const SealedBox box{installation, "cookies"};
    const std::string sealed = box.seal("text");
    for (std::size_t i = 0; i + 1 < sealed.size(); ++i) {  // the last character may hold no whole bits
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(box.open(changed)) << i;
        EXPECT_FALSE(box.open(sealed.substr(0, i))) << i;
    }
    EXPECT_FALSE(box.open(sealed + "AAAA"));
}

}  // namespace
}  // namespace curfew::identity
