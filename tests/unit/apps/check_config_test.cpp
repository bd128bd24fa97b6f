#include "apps/check_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/temporary_directory.hpp"

namespace curfew::apps {
namespace {

using testing::HasSubstr;

class CheckConfig : public testing::Test {
protected:
    bool check(const std::string& file) { return check_config(file, out, err); }
    std::string write(const std::string& text) { return directory.write("curfew.yaml", text); }

    test::TemporaryDirectory directory{"curfew-check"};
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(CheckConfig, SumsUpAValidFile) {
    const auto file = write(R"(
listeners: [{ address: "127.0.0.1:6432" }, { address: "127.0.0.1:6433" }]
resources: { prod: { host: /run/postgresql } }
users: { alice: {}, bob: {}, carol: {} }
store: { path: curfew.db }
)");
    EXPECT_TRUE(check(file)) << err.str();
    EXPECT_EQ(out.str(), file + " is valid: 2 listeners, 1 resource, 3 users, 0 groups\n");
    EXPECT_EQ(err.str(), "");
}

TEST_F(CheckConfig, ListsEveryProblemWithItsPlace) {
    const auto file = write("listneers: []\nresources: { prod: { host: /run/postgresql, prot: 1 } }\n");
    EXPECT_FALSE(check(file));
    EXPECT_EQ(out.str(), "");
    EXPECT_THAT(err.str(), HasSubstr(file + ":1:1: listneers: unknown key"));
    EXPECT_THAT(err.str(), HasSubstr("resources.prod.prot: unknown key"));
    EXPECT_THAT(err.str(), HasSubstr("the key 'listeners' is missing"));
    EXPECT_THAT(err.str(), HasSubstr("the key 'store' is missing"));
}

TEST_F(CheckConfig, SaysThatAFileCannotBeRead) {
    EXPECT_FALSE(check((directory / "absent.yaml").string()));
    EXPECT_THAT(err.str(), HasSubstr("absent.yaml: cannot be read: it does not exist"));
}

TEST_F(CheckConfig, AcceptsTheExampleThatIsShipped) {
    EXPECT_TRUE(check(CURFEW_SOURCE_DIR "/config/curfew.example.yaml")) << err.str();
}

}  // namespace
}  // namespace curfew::apps
