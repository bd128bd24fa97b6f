// recordings, and which sessions are recorded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "config/diff.hpp"
#include "loading.hpp"
#include "self_signed.hpp"

namespace curfew::config::test {
namespace {

using namespace std::chrono_literals;
using policy::RecordingMode;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

FakeEnvironment environment_with_key() {
    FakeEnvironment environment;
    environment.add_file("/s/key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n");
    environment.add_file("/s/other", "another\n");
    environment.add_file("/ca.crt", make_self_signed().certificate, 0644);
    return environment;
}

std::string with(const std::string& recordings) {
    return file_with({{"recordings", "{ " + recordings + " }"}});
}

Recordings loaded(const std::string& recordings) {
    return load_valid(with(recordings), environment_with_key()).recordings;
}

std::vector<std::string> problems(const std::string& recordings) {
    return problems_of(with(recordings), environment_with_key());
}

constexpr const char* bucket =
    "bucket: example, access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: { file: /s/key }";

std::string s3(const std::string& endpoint, const std::string& more = {}) {
    return "s3: { endpoint: '" + endpoint + "', " + bucket + (more.empty() ? "" : ", " + more) + " }";
}
const std::string amazon = "https://s3.eu-central-1.amazonaws.com";

TEST(Recordings, AreKeptBesideTheStoreFor90DaysUnlessSomethingElseIsSaid) {
    const auto config = load_valid(file_with({{"store", "{ path: /srv/curfew/store.db }"}}));
    const Recordings& recordings = config.recordings;
    EXPECT_EQ(recordings.directory, "/srv/curfew/recordings");
    EXPECT_EQ(recordings.keep_for, 90 * 24h);
    EXPECT_FALSE(recordings.keep_bytes);
    EXPECT_EQ(recordings.result_bytes, 65536U);
    EXPECT_EQ(recordings.statement_bytes, 1048576U);
    EXPECT_EQ(recordings.max_wait, 5s);
    EXPECT_EQ(recordings.on_failure, OnRecordingFailure::end);
    EXPECT_EQ(recordings.redact, Redaction{});
    EXPECT_TRUE(recordings.redact.passwords);
    EXPECT_FALSE(recordings.s3);
}

TEST(Recordings, AreKeptInThePlaceOfPackagesWhereTheStoreHasNoFile) {
    const auto config = load_valid(file_with({{"store", "{ postgresql: 'host=db dbname=curfew' }"}}));
    EXPECT_EQ(config.recordings.directory, "/var/lib/curfew/recordings");
}

TEST(Recordings, AreReadWhole) {
    const auto recordings = loaded(
        "directory: /r, keep_for: forever, keep_bytes: 50GiB, result_bytes: 0, statement_bytes: 4KiB, "
        "max_wait: 10s, on_failure: continue, redact: { patterns: ['card=([0-9]+)'], passwords: false, "
        "statements: [{ pattern: insert, parameters: [3, 1] }, { pattern: update, parameters: all }, "
        "{ pattern: delete }] }, " +
        s3(amazon + "/",
           "region: eu-central-1, prefix: curfew/prod, root_certificate: /ca.crt, keep_local: true, "
           "part_bytes: 1MiB, part_interval: 10s, max_delay: 1m"));
    EXPECT_EQ(recordings.directory, "/r");
    EXPECT_FALSE(recordings.keep_for);
    EXPECT_EQ(recordings.keep_bytes, std::uint64_t{50} << 30U);
    EXPECT_EQ(recordings.result_bytes, 0U);
    EXPECT_EQ(recordings.statement_bytes, 4096U);
    EXPECT_EQ(recordings.max_wait, 10s);
    EXPECT_EQ(recordings.on_failure, OnRecordingFailure::continue_);
    EXPECT_THAT(recordings.redact.patterns, ElementsAre("card=([0-9]+)"));
    EXPECT_THAT(recordings.redact.statements,
                ElementsAre(StatementRedaction{"insert", {1, 3}}, StatementRedaction{"update", {}},
                            StatementRedaction{"delete", {}}));
    EXPECT_FALSE(recordings.redact.passwords);
    ASSERT_TRUE(recordings.s3);
    EXPECT_EQ(recordings.s3->endpoint, amazon);
    EXPECT_EQ(recordings.s3->region, "eu-central-1");
    EXPECT_EQ(recordings.s3->bucket, "example");
    EXPECT_EQ(recordings.s3->prefix, "curfew/prod/");
    EXPECT_EQ(recordings.s3->access_key_id, "AKIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(recordings.s3->secret_access_key.reveal(), "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    EXPECT_EQ(recordings.s3->root_certificate_file, "/ca.crt");
    EXPECT_TRUE(recordings.s3->keep_local);
    EXPECT_EQ(recordings.s3->part_bytes, 1048576U);
    EXPECT_EQ(recordings.s3->part_interval, 10s);
    EXPECT_EQ(recordings.s3->max_delay, 1min);
}

TEST(Recordings, HaveBounds) {
    EXPECT_THAT(problems("keep_for: 30m"), OnlyProblem("recordings.keep_for", "1h"));
    EXPECT_THAT(problems("keep_bytes: 1KB"),
                OnlyProblem("recordings.keep_bytes", "expected a size from 1MiB"));
    EXPECT_THAT(problems("result_bytes: 2GiB"), OnlyProblem("recordings.result_bytes", "to 1GiB"));
    EXPECT_THAT(problems("statement_bytes: 1B"),
                OnlyProblem("recordings.statement_bytes", "from 1KiB to 64MiB"));
    EXPECT_THAT(problems("max_wait: 2m"), OnlyProblem("recordings.max_wait", "1m"));
    EXPECT_THAT(problems("on_failure: ignore"), OnlyProblem("recordings.on_failure", "end"));
}

TEST(Recordings, AreRedactedByExpressionsThatCompileAndFindSomething) {
    EXPECT_THAT(problems("redact: { patterns: ['(x'] }"),
                OnlyProblem("recordings.redact.patterns[0]", "'(x' is not a regular expression"));
    EXPECT_THAT(problems("redact: { patterns: ['[0-9]*'] }"),
                OnlyProblem("recordings.redact.patterns[0]", "found everywhere"));
    EXPECT_THAT(problems("redact: { statements: [{ parameters: [1] }] }"),
                OnlyProblem("recordings.redact.statements[0]", "pattern"));
    EXPECT_THAT(problems("redact: { statements: [{ pattern: x, parameters: [0] }] }"),
                OnlyProblem("recordings.redact.statements[0].parameters[0]", "from 1 to 65535"));
    EXPECT_THAT(problems("redact: { statements: [{ pattern: x, parameters: [2, 2] }] }"),
                OnlyProblem("recordings.redact.statements[0].parameters[1]", "twice"));
    EXPECT_THAT(problems("redact: { statements: [{ pattern: x, parameters: [] }] }"),
                OnlyProblem("recordings.redact.statements[0].parameters", "'all', or a list"));
}

TEST(RecordingsInS3, AreSentOverTlsExceptOnThisMachine) {
    EXPECT_EQ(loaded(s3("http://127.0.0.1:9000")).s3->endpoint, "http://127.0.0.1:9000");
    EXPECT_THAT(problems(s3("http://minio:9000")), OnlyProblem("recordings.s3.endpoint", "https"));
    EXPECT_THAT(problems(s3("https://s3.example.com/bucket")),
                OnlyProblem("recordings.s3.endpoint", "no path"));
}

TEST(RecordingsInS3, NeedABucketAndAKey) {
    EXPECT_THAT(problems("s3: {}"), ElementsAre(HasSubstr("endpoint"), HasSubstr("bucket"),
                                                HasSubstr("access_key_id"), HasSubstr("secret_access_key")));
    for (const std::string name : {"ab", "Upper", "a..b", "a/b", ".ab"}) {
        EXPECT_THAT(problems("s3: { endpoint: '" + amazon + "', bucket: '" + name +
                             "', access_key_id: a, secret_access_key: { file: /s/key } }"),
                    OnlyProblem("recordings.s3.bucket", "a bucket's name"));
    }
}

TEST(RecordingsInS3, NeverHaveTheirKeyInTheFileOrInAProblem) {
    const auto said = problems("s3: { endpoint: '" + amazon +
                               "', bucket: abc, access_key_id: a, secret_access_key: hunter2 }");
    EXPECT_THAT(said, OnlyProblem("recordings.s3.secret_access_key", "must not stand in this file"));
    EXPECT_THAT(said, Not(Contains(HasSubstr("hunter2"))));
}

TEST(RecordingsInS3, HaveKeysOfPlainCharacters) {
    EXPECT_EQ(loaded(s3(amazon, "prefix: ''")).s3->prefix, "");
    EXPECT_EQ(loaded(s3(amazon, "prefix: a/b.c/")).s3->prefix, "a/b.c/");
    for (const std::string prefix : {"/a", "a//b", "a/../b", "..", "./a", "a b", "a?b"})
        EXPECT_THAT(problems(s3(amazon, "prefix: '" + prefix + "'")),
                    OnlyProblem("recordings.s3.prefix", "prefix"));
}

TEST(RecordingsInS3, MustBeUploadedMoreOftenThanTheyMayBeLate) {
    EXPECT_THAT(problems(s3(amazon, "part_interval: 5m")),
                OnlyProblem("recordings.s3.part_interval", "late"));
    EXPECT_THAT(problems(s3(amazon, "max_delay: 30s")), OnlyProblem("recordings.s3.max_delay", "late"));
    EXPECT_THAT(problems(s3(amazon, "part_bytes: 1KiB")), OnlyProblem("recordings.s3.part_bytes", "256KiB"));
}

TEST(RecordingsInS3, AreTheSameWhereSecretsAreToo) {
    const auto one = loaded(s3(amazon));
    EXPECT_TRUE(is_same(*one.s3, *loaded(s3(amazon)).s3));
    EXPECT_FALSE(is_same(*one.s3, *loaded(s3(amazon, "region: eu-west-1")).s3));
    auto other = one;
    other.s3->secret_access_key = Secret{"another"};
    EXPECT_FALSE(is_same(*one.s3, *other.s3));
}

TEST(Recording, IsOffUnlessAResourceOrARuleAsksForIt) {
    const std::string prod = "{ prod: { host: h } }";
    const std::string rule = "{ r: { resources: [prod], approval_groups: [dba] } }";
    const std::vector<std::pair<std::string, std::string>> plain{
        {"resources", prod}, {"users", "{ al: {} }"}, {"groups", "{ dba: [al] }"}, {"rules", rule}};
    auto with_mode = [&plain](std::size_t section, const std::string& value) {
        auto sections = plain;
        sections[section].second = value;
        return load_valid(file_with(sections));
    };
    const auto off = load_valid(file_with(plain));
    EXPECT_EQ(off.resources.at("prod").recording, RecordingMode::off);
    EXPECT_EQ(off.rules.front().recording, RecordingMode::off);
    EXPECT_FALSE(off.records_sessions());
    const auto by_resource = with_mode(0, "{ prod: { host: h, recording: statements } }");
    EXPECT_EQ(by_resource.resources.at("prod").recording, RecordingMode::statements);
    EXPECT_TRUE(by_resource.records_sessions());
    const auto by_rule =
        with_mode(3, "{ r: { resources: [prod], approval_groups: [dba], recording: full } }");
    EXPECT_EQ(by_rule.rules.front().recording, RecordingMode::full);
    EXPECT_TRUE(by_rule.records_sessions());
}

TEST(Recording, IsOneOfThreeWords) {
    EXPECT_THAT(problems_of(file_with({{"resources", "{ prod: { host: h, recording: everything } }"}})),
                OnlyProblem("resources.prod.recording", "statements"));
    EXPECT_THAT(problems_of(file_with({{"resources", "{ prod: { host: h, recording: 'off' } }"}})),
                IsEmpty());
}

TEST(Recording, GoesOnInTheSameDirectoryUntilARestart) {
    const auto running = load_valid(with("directory: /a"));
    auto wanted = load_valid(with("directory: /b, keep_for: 1d"));
    EXPECT_THAT(needs_restart(running, wanted),
                ElementsAre("recordings.directory stays /a until curfewd is restarted; the file says /b"));
    keep_until_restart(running, wanted);
    EXPECT_EQ(wanted.recordings.directory, "/a");
    EXPECT_EQ(wanted.recordings.keep_for, 24h);
}

TEST(RecordingsInS3, StayAsTheyAreUntilARestart) {
    const auto environment = environment_with_key();
    const auto running = load_valid(with(s3(amazon)), environment);
    auto wanted = load_valid(with(s3(amazon, "region: eu-west-1")), environment);
    EXPECT_THAT(needs_restart(running, wanted), ElementsAre(HasSubstr("recordings.s3")));
    keep_until_restart(running, wanted);
    EXPECT_TRUE(is_same(*wanted.recordings.s3, *running.recordings.s3));
    EXPECT_THAT(needs_restart(running, running), IsEmpty());
}

}  // namespace
}  // namespace curfew::config::test
