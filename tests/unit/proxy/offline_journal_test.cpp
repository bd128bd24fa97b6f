// What a node keeps of grants that were signed offline: nothing that was acknowledged is lost or forgotten.
#include "proxy/offline_journal.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_directory.hpp"

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using test::TemporaryDirectory;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string document_id(32, 'a');

OfflineRecord example_record() {
    OfflineRecord record;
    policy::OfflineGrant& grant = record.acceptance.document.grant;
    grant.id = document_id;
    grant.installation = "prod-eu";
    grant.node = "db-a";
    grant.user = "alice";
    grant.resource = "prod";
    grant.duration = 20min;
    grant.reason = "orders are stuck";
    grant.not_before = WallInstant{1000h};
    grant.not_after = WallInstant{1002h};
    record.acceptance.document.signatures = {{std::string(32, 'k'), std::string(64, 's')}};
    record.acceptance.user = "alice";
    record.acceptance.signers = {"bob", "carol"};
    record.acceptance.grant = GrantId::generate();
    record.acceptance.request = RequestId::generate();
    record.submitted_by = "root";
    record.at = WallInstant{1001h + 5ms};
    record.boot = "a-boot";
    record.boot_at = BootInstant{77h + 3ns};
    record.verifier.emplace("SCRAM-SHA-256$4096:…");
    return record;
}

store::SessionRecord example_session(const GrantId& grant) {
    store::SessionRecord session;
    session.id = SessionId::generate();
    session.grant = grant;
    session.user = "alice";
    session.resource = "prod";
    session.database = "shop";
    session.node = "db-a";
    session.client_address = "10.0.0.7:4711";
    session.application_name = "what\xff a \"name\"\n";
    session.backend = {4711, "2026-11-25 10:00:00+00"};
    session.started_at = WallInstant{1001h};
    return session;
}

class OfflineJournalTest : public testing::Test {
protected:
    OfflineJournal open() {
        auto opened = OfflineJournal::open(directory / "offline");
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    std::string refusal() {
        const auto opened = OfflineJournal::open(directory / "offline");
        return opened ? "opened" : opened.error().message;
    }
    void append(const std::string& text) { std::ofstream{file(), std::ios::app} << text; }
    std::filesystem::path file() { return directory / "offline" / "journal"; }

    TemporaryDirectory directory;
};

TEST_F(OfflineJournalTest, IsMadeForItsOwnerAlone) {
    open();
    struct stat status {};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    ASSERT_EQ(::stat(file().parent_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(OfflineJournalTest, RemembersAllOfWhatWasTaken) {
    const OfflineRecord record = example_record();
    ASSERT_TRUE(open().add(record));
    const auto journal = open();
    ASSERT_THAT(journal.records(), SizeIs(1));
    const OfflineRecord& read = journal.records()[0];
    EXPECT_EQ(read.acceptance, record.acceptance);
    EXPECT_EQ(read.submitted_by, "root");
    EXPECT_EQ(read.at, record.at);
    EXPECT_EQ(read.boot, record.boot);
    EXPECT_EQ(read.boot_at, record.boot_at);
    EXPECT_EQ(read.verifier->reveal(), record.verifier->reveal());
    EXPECT_FALSE(read.entered);
    EXPECT_FALSE(read.revoked);
    EXPECT_NE(journal.find_document(document_id), nullptr);
    EXPECT_EQ(journal.find_document(std::string(32, 'b')), nullptr);
}

TEST_F(OfflineJournalTest, RemembersWhatBecameOfIt) {
    const OfflineRecord record = example_record();
    {
        auto journal = open();
        ASSERT_TRUE(journal.add(record));
        ASSERT_TRUE(journal.add_revocation(record.acceptance.grant, {"root", "not needed"}));
        ASSERT_TRUE(journal.add_entry(record.acceptance.grant));
    }
    const auto journal = open();
    const OfflineRecord* read = journal.find(record.acceptance.grant);
    ASSERT_NE(read, nullptr);
    EXPECT_TRUE(read->entered);
    ASSERT_TRUE(read->revoked);
    EXPECT_EQ(read->revoked->by, "root");
    EXPECT_EQ(read->revoked->reason, "not needed");
}

TEST_F(OfflineJournalTest, HoldsSessionsUntilTheyAreEntered) {
    const OfflineRecord record = example_record();
    const auto session = example_session(record.acceptance.grant);
    {
        auto journal = open();
        ASSERT_TRUE(journal.add(record));
        ASSERT_TRUE(journal.add_session(session));
    }
    {
        auto journal = open();
        ASSERT_THAT(journal.sessions(), SizeIs(1));
        EXPECT_EQ(journal.sessions()[0].id, session.id);
        EXPECT_EQ(journal.sessions()[0].application_name, session.application_name);
        EXPECT_EQ(journal.sessions()[0].backend.pid, session.backend.pid);
        EXPECT_EQ(journal.sessions()[0].backend.started, session.backend.started);
        ASSERT_TRUE(journal.add_session_entry(session.id));
        EXPECT_THAT(journal.sessions(), IsEmpty());
    }
    EXPECT_THAT(open().sessions(), IsEmpty());
}

TEST_F(OfflineJournalTest, PassesOverALineThatACrashCutShort) {
    ASSERT_TRUE(open().add(example_record()));
    append("{\"kind\":\"session\",\"id\":\"s-");
    {
        auto journal = open();
        EXPECT_THAT(journal.records(), SizeIs(1));
        ASSERT_TRUE(journal.add_entry(journal.records()[0].acceptance.grant));
    }
    EXPECT_TRUE(open().records()[0].entered) << "what follows begins a line of its own";
}

TEST_F(OfflineJournalTest, IsNotReadPastWhatSomebodyElseWrote) {
    ASSERT_TRUE(open().add(example_record()));
    append("hello\n");
    EXPECT_THAT(refusal(), HasSubstr("line 2 of"));
}

TEST_F(OfflineJournalTest, IsOneProcessesAtATime) {
    const auto journal = open();
    EXPECT_THAT(refusal(), HasSubstr("in use by another curfewd"));
}

TEST_F(OfflineJournalTest, AcknowledgesNothingThatItCannotWrite) {
    // The disk is full for a file that may not grow.
    auto journal = open();
    struct rlimit before {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit none = before;
    none.rlim_cur = 10;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
    const auto added = journal.add(example_record());
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::unavailable);
    EXPECT_THAT(journal.records(), IsEmpty());
    EXPECT_EQ(std::filesystem::file_size(file()), 0U) << "no half of a line is left";
    EXPECT_TRUE(journal.add(example_record())) << "and it goes on when there is room";
}

TEST_F(OfflineJournalTest, CountsTheAgeOnTheBootClockWithinOneBoot) {
    ManualClock clock{WallInstant{1001h}, BootInstant{77h}};
    OfflineRecord record = example_record();
    record.at = clock.wall_now();
    record.boot_at = clock.boot_now();
    clock.advance(3min);
    clock.step_wall(-1h);
    EXPECT_EQ(age_of(record, "a-boot", clock), 3min);
    clock.step_wall(1h);
    EXPECT_EQ(age_of(record, "another-boot", clock), 3min) << "by the wall clock after a restart";
    clock.step_wall(-1h);
    EXPECT_EQ(age_of(record, "another-boot", clock), 0min) << "never below zero";
}

}  // namespace
}  // namespace curfew::proxy
