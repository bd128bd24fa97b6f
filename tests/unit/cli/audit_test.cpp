// `curfew audit`: the trail listed, exported and verified, and what it is signed with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "audit/proof/head.hpp"
#include "base/ed25519.hpp"
#include "child_process.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;

constexpr int exit_with_findings = 10;

class AuditCommands : public testing::Test {
protected:
    AuditCommands() {
        for (int i = 0; i < 3; ++i)
            happens();
    }
    void happens() { run({"grant", "alice", "prod", "--for", "2h", "--reason", "ticket 7"}); }
    Finished run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--socket", admin.socket()});
        return run_curfew(arguments);
    }
    // With no server to ask.
    static Finished alone(std::vector<std::string> more, std::string_view input = "") {
        more.insert(more.begin(), {"audit", "verify"});
        return run_curfew(more, input);
    }
    std::vector<std::string> lines() {
        std::istringstream text{run({"audit", "export"}).out};
        std::vector<std::string> found;
        for (std::string line; std::getline(text, line);)
            found.push_back(line);
        return found;
    }
    static std::string joined(const std::vector<std::string>& lines) {
        std::string text;
        for (const auto& line : lines)
            text += line + '\n';
        return text;
    }
    std::string file_of(const std::string& name, const std::string& content) {
        const std::string file = directory / name;
        std::ofstream{file} << content;
        return file;
    }

    RunningAdmin admin;
    TemporaryDirectory directory{"curfew-audit"};
};

TEST_F(AuditCommands, ListShowsTheNewestFirstAndAsManyAsAreAskedFor) {
    const auto done = run({"audit", "list", "--limit", "1"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("grant.given"));
    EXPECT_THAT(done.out, HasSubstr("ticket 7"));
}

TEST_F(AuditCommands, ExportGivesALineForEachEventTheOldestFirst) {
    const auto all = lines();
    ASSERT_GE(all.size(), 3U);
    std::int64_t number = 0;
    for (const auto& line : all) {
        const auto event = boost::json::parse(line);
        EXPECT_EQ(event.at("number").as_int64(), ++number);
        EXPECT_EQ(boost::json::parse(event.at("summary_text").as_string()), event.at("summary"));
    }
}

TEST_F(AuditCommands, ExportIsNarrowedByWhatIsAskedFor) {
    EXPECT_EQ(run({"audit", "export", "--kind", "grant.revoked"}).out, "");
    EXPECT_EQ(run({"audit", "export", "--since", "nonsense"}).exit_code, 2);
}

TEST_F(AuditCommands, VerifyFindsNothingInWhatWasWritten) {
    const auto by_server = run({"audit", "verify"});
    EXPECT_EQ(by_server.exit_code, 0) << by_server.err;
    EXPECT_THAT(by_server.out, HasSubstr("The audit trail is unbroken"));
    EXPECT_THAT(by_server.out, HasSubstr("No signed head was held against it"));
    EXPECT_EQ(alone({"--from", "-"}, joined(lines())).exit_code, 0);
    EXPECT_EQ(alone({"--from", file_of("trail.jsonl", joined(lines()))}).exit_code, 0);
}

TEST_F(AuditCommands, VerifyNamesWhatIsWrong) {
    auto all = lines();
    all.at(1).replace(all.at(1).find("ticket 7"), 8, "ticket 8");  // in `summary`
    EXPECT_EQ(alone({"--from", "-"}, joined(all)).exit_code, 0) << "what is hashed is `summary_text`";
    all.at(1).replace(all.at(1).find("ticket 7"), 8, "ticket 8");
    const auto changed = alone({"--from", "-"}, joined(all));
    EXPECT_EQ(changed.exit_code, exit_with_findings);
    EXPECT_THAT(changed.out, HasSubstr("Event 2, or event 1 before it, is not what was written"));
    all = lines();
    all.erase(all.begin() + 1);
    const auto removed = alone({"--from", "-", "--json"}, joined(all));
    EXPECT_EQ(removed.exit_code, exit_with_findings);
    const auto finding = boost::json::parse(removed.out).at("findings").as_array().at(0);
    EXPECT_EQ(finding.at("fault"), "removed");
    EXPECT_EQ(finding.at("first"), 2);
}

TEST_F(AuditCommands, VerifyTakesAnExcerptForOneOnlyWhereItIsToldTo) {
    auto all = lines();
    all.erase(all.begin());
    EXPECT_EQ(alone({"--from", "-"}, joined(all)).exit_code, exit_with_findings);
    EXPECT_EQ(alone({"--from", "-", "--excerpt"}, joined(all)).exit_code, 0);
}

TEST_F(AuditCommands, HeadIsSignedByTheKeyThatTheServerShows) {
    const auto head = audit::read_signed_head(run({"audit", "head"}).out).value();
    const auto key = parse_ed25519_public_key(run({"audit", "key", "--pem"}).out).value();
    EXPECT_TRUE(audit::is_signed_by(head, key));
    const auto shown = run({"audit", "key"});
    EXPECT_THAT(shown.out, HasSubstr(ed25519_fingerprint(key)));
    EXPECT_THAT(shown.out, HasSubstr("-----BEGIN PUBLIC KEY-----"));
}

TEST_F(AuditCommands, VerifyHoldsHeadsAgainstTheTrail) {
    const auto heads = file_of("heads.jsonl", run({"audit", "head"}).out);
    const auto key = file_of("key.pem", run({"audit", "key", "--pem"}).out);
    happens();
    EXPECT_THAT(run({"audit", "verify", "--heads", heads, "--key", key}).out,
                HasSubstr("1 signed heads agree with it"));
    EXPECT_EQ(run({"audit", "verify", "--heads", heads}).exit_code, 0) << "by the key that the server shows";
    auto all = lines();
    all.resize(1);
    const auto cut = alone({"--from", "-", "--heads", heads, "--key", key}, joined(all));
    EXPECT_EQ(cut.exit_code, exit_with_findings);
    EXPECT_THAT(cut.out, HasSubstr("truncated"));
    EXPECT_EQ(alone({"--from", "-", "--heads", heads}, joined(all)).exit_code, 2) << "whose key?";
}

TEST_F(AuditCommands, VerifyTakesNoHeadThatIsNotSignedByTheKey) {
    const auto heads = file_of("heads.jsonl", run({"audit", "head"}).out + "nonsense\n");
    const auto key = file_of("key.pem", ed25519_public_pem(Ed25519Key::generate().public_key()));
    const auto done = run({"audit", "verify", "--heads", heads, "--key", key});
    EXPECT_EQ(done.exit_code, exit_with_findings);
    EXPECT_THAT(done.out, HasSubstr("forged"));
    EXPECT_THAT(done.out, HasSubstr("unreadable"));
}

TEST_F(AuditCommands, VerifySaysWhichFileItCannotRead) {
    EXPECT_THAT(alone({"--from", "/nowhere/trail.jsonl"}).err, HasSubstr("Cannot read /nowhere/trail.jsonl"));
    EXPECT_THAT(alone({"--from-store", "/nowhere/curfew.db"}).err, HasSubstr("There is no store"));
}

}  // namespace
}  // namespace curfew::test
