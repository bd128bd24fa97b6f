// Opening a store: what is taken, what is refused and why, and whom it is closed to.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "sqlite_fixture.hpp"
#include "store/sqlite/schema.hpp"
#include "store_fixture.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

namespace fs = std::filesystem;
using store::SqliteStore;
using testing::HasSubstr;

class OpeningAStore : public testing::Test {
protected:
    fs::path path() const { return directory / "curfew.db"; }

    Result<std::shared_ptr<SqliteStore>> open() { return SqliteStore::open(path(), clock); }
    std::string refusal() {
        const auto opened = open();
        if (opened) return "it was opened";
        EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
        EXPECT_THAT(opened.error().message, HasSubstr(path().string()));
        return opened.error().message;
    }
    // A store with a grant in it, closed.
    void make_store() {
        const auto made = open().value();
        ASSERT_TRUE(await(made->add_grant(new_grant())));
    }
    void change(const std::string& sql) {
        SQLite::Database database{path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
        database.exec(sql);
    }
    // Overwrites the first page of a table.
    void damage(const std::string& table) {
        constexpr int page_size = 4096;
        int page = 0;
        {
            SQLite::Database database{path().string(), SQLite::OPEN_READONLY};
            ASSERT_EQ(database.execAndGet("PRAGMA page_size").getInt(), page_size);
            page = database.execAndGet("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'");
        }
        ASSERT_GT(page, 1);
        std::fstream file{path(), std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(std::streamoff{page - 1} * page_size);
        file << std::string(page_size, '\xA5');
        ASSERT_TRUE(file.flush());
    }
    int mode_of(const std::string& suffix) const {
        struct stat status {};
        EXPECT_EQ(::stat((path().string() + suffix).c_str(), &status), 0) << suffix;
        return static_cast<int>(status.st_mode & ALLPERMS);
    }

    TemporaryDirectory directory{"curfew-store"};
    ManualClock clock;
};

TEST_F(OpeningAStore, MakesOneWhereThereIsNone) {
    ASSERT_TRUE(open());
    EXPECT_TRUE(fs::is_regular_file(path()));
}

TEST_F(OpeningAStore, TakesAnEmptyFile) {
    directory.write("curfew.db", "");
    const auto opened = open();
    ASSERT_TRUE(opened);
    EXPECT_TRUE(await((*opened)->check_health()));
}

TEST_F(OpeningAStore, KeepsEveryFileFromOtherUsers) {
    const auto opened = open().value();
    for (const char* suffix : {"", "-wal", "-shm", ".lock"})
        EXPECT_EQ(mode_of(suffix), 0600) << suffix;
}

TEST_F(OpeningAStore, TakesAnOpenFileFromOtherUsers) {
    make_store();
    fs::permissions(path(), fs::perms{0664});
    const auto opened = open().value();
    EXPECT_EQ(mode_of(""), 0600);
    EXPECT_EQ(mode_of("-wal"), 0600);
}

TEST_F(OpeningAStore, TakesAPathThatLooksLikeAUri) {
    const fs::path before = fs::current_path();
    fs::current_path(directory.path());
    const auto opened = SqliteStore::open("file:curfew.db?mode=memory", clock);
    fs::current_path(before);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(fs::exists(directory / "file:curfew.db?mode=memory"));
}

TEST_F(OpeningAStore, IsRefusedWithoutItsDirectory) {
    const auto opened = SqliteStore::open(directory / "no/such/curfew.db", clock);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr((directory / "no/such").string() + " does not exist"));
    EXPECT_FALSE(fs::exists(directory / "no"));
}

TEST_F(OpeningAStore, IsRefusedWhereADirectoryStands) {
    fs::create_directory(path());
    EXPECT_THAT(refusal(), HasSubstr("is a directory"));
}

TEST_F(OpeningAStore, IsRefusedToASecondCurfewd) {
    const auto first = open().value();
    EXPECT_THAT(refusal(), HasSubstr("in use by another curfewd"));
    EXPECT_TRUE(await(first->check_health())) << "the first one does not notice";
}

TEST_F(OpeningAStore, WorksOnceTheOtherCurfewdHasGone) {
    make_store();
    EXPECT_TRUE(open());
}

TEST_F(OpeningAStore, IsRefusedWhereSomethingElseIs) {
    directory.write("curfew.db", "This is my diary. Keep out!\n" + std::string(8192, '.'));
    EXPECT_THAT(refusal(), HasSubstr("is not an SQLite database"));
    EXPECT_EQ(fs::file_size(path()), 8220U) << "and it is left alone";
}

TEST_F(OpeningAStore, IsRefusedForAnotherProgramsDatabase) {
    change("CREATE TABLE contacts (name TEXT)");
    EXPECT_THAT(refusal(), HasSubstr("of something other than Curfew"));
    change("PRAGMA application_id = 77; DROP TABLE contacts");
    EXPECT_THAT(refusal(), HasSubstr("of something other than Curfew"));
}

TEST_F(OpeningAStore, IsRefusedForANewerVersion) {
    make_store();
    change("PRAGMA user_version = 4711");
    EXPECT_THAT(refusal(), HasSubstr("is of version 4711, and this curfewd knows versions up to " +
                                     std::to_string(store::schema_version())));
    change("PRAGMA user_version = " + std::to_string(store::schema_version()));
    EXPECT_EQ(await(open().value()->grants(true))->size(), 1U) << "nothing was changed";
}

TEST_F(OpeningAStore, IsRefusedWithDamageAmongItsGrants) {
    make_store();
    damage("grants");
    EXPECT_THAT(refusal(), HasSubstr("is damaged"));
    EXPECT_THAT(refusal(), HasSubstr("put a backup in its place"));
}

// There may be years of them, and they are read again only to be looked at.
TEST_F(OpeningAStore, TellsOfDamageAmongTheSessionsWhenTheyAreRead) {
    make_store();
    damage("sessions");
    const auto opened = open().value();
    const auto answer = await(opened->list_sessions({}, {10}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
    EXPECT_THAT(answer.error().message, HasSubstr("is damaged"));
    EXPECT_EQ(await(opened->grants(true))->size(), 1U);
}

TEST_F(OpeningAStore, IsRefusedForACutFile) {
    make_store();
    fs::resize_file(path(), 8192);
    EXPECT_THAT(refusal(), HasSubstr("is damaged"));
}

TEST_F(OpeningAStore, IsRefusedWhileAnotherProcessHoldsIt) {
    make_store();
    SQLite::Database other{path().string(), SQLite::OPEN_READWRITE};
    other.exec(
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE installation SET clock_ms = clock_ms");
    store::SqliteOptions impatient;
    impatient.busy_timeout = std::chrono::milliseconds{1};
    const auto opened = SqliteStore::open(path(), clock, impatient);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("is held by another process"));
}

TEST_F(OpeningAStore, TakesABackupMadeWhileItWasInUse) {
    const auto used = open().value();
    const GrantId id = await(used->add_grant(new_grant()))->grant.id;
    const fs::path backup = directory / "backup.db";
    {
        SQLite::Database other{path().string(), SQLite::OPEN_READONLY};
        other.exec("VACUUM INTO '" + backup.string() + "'");
    }
    const auto restored = SqliteStore::open(backup, clock).value();
    EXPECT_EQ(await(restored->grants(false))->front().grant.id, id);
}

TEST_F(OpeningAStore, ChecksWhatIsWrittenByHand) {
    make_store();
    EXPECT_THROW(change("UPDATE grants SET ends_at_ms = starts_at_ms"), SQLite::Exception);
    EXPECT_THROW(change("UPDATE grants SET ends_at_ms = 'tomorrow'"), SQLite::Exception);
    EXPECT_THROW(change("UPDATE grants SET revoked_at_ms = 1"), SQLite::Exception);
    EXPECT_NO_THROW(change("UPDATE grants SET reason = 'by hand'"));
}

TEST_F(OpeningAStore, SaysWhichRowSomebodyMadeUnreadable) {
    make_store();
    change("UPDATE grants SET subject = 'group:'");
    const auto answer = await(open().value()->grants(true));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::internal);
    EXPECT_THAT(answer.error().message, HasSubstr("group:"));
}

TEST_F(OpeningAStore, KeepsItsSecretForGood) {
    std::string secret;
    {
        const auto first = open().value();
        // Revealed to be compared.
        secret = std::string{await(first->installation_secret())->reveal()};
        EXPECT_EQ(secret.size(), 32U);
        EXPECT_EQ(await(first->installation_secret())->reveal(), secret);
    }
    EXPECT_EQ(await(open().value()->installation_secret())->reveal(), secret);
    const auto other = SqliteStore::open(directory / "other.db", clock).value();
    EXPECT_NE(await(other->installation_secret())->reveal(), secret);
}

}  // namespace
}  // namespace curfew::test
