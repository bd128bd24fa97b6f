// Grants that are signed offline: who may sign them, and what they may be for.
#include <chrono>

#include "base/base64.hpp"
#include "base/ed25519.hpp"
#include "loading.hpp"

namespace curfew::config::test {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

std::string key_of(char letter) {
    return encode_base64(std::string(ed25519_key_size, letter));
}

std::string approver(const std::string& user, char letter) {
    return "{ user: " + user + ", public_key: '" + key_of(letter) + "' }";
}

std::string file_of(const std::string& more, const std::string& approvers) {
    return file_with({{"offline_grants", "{ installation: prod-eu, directory: /var/lib/curfew/offline" +
                                             more + ", approvers: [" + approvers + "] }"}});
}

const std::string bob_and_carol = approver("bob", 'b') + ", " + approver("carol", 'c');

TEST(ConfigOfflineGrants, AreNotTakenUnlessTheFileSaysSo) {
    EXPECT_FALSE(load_valid(file_with({})).offline_grants);
    EXPECT_FALSE(load_valid(file_with({{"offline_grants", ""}})).offline_grants);
}

TEST(ConfigOfflineGrants, NeedTwoApproversAndLastHalfAnHourUnlessToldOtherwise) {
    const auto offline = load_valid(file_of("", bob_and_carol)).offline_grants.value();
    EXPECT_EQ(offline.terms.installation, "prod-eu");
    EXPECT_EQ(offline.directory, "/var/lib/curfew/offline");
    EXPECT_EQ(offline.terms.approvals, 2U);
    EXPECT_EQ(offline.terms.max_duration, 30min);
    ASSERT_EQ(offline.terms.approvers.size(), 2U);
    EXPECT_EQ(offline.terms.approvers[1].user, "carol");
    EXPECT_EQ(offline.terms.approvers[1].key, std::string(ed25519_key_size, 'c'));
}

TEST(ConfigOfflineGrants, TakesWhatTheFileSays) {
    const auto offline =
        load_valid(file_of(", approvals: 1, max_duration: 1h", bob_and_carol)).offline_grants;
    EXPECT_EQ(offline->terms.approvals, 1U);
    EXPECT_EQ(offline->terms.max_duration, 1h);
}

TEST(ConfigOfflineGrants, TakesAKeyInPem) {
    const std::string pem =
        "-----BEGIN PUBLIC KEY-----\\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\\n"
        "-----END PUBLIC KEY-----\\n";
    const auto offline = load_valid(file_of(", approvals: 1", "{ user: bob, public_key: \"" + pem + "\" }"));
    EXPECT_EQ(encode_base64(offline.offline_grants->terms.approvers.front().key),
              "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
}

TEST(ConfigOfflineGrants, NeverLastLongerThanAnHour) {
    EXPECT_THAT(problems_of(file_of(", max_duration: 61m", bob_and_carol)),
                OnlyProblem("offline_grants.max_duration", "1h"));
}

TEST(ConfigOfflineGrants, NeedTheNameOfTheInstallationAndADirectory) {
    EXPECT_THAT(
        problems_of(file_with({{"offline_grants", "{ directory: /d, approvers: [" + bob_and_carol + "] }"}})),
        OnlyProblem("offline_grants", "'installation' is missing"));
    EXPECT_THAT(problems_of(file_with(
                    {{"offline_grants", "{ installation: i, approvers: [" + bob_and_carol + "] }"}})),
                OnlyProblem("offline_grants", "'directory' is missing"));
}

TEST(ConfigOfflineGrants, NeedAsManyPeopleAsApprovals) {
    EXPECT_THAT(
        problems_of(file_of("", approver("bob", 'b'))),
        OnlyProblem("offline_grants.approvers", "2 approvals are wanted, and 1 person has a key here"));
    EXPECT_THAT(problems_of(file_of("", approver("bob", 'b') + ", " + approver("bob", 'c'))),
                OnlyProblem("offline_grants.approvers", "1 person has a key here"))
        << "two keys of one person are one person";
}

TEST(ConfigOfflineGrants, AKeyIsOnePersons) {
    EXPECT_THAT(problems_of(file_of("", approver("bob", 'b') + ", " + approver("carol", 'b'))),
                OnlyProblem("offline_grants.approvers[1].public_key", "this is bob's key already"));
}

TEST(ConfigOfflineGrants, RefuseWhatIsNoKey) {
    EXPECT_THAT(problems_of(file_of("", "{ user: bob, public_key: c2hvcnQ= }")),
                OnlyProblem("offline_grants.approvers[0].public_key", "no Ed25519 public key"));
    EXPECT_THAT(problems_of(file_of("", "{ user: bob, public_key: [] }")),
                OnlyProblem("offline_grants.approvers[0].public_key", "in base64 or PEM"));
}

}  // namespace
}  // namespace curfew::config::test
