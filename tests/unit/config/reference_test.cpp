// The reference documentation and the example file say what the loader knows: no less, no more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "config/keys.hpp"
#include "loading.hpp"
#include "self_signed.hpp"

namespace curfew::config::test {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

std::string read(const std::string& path) {
    std::ifstream stream{std::string{CURFEW_SOURCE_DIR} + "/" + path};
    std::ostringstream content;
    content << stream.rdbuf();
    EXPECT_TRUE(stream) << "cannot read " << path;
    return content.str();
}

// `listeners[].tls.mode`, or `workers` at the top level.
std::string full_key(const KnownSection& section, std::string_view key) {
    return section.name.empty() ? std::string{key} : std::string{section.name} + "." + std::string{key};
}

std::set<std::string> known_keys() {
    std::set<std::string> keys;
    for (const auto& section : known::all) {
        for (const auto key : section.keys)
            keys.insert(full_key(section, key));
    }
    return keys;
}

// The keys that docs/configuration.md describes: a row "| `key` | …" under a heading that ends in the
// section's name in backquotes, or in "Top level".
std::set<std::string> documented_keys() {
    std::set<std::string> keys;
    std::istringstream lines{read("docs/configuration.md")};
    std::string section;
    bool in_section = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("#")) {
            const auto first = line.find('`');
            const auto last = line.rfind('`');
            in_section = first != last || line.ends_with("Top level");
            section = first != last ? line.substr(first + 1, last - first - 1) + "." : "";
        } else if (in_section && line.starts_with("| `")) {
            keys.insert(section + line.substr(3, line.find('`', 3) - 3));
        }
    }
    return keys;
}

// The example as it is with every setting that it shows in comments switched on. A setting is commented out
// by a `#` with no blank after it.
std::string with_comments_switched_on(const std::string& example) {
    std::istringstream lines{example};
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        const auto hash = line.find_first_not_of(' ');
        const bool is_setting = hash != std::string::npos && line[hash] == '#' && hash + 1 < line.size() &&
                                line[hash + 1] != ' ' && line[hash + 1] != '#';
        if (is_setting) line.erase(hash, 1);
        text += line + "\n";
    }
    return text;
}

FakeEnvironment environment_of_the_example() {
    const auto pem = make_self_signed();
    FakeEnvironment environment;
    for (const std::string name : {"tls.crt", "people-ca.crt", "prod-ca.crt", "curfew-client.crt",
                                   "oidc-ca.crt", "mail-ca.crt", "log-ca.crt", "s3-ca.crt"})
        environment.add_file("/etc/curfew/" + name, pem.certificate, 0644);
    for (const std::string name : {"tls.key", "curfew-client.key"})
        environment.add_file("/etc/curfew/" + name, pem.key);
    environment.add_file("/etc/curfew/app_rw.password", "hunter2\n");
    environment.add_file("/etc/curfew/oidc.secret", "hunter2\n");
    environment.add_file("/etc/curfew/teams.url", "https://example.com/workflows/1/triggers/manual?sig=x\n");
    for (const std::string name :
         {"mail.password", "slack-bot.token", "slack-app.token", "slack.secret", "hooks.secret", "s3.secret"})
        environment.add_file("/etc/curfew/" + name, "hunter2 and sixteen bytes more\n");
    environment.add_file("/etc/curfew/carol.scram",
                         "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$"
                         "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=:"
                         "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
    environment.set_variable("CREDENTIALS_DIRECTORY", "/run/credentials/curfewd.service");
    environment.add_file("/run/credentials/curfewd.service/curfew-admin", "hunter2\n", 0400);
    return environment;
}

TEST(ConfigReference, DocumentsEveryKeyAndNoOther) {
    EXPECT_EQ(documented_keys(), known_keys());
}

TEST(ConfigExample, IsValidAsItStands) {
    EXPECT_THAT(problems_of(read("config/curfew.example.yaml")), IsEmpty());
}

TEST(ConfigExample, IsValidWithEveryCommentedSettingSwitchedOn) {
    EXPECT_THAT(problems_of(with_comments_switched_on(read("config/curfew.example.yaml")),
                            environment_of_the_example()),
                IsEmpty());
}

TEST(ConfigExample, ShowsEveryKey) {
    const auto text = with_comments_switched_on(read("config/curfew.example.yaml"));
    for (const auto& section : known::all) {
        for (const auto key : section.keys) {
            // How a secret can be referred to is shown once for each kind that the example uses.
            if (section.name == "<secret>" && key == "env") continue;
            EXPECT_NE(text.find(std::string{key} + ":"), std::string::npos) << full_key(section, key);
        }
    }
}

}  // namespace
}  // namespace curfew::config::test
