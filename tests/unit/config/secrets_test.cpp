// Secrets stand outside the file, and nothing of them ever reaches a message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"

namespace curfew::config::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* password_path = "resources.prod.admin_login.password";

std::string with_password(const std::string& password) {
    return file_with(
        {{"resources", "{ prod: { host: h, admin_login: { user: admin, password: " + password + " } } }"}});
}

std::string load_password(const std::string& password, const FakeEnvironment& environment) {
    const auto config = load_valid(with_password(password), environment);
    const auto* resource = config.find_resource("prod");
    if (resource == nullptr || !resource->admin_login || !resource->admin_login->password) return {};
    return std::string{resource->admin_login->password->reveal()};
}

TEST(ConfigSecret, ComesFromAFile) {
    FakeEnvironment environment;
    environment.add_file("/run/secrets/admin", "hunter2");
    EXPECT_EQ(load_password("{ file: /run/secrets/admin }", environment), "hunter2");
}

TEST(ConfigSecret, OneFinalNewlineOfAFileIsDropped) {
    FakeEnvironment environment;
    environment.add_file("/a", "hunter2\n");
    environment.add_file("/b", " hunter2 \n\n");
    EXPECT_EQ(load_password("{ file: /a }", environment), "hunter2");
    EXPECT_EQ(load_password("{ file: /b }", environment), " hunter2 \n");
}

TEST(ConfigSecret, ComesFromTheEnvironment) {
    FakeEnvironment environment;
    environment.set_variable("ADMIN_PASSWORD", "hunter2");
    EXPECT_EQ(load_password("{ env: ADMIN_PASSWORD }", environment), "hunter2");
    EXPECT_THAT(problems_of(with_password("{ env: OTHER }"), environment),
                OnlyProblem(std::string{password_path} + ".env", "OTHER is not set"));
}

TEST(ConfigSecret, ComesFromASystemdCredential) {
    FakeEnvironment environment;
    environment.set_variable("CREDENTIALS_DIRECTORY", "/run/credentials/curfewd.service");
    environment.add_file("/run/credentials/curfewd.service/curfew-admin", "hunter2\n", 0400);
    EXPECT_EQ(load_password("{ credential: curfew-admin }", environment), "hunter2");
    EXPECT_THAT(problems_of(with_password("{ credential: other }"), environment),
                OnlyProblem(std::string{password_path} + ".credential",
                            "credentials/curfewd.service/other: it does not"));
}

TEST(ConfigSecret, CredentialNeedsSystemd) {
    EXPECT_THAT(problems_of(with_password("{ credential: curfew-admin }")),
                OnlyProblem(std::string{password_path} + ".credential", "CREDENTIALS_DIRECTORY is not set"));
}

TEST(ConfigSecret, CredentialIsNoPath) {
    FakeEnvironment environment;
    environment.set_variable("CREDENTIALS_DIRECTORY", "/run/credentials/curfewd.service");
    for (const std::string name : {"../x", "..", "/etc/passwd"}) {
        EXPECT_THAT(problems_of(with_password("{ credential: '" + name + "' }"), environment),
                    OnlyProblem(std::string{password_path} + ".credential", "which is no path"));
    }
}

TEST(ConfigSecret, InTheFileItselfIsRefusedAndNotRepeated) {
    const auto problems = problems_of(with_password("hunter2"));
    EXPECT_THAT(problems, OnlyProblem(password_path, "put it into a file of its own"));
    EXPECT_THAT(problems, Each(Not(HasSubstr("hunter2"))));
}

TEST(ConfigSecret, InTheWrongPlaceIsNotRepeatedEither) {
    for (const std::string password :
         {"{ hunter2 }", "{ value: hunter2 }", "[hunter2]", "{ hunter2: , file: /a }"}) {
        const auto problems = problems_of(with_password(password));
        EXPECT_THAT(problems, OnlyProblem(password_path, "expected exactly one of")) << password;
        EXPECT_THAT(problems, Each(Not(HasSubstr("hunter2")))) << password;
    }
    const auto problems =
        problems_of(file_with({{"resources", "{ prod: { host: h, login: managed, role: 'app:hunter2' } }"}}));
    EXPECT_THAT(problems, ElementsAre("resources.prod.role: expected a mapping, found text"));
}

TEST(ConfigSecret, IsExactlyOneReference) {
    for (const std::string reference : {"{}", "~", "{ file: /a, env: B }", "{ path: /a }"}) {
        EXPECT_THAT(problems_of(with_password(reference)),
                    OnlyProblem(password_path, "expected exactly one of"))
            << reference;
    }
}

TEST(ConfigSecret, FileThatEverybodyCanReadIsRefused) {
    for (const mode_t mode : {0644U, 0604U, 0602U, 0601U}) {
        FakeEnvironment environment;
        environment.add_file("/a", "hunter2", mode);
        EXPECT_THAT(problems_of(with_password("{ file: /a }"), environment),
                    OnlyProblem(std::string{password_path} + ".file", "run chmod o-rwx /a"));
    }
    for (const mode_t mode : {0600U, 0440U, 0660U}) {
        FakeEnvironment environment;
        environment.add_file("/a", "hunter2", mode);
        EXPECT_EQ(load_password("{ file: /a }", environment), "hunter2");
    }
}

TEST(ConfigSecret, MustNotBeEmpty) {
    FakeEnvironment environment;
    environment.add_file("/a", "");
    environment.add_file("/b", "\n");
    environment.set_variable("EMPTY", "");
    for (const std::string reference : {"{ file: /a }", "{ file: /b }", "{ env: EMPTY }"}) {
        EXPECT_THAT(problems_of(with_password(reference), environment), ElementsAre(HasSubstr("is empty")));
    }
}

TEST(ConfigSecret, HoldsNoNul) {
    FakeEnvironment environment;
    environment.add_file("/a", std::string{"hunter\0002", 8});
    EXPECT_THAT(problems_of(with_password("{ file: /a }"), environment),
                OnlyProblem(std::string{password_path} + ".file", "NUL"));
}

}  // namespace
}  // namespace curfew::config::test
