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
    EXPECT_EQ(out.str(), file + " is valid: 2 listeners, 1 resource, 3 users, 0 groups, 0 rules\n");
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

TEST_F(CheckConfig, RemarksUponWhatIsPerhapsNotMeant) {
    const auto file = write(R"(
listeners: [{ address: "127.0.0.1:6432" }]
resources: { prod: { host: /run/postgresql, attributes: { env: prod } } }
users: { alice: {} }
groups: { dba: [alice] }
rules: { all: { attributes: { env: production }, approval_groups: [dba] } }
store: { path: curfew.db }
)");
    EXPECT_TRUE(check(file));
    EXPECT_EQ(err.str(), file + ":6:17: rules.all.attributes: no resource has all of these\n");
    EXPECT_THAT(out.str(), HasSubstr("1 group, 1 rule\n"));
}

TEST_F(CheckConfig, ListsWhatIsWrongWithRules) {
    const auto file = write(R"(
listeners: [{ address: "127.0.0.1:6432" }]
resources: { prod: { host: /run/postgresql } }
users: { alice: {} }
groups: { dba: [alice] }
rules:
  orders:
    resources: [prood]
    approval_groups: [dba]
    min_approvals: 2
    default_duration: 9h
api: { address: "0.0.0.0:8432", public_url: "https://curfew.example.com" }
store: { path: curfew.db }
)");
    EXPECT_FALSE(check(file));
    EXPECT_THAT(err.str(),
                HasSubstr(file + ":8:5: rules.orders.resources: there is no resource 'prood' (did you"));
    EXPECT_THAT(err.str(),
                HasSubstr(file + ":9:5: rules.orders.approval_groups: no request could be approved"));
    EXPECT_THAT(err.str(), HasSubstr(file + ":11:5: rules.orders.default_duration: 9h is longer than"));
    EXPECT_THAT(err.str(), HasSubstr(file + ":12:8: api.address: 0.0.0.0:8432 can be reached from other"));
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
