// `curfew offline` and `approve --offline`: keys, documents, signatures, without any server, and what the
// node is handed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/base64.hpp"
#include "base/ed25519.hpp"
#include "child_process.hpp"
#include "policy/offline_grant.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class Offline : public testing::Test {
protected:
    std::string path(const std::string& name) const { return directory / name; }
    std::string content(const std::string& name) const {
        std::ifstream file{path(name)};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    // The public key.
    std::string keygen(const std::string& name) const {
        const auto made = run_curfew({"offline", "keygen", path(name)});
        EXPECT_EQ(made.exit_code, 0) << made.err;
        return decode_base64(made.out.substr(0, made.out.find('\n'))).value_or("");
    }
    Finished request(std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments{
            "offline",         "request", "prod",   "--user", "alice",          "--for",   "20m",
            "--reason",        "stuck",   "--node", "db-a",   "--installation", "prod-eu", "--out",
            path("grant.json")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_curfew(arguments);
    }
    Finished sign(const std::string& key, std::vector<std::string> more = {"--yes"}) const {
        std::vector<std::string> arguments{"approve", "--offline", path("grant.json"), "--key", path(key)};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_curfew(arguments);
    }
    policy::OfflineDocument document(const std::string& name = "grant.json") const {
        return policy::parse_offline_document(content(name)).value();
    }

    TemporaryDirectory directory{"offline"};
};

TEST_F(Offline, KeygenKeepsTheKeyForItsOwnerAndPrintsThePublicOne) {
    const auto public_key = keygen("bob.key");
    struct stat status {};
    ASSERT_EQ(::stat(path("bob.key").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    const auto key = Ed25519Key::from_pem(Secret{content("bob.key")});
    ASSERT_TRUE(key);
    EXPECT_EQ(key->public_key(), public_key);
}

TEST_F(Offline, KeygenReplacesNothing) {
    keygen("bob.key");
    const auto before = content("bob.key");
    EXPECT_EQ(run_curfew({"offline", "keygen", path("bob.key")}).exit_code, 4);
    EXPECT_EQ(content("bob.key"), before);
}

TEST_F(Offline, RequestWritesADocumentThatNobodyHasSigned) {
    const auto done = request();
    ASSERT_EQ(done.exit_code, 0) << done.err;
    const auto written = document();
    EXPECT_EQ(written.grant.user, "alice");
    EXPECT_EQ(written.grant.resource, "prod");
    EXPECT_EQ(written.grant.duration, Duration{20min});
    EXPECT_EQ(written.grant.node, "db-a");
    EXPECT_EQ(written.grant.installation, "prod-eu");
    EXPECT_TRUE(written.signatures.empty());
    EXPECT_EQ(request().exit_code, 4) << "a document that is there already stays";
}

TEST_F(Offline, RequestMakesEachDocumentAnother) {
    request();
    const auto first = document().grant.id;
    std::filesystem::remove(path("grant.json"));
    request();
    EXPECT_NE(document().grant.id, first);
}

TEST_F(Offline, RequestAsksForNoMoreThanThereIs) {
    const auto done = run_curfew({"offline", "request", "prod", "--user", "alice", "--for", "2h", "--reason",
                                  "x", "--node", "n", "--installation", "i"});
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_THAT(done.err, HasSubstr("from 1s to 1h"));
}

TEST_F(Offline, ApproveShowsWhatIsSignedAndAddsASignature) {
    const auto bob = keygen("bob.key");
    const auto carol = keygen("carol.key");
    request();
    const auto signed_by_bob = sign("bob.key");
    EXPECT_EQ(signed_by_bob.exit_code, 0) << signed_by_bob.err;
    EXPECT_THAT(signed_by_bob.err, AllOf(HasSubstr("alice"), HasSubstr("20m"), HasSubstr("stuck")));
    EXPECT_EQ(sign("carol.key").exit_code, 0);
    const auto both = document();
    ASSERT_EQ(both.signatures.size(), 2U);
    EXPECT_EQ(both.signatures[0].key, bob);
    EXPECT_EQ(both.signatures[1].key, carol);
    for (const auto& signature : both.signatures)
        EXPECT_TRUE(ed25519_verify(signature.key, policy::signed_bytes(both.grant), signature.signature));
}

TEST_F(Offline, ApproveSignsNothingUnasked) {
    keygen("bob.key");
    request();
    const auto done = sign("bob.key", {});
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_THAT(done.err, HasSubstr("Nothing was signed"));
    EXPECT_TRUE(document().signatures.empty());
}

TEST_F(Offline, ApproveSignsOnceWithOneKey) {
    keygen("bob.key");
    request();
    sign("bob.key");
    EXPECT_EQ(sign("bob.key").exit_code, 4);
    EXPECT_EQ(document().signatures.size(), 1U);
}

TEST_F(Offline, ApproveUsesNoKeyThatOthersCanRead) {
    keygen("bob.key");
    ::chmod(path("bob.key").c_str(), 0640);
    request();
    const auto done = sign("bob.key");
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_THAT(done.err, HasSubstr("can be read by others"));
}

TEST_F(Offline, ApproveNeedsAKeyOrARequest) {
    EXPECT_EQ(run_curfew({"approve", "--offline", path("grant.json")}).exit_code, 2);
    EXPECT_EQ(run_curfew({"approve"}).exit_code, 2);
    EXPECT_EQ(run_curfew({"approve", "r-7k3mq9xd", "--key", path("bob.key")}).exit_code, 2);
}

TEST_F(Offline, CombinePutsSignaturesTogether) {
    keygen("bob.key");
    keygen("carol.key");
    request();
    std::filesystem::copy_file(path("grant.json"), path("copy.json"));
    sign("bob.key");
    std::filesystem::rename(path("grant.json"), path("bobs.json"));
    std::filesystem::rename(path("copy.json"), path("grant.json"));
    sign("carol.key");
    const auto done =
        run_curfew({"offline", "combine", path("bobs.json"), path("grant.json"), "--out", path("both.json")});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(document("both.json").signatures.size(), 2U);
}

TEST_F(Offline, ShowTellsOfASignatureThatIsOfSomethingElse) {
    keygen("bob.key");
    request();
    sign("bob.key");
    auto changed = document();
    changed.grant.duration += 1s;
    std::ofstream{path("changed.json")} << policy::to_json(changed);
    EXPECT_THAT(run_curfew({"offline", "show", path("changed.json")}).out, HasSubstr("NOT of this document"));
}

TEST_F(Offline, ShowMakesATokenThatIsTakenForTheFile) {
    request();
    const auto token = run_curfew({"offline", "show", "--token", path("grant.json")}).out;
    EXPECT_THAT(token, StartsWith("curfew-offline-1:"));
    const auto shown = run_curfew({"offline", "show", token.substr(0, token.size() - 1)});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("alice"));
}

class OfflineAtTheNode : public Offline {
protected:
    Finished curfew(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--socket", admin.socket()});
        return run_curfew(arguments);
    }
    RunningAdmin admin;
};

TEST_F(OfflineAtTheNode, RequestAsksItForItsName) {
    admin.with_control([](FakeControl& control) {
        control.offline_status.enabled = true;
        control.offline_status.node = "db-b";
        control.offline_status.installation = "prod-us";
    });
    const auto done = curfew({"offline", "request", "prod", "--user", "alice", "--for", "20m", "--reason",
                              "stuck", "--out", path("grant.json")});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(document().grant.node, "db-b");
    EXPECT_EQ(document().grant.installation, "prod-us");
}

TEST_F(OfflineAtTheNode, SubmitPrintsWhatCameOfIt) {
    request();
    admin.with_control([](FakeControl& control) {
        auto& grant = control.offline_taken.grant;
        grant.grant = *GrantId::parse("g-7k3mq9xd");
        grant.user = "alice";
        grant.resource = "prod";
        grant.duration = 20min;
        grant.signers = {"bob", "carol"};
        control.offline_taken.remarks = {"the key SHA256:77 is no approver's here"};
        control.offline_taken.password.emplace("correct-horse");
    });
    const auto done = curfew({"offline", "submit", path("grant.json")});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, AllOf(HasSubstr("Taken as g-7k3mq9xd: alice on prod for 20m, signed by bob, carol"),
                                HasSubstr("correct-horse")));
    EXPECT_THAT(done.err, HasSubstr("SHA256:77 is no approver's"));
}

TEST_F(OfflineAtTheNode, SubmitPassesOnWhyItWasRefused) {
    request();
    admin.with_control([](FakeControl& control) {
        control.fail_with = Error{ErrorCode::conflict, "the store answers"};
    });
    const auto done = curfew({"offline", "submit", path("grant.json")});
    EXPECT_EQ(done.exit_code, 4);
    EXPECT_THAT(done.err, HasSubstr("the store answers"));
}

TEST_F(OfflineAtTheNode, StatusSaysWhatItTakes) {
    admin.with_control([](FakeControl& control) {
        control.offline_status.enabled = true;
        control.offline_status.node = "db-a";
        control.offline_status.installation = "prod-eu";
        control.offline_status.approvals = 2;
        control.offline_status.max_duration = 30min;
        control.offline_status.approvers = {{"bob", "SHA256:00"}};
    });
    EXPECT_THAT(curfew({"offline", "status"}).out,
                AllOf(HasSubstr("db-a takes grants signed by 2 of its approvers, of up to 30m"),
                      HasSubstr("bob  SHA256:00")));
}

}  // namespace
}  // namespace curfew::test
