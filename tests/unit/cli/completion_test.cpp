// Completion scripts, in the shells that they are for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>

#include "child_process.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

bool has_program(const std::string& name) {
    return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

struct Output {
    int status;
    std::string text;
};

Output shell(const std::string& command) {
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::string text;
    std::array<char, 4096> buffer{};
    while (const auto length = std::fread(buffer.data(), 1, buffer.size(), pipe))
        text.append(buffer.data(), length);
    return {::pclose(pipe), text};
}

class Completion : public testing::Test {
protected:
    TemporaryDirectory directory;

    std::string script(const std::string& shell_name) {
        const auto done = run_curfew({"completion", shell_name});
        EXPECT_EQ(done.exit_code, 0) << done.err;
        return directory.write(shell_name, done.out);
    }
    // What bash offers for the last of `words`.
    std::vector<std::string> in_bash(const std::vector<std::string>& words) {
        std::string line = "source " + script("bash") + "\nCOMP_WORDS=(curfew";
        for (const auto& word : words)
            line += " '" + word + "'";
        line += ")\nCOMP_CWORD=" + std::to_string(words.size()) +
                "\n_curfew\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
        std::istringstream lines{shell("bash " + directory.write("try", line).string()).text};
        std::vector<std::string> offered;
        for (std::string word; std::getline(lines, word);) {
            if (!word.empty()) offered.push_back(word);
        }
        return offered;
    }
};

TEST_F(Completion, OffersCommandsInBash) {
    EXPECT_THAT(in_bash({""}), AllOf(Contains("connect"), Contains("approve"), Contains("admin")));
    EXPECT_THAT(in_bash({"req"}), ElementsAre("request", "requests"));
    EXPECT_THAT(in_bash({"admin", "create", ""}), ElementsAre("user", "group", "resource", "rule"));
    EXPECT_THAT(in_bash({"--json", "rules", ""}), ElementsAre("explain"));
}

TEST_F(Completion, OffersOptionsInBash) {
    EXPECT_THAT(in_bash({"connect", "prod", "--"}), AllOf(Contains("--duration"), Contains("--print"),
                                                          Contains("--json"), Not(Contains("--members"))));
    EXPECT_THAT(in_bash({"admin", "edit", "group", "--m"}), ElementsAre("--members"));
}

TEST_F(Completion, OffersFilesAndDirectoriesInBash) {
    const auto here = (directory / "sockets").string();
    std::filesystem::create_directory(here);
    EXPECT_THAT(in_bash({"connect", "prod", "--local-socket", here.substr(0, here.size() - 2)}),
                ElementsAre(here));
    const auto file = directory.write("ca.pem", "").string();
    EXPECT_THAT(in_bash({"--ca-file", file.substr(0, file.size() - 2)}), ElementsAre(file));
}

TEST_F(Completion, OffersNothingOfItsOwnBehindTheTwoDashes) {
    EXPECT_THAT(in_bash({"connect", "prod", "--", "-"}), testing::IsEmpty());
}

TEST_F(Completion, IsReadByZsh) {
    if (!has_program("zsh")) GTEST_SKIP() << "zsh is not here";
    const auto checked = shell("zsh -n " + script("zsh"));
    EXPECT_EQ(checked.status, 0) << checked.text;
    // _describe is what offers words; here it prints them.
    const auto offered =
        shell("zsh -f " + directory
                              .write("try", "compdef() {}\nsource " + script("zsh") +
                                                "\n_describe() { print -l -- ${(P)argv[-1]} }\n"
                                                "words=(curfew admin create '') CURRENT=4\n_curfew\n"
                                                "words=(curfew approve --) CURRENT=3\n_curfew\n")
                              .string());
    EXPECT_THAT(offered.text, AllOf(HasSubstr("resource:Make a resource"), HasSubstr("--comment:"),
                                    HasSubstr("--json:"), Not(HasSubstr("connect"))));
}

TEST_F(Completion, IsReadByFish) {
    if (!has_program("fish")) GTEST_SKIP() << "fish is not here";
    const auto offered =
        shell("HOME=" + directory.path().string() + " fish --no-config -c 'source " + script("fish") +
              "; complete -C \"curfew admin create \"; complete -C \"curfew approve --c\"'");
    EXPECT_THAT(offered.text, AllOf(HasSubstr("resource\tMake a resource"), HasSubstr("--comment"),
                                    Not(HasSubstr("connect"))));
}

TEST(CompletionOfOtherShells, IsRefused) {
    EXPECT_EQ(run_curfew({"completion", "tcsh"}).exit_code, 2);
}

}  // namespace
}  // namespace curfew::test
