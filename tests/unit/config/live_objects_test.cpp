// Objects that are made live: JSON, by the reader of the file, within bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/document.hpp"
#include "config/objects.hpp"
#include "loading.hpp"
#include "self_signed.hpp"

namespace curfew::config::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Live live{"/etc/curfew/live"};
const std::string verifier =
    "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=:"
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

std::vector<std::string> problems_of_live(ObjectKind kind, const std::string& json,
                                          const FakeEnvironment& environment = {},
                                          const Live& bounds = live) {
    const auto result = read_live_object({kind, "x"}, json, bounds, environment);
    std::vector<std::string> lines;
    if (const auto* problems = std::get_if<std::vector<Problem>>(&result)) {
        for (const auto& problem : *problems)
            lines.push_back(problem.key + ": " + problem.message);
    }
    return lines;
}

template <class Kind>
Kind read_live(ObjectKind kind, const std::string& json, const FakeEnvironment& environment = {}) {
    auto result = read_live_object({kind, "x"}, json, live, environment);
    if (auto* object = std::get_if<Object>(&result)) return std::get<Kind>(std::move(*object));
    for (const auto& problem : std::get<std::vector<Problem>>(result))
        ADD_FAILURE() << to_string(problem);
    return {};
}

TEST(LiveObject, IsReadFromJson) {
    const auto user = read_live<User>(ObjectKind::user, R"({"aliases":["al"],"email":"a@x.org"})");
    EXPECT_EQ(user.name, "x");
    EXPECT_THAT(user.aliases, ElementsAre("al"));
    EXPECT_EQ(user.certificate_name, "x");
    EXPECT_THAT(read_live<Group>(ObjectKind::group, R"({"members":["alice","bob"]})").members,
                ElementsAre("alice", "bob"));
    const auto resource = read_live<Resource>(ObjectKind::resource, R"({"host":"10.0.0.5","port":6000})");
    EXPECT_EQ(resource.upstream, (Endpoint{"10.0.0.5", 6000}));
    const auto rule = read_live<policy::Rule>(
        ObjectKind::rule, R"({"resources":["prod"],"approval_groups":["dba"],"max_duration":"2h"})");
    EXPECT_EQ(rule.max_duration, 2h);
}

TEST(LiveObject, OfAnyLettersIsReadFromJson) {
    // Outside the basic plane, as JSON escapes it.
    EXPECT_EQ(read_live<User>(ObjectKind::user, R"({"display_name":"\ud83d\ude00 \u00e9\/"})").display_name,
              "\xF0\x9F\x98\x80 \xC3\xA9/");
}

TEST(LiveObject, ProblemsAreAllToldByTheirKeys) {
    EXPECT_THAT(problems_of_live(ObjectKind::rule, R"({"min_approvals":"2","resorces":["prod"],
                    "approval_groups":["dba",7.5],"max_duration":3600})"),
                ElementsAre(HasSubstr("resorces: unknown key (did you mean 'resources'?)"),
                            HasSubstr("covers nothing"), HasSubstr("min_approvals: expected a number"),
                            HasSubstr("max_duration: '3600' is not a duration")));
    EXPECT_THAT(problems_of_live(ObjectKind::group, R"({"members":["a","a"]})"),
                OnlyProblem("members[1]", "'a' is listed twice"));
}

TEST(LiveObject, SaysWhichItIsInAProblem) {
    const auto result = read_live_object({ObjectKind::resource, "prod"}, "{}", live, FakeEnvironment{});
    const auto& problems = std::get<std::vector<Problem>>(result);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(to_string(problems[0]), "live resource 'prod': the key 'host' is missing");
}

TEST(LiveObject, HasANameThatItCouldHaveInTheFile) {
    EXPECT_TRUE(std::holds_alternative<std::vector<Problem>>(
        read_live_object({ObjectKind::user, "*"}, "{}", live, FakeEnvironment{})));
    EXPECT_TRUE(std::holds_alternative<std::vector<Problem>>(
        read_live_object({ObjectKind::resource, "a/b"}, R"({"host":"h"})", live, FakeEnvironment{})));
    EXPECT_TRUE(std::holds_alternative<std::vector<Problem>>(
        read_live_object({ObjectKind::group, ""}, "{}", live, FakeEnvironment{})));
}

TEST(LiveObject, IsToldOfItsNameAsOfAMember) {
    const auto result = read_live_object(
        {ObjectKind::rule, "a/b"}, R"({"resources":["r"],"approval_groups":["g"]})", live, FakeEnvironment{});
    const auto& problems = std::get<std::vector<Problem>>(result);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].key, "name");
}

TEST(LiveObject, IsAnObject) {
    for (const std::string json : {"null", "[]", "\"alice\"", "7"}) {
        EXPECT_THAT(problems_of_live(ObjectKind::user, json), OnlyProblem("", "expected an object")) << json;
    }
    EXPECT_THAT(problems_of_live(ObjectKind::user, "{"), OnlyProblem("", "not valid JSON"));
    EXPECT_THAT(problems_of_live(ObjectKind::user, "alice: {}"), OnlyProblem("", "not valid JSON"));
    EXPECT_THAT(problems_of_live(ObjectKind::user, std::string(200, '[') + std::string(200, ']')),
                OnlyProblem("", "not valid JSON"));
    EXPECT_THAT(problems_of_live(ObjectKind::user, std::string(largest_file + 1, ' ')),
                OnlyProblem("", "larger"));
}

std::string with_password(const std::string& reference) {
    return R"({"host":"h","admin_login":{"user":"admin","password":)" + reference + "}}";
}

TEST(LiveSecret, ComesFromAFileInItsDirectory) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/live/admin", "hunter2\n");
    const auto resource = read_live<Resource>(
        ObjectKind::resource, with_password(R"({"file":"/etc/curfew/live/admin"})"), environment);
    ASSERT_TRUE(resource.admin_login && resource.admin_login->password);
    EXPECT_EQ(resource.admin_login->password->reveal(), "hunter2");
}

TEST(LiveSecret, ComesFromNowhereElse) {
    FakeEnvironment environment;
    environment.set_variable("CREDENTIALS_DIRECTORY", "/run/credentials/curfewd.service");
    environment.set_variable("SECRET", "hunter2");
    for (const std::string path :
         {"/run/credentials/curfewd.service/admin", "/etc/curfew/live/../admin", "/etc/curfew/liveadmin",
          "/etc/curfew/live/./admin", "/etc/curfew/live//admin", "/etc/curfew/live", "/etc/curfew/live/",
          "admin", "/etc/curfew/live/x/.."}) {
        environment.add_file(path, "hunter2\n");
        const auto problems =
            problems_of_live(ObjectKind::resource, with_password(R"({"file":")" + path + "\"}"), environment);
        EXPECT_THAT(problems, OnlyProblem("admin_login.password.file", "files in /etc/curfew/live alone"))
            << path;
        EXPECT_THAT(problems, Each(Not(HasSubstr("hunter2"))));
    }
    environment.add_file("/run/credentials/curfewd.service/admin", "hunter2\n");
    for (const std::string reference : {R"({"env":"SECRET"})", R"({"credential":"admin"})"}) {
        EXPECT_THAT(problems_of_live(ObjectKind::resource, with_password(reference), environment),
                    OnlyProblem("admin_login.password", "expected { file: PATH }"));
    }
    EXPECT_THAT(problems_of_live(ObjectKind::resource, with_password("\"hunter2\""), environment),
                ElementsAre(Not(HasSubstr("hunter2"))));
}

TEST(LiveObject, NamesNoFileWhereNoDirectoryIsSet) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/live/x", verifier);
    EXPECT_THAT(problems_of_live(ObjectKind::user, R"({"scram_verifier":{"file":"/etc/curfew/live/x"}})",
                                 environment, Live{}),
                OnlyProblem("scram_verifier.file", "set 'live.files'"));
}

TEST(LiveObject, CertificatesAreInThatDirectoryToo) {
    FakeEnvironment environment;
    const auto pem = make_self_signed();
    environment.add_file("/etc/curfew/ca.crt", pem.certificate);
    environment.add_file("/etc/curfew/live/ca.crt", pem.certificate);
    const auto tls = [](const std::string& path) {
        return R"({"host":"h","tls":{"sslmode":"verify-full","root_certificate":")" + path + "\"}}";
    };
    EXPECT_THAT(problems_of_live(ObjectKind::resource, tls("/etc/curfew/ca.crt"), environment),
                OnlyProblem("tls.root_certificate", "files in /etc/curfew/live alone"));
    EXPECT_THAT(problems_of_live(ObjectKind::resource, tls("/etc/curfew/live/ca.crt"), environment),
                IsEmpty());
}

}  // namespace
}  // namespace curfew::config::test
