// Recordings are files that belong to their owner alone, grow while others read them, and are never in the
// way of one another.
#include "recording/local_storage.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sys/resource.h>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "recording/disk_sync.hpp"
#include "some_entries.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using test::session_number;
namespace fs = std::filesystem;

constexpr WallInstant today{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 14h};

class LocalStorageTest : public testing::Test {
protected:
    RecordingKey key(int number) const { return {session_number(number), today}; }
    fs::path path(int number) const { return root_ / path_of(key(number)); }
    std::unique_ptr<RecordingFile> written(int number, std::string_view bytes) {
        auto file = storage_->create(key(number)).value();
        EXPECT_TRUE(file->append(bytes));
        return file;
    }
    static std::string content_of(RecordingSource& source) {
        std::string content(1000, '\0');
        content.resize(source.read(0, content).value());
        return content;
    }
    static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 07777U;
    }

    curfew::test::TemporaryDirectory directory_;
    fs::path root_ = directory_ / "recordings";
    ManualClock clock_;
    std::unique_ptr<LocalStorage> storage_ = LocalStorage::open(root_.string(), clock_).value();
};

TEST(RecordingPath, NamesTheDayAndTheSession) {
    EXPECT_EQ(path_of({session_number(7), today}), "2026/11/29/s-00000007.curfewrec");
}

TEST(RecordingPath, ComesBackAsItsDay) {
    const auto key = key_of("2026/11/29/s-00000007.curfewrec");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->session, session_number(7));
    EXPECT_EQ(key->began, std::chrono::floor<std::chrono::days>(today));
}

TEST(RecordingPath, IsOfNothingElse) {
    for (const std::string_view path :
         {"", "s-00000007.curfewrec", "2026/11/29/s-0000000i.curfewrec", "2026/13/29/s-00000007.curfewrec",
          "2026/02/30/s-00000007.curfewrec", "2026/11/29/s-00000007.curfewrec.tmp", "2026/11/29/s-00000007",
          "2026/11/29/../s-00000007.curfewrec", "/2026/11/29/s-00000007.curfewrec",
          "2026/1a/29/s-00000007.curfewrec"})
        EXPECT_FALSE(key_of(path)) << path;
}

TEST_F(LocalStorageTest, KeepsARecordingBelowItsDayForItsOwnerAlone) {
    auto file = written(1, "frames");
    ASSERT_TRUE(file->close());
    EXPECT_EQ(path(1).string(), (root_ / "2026/11/29/s-00000001.curfewrec").string());
    EXPECT_EQ(mode_of(path(1)), 0600U);
    for (fs::path above = path(1).parent_path(); above != root_.parent_path(); above = above.parent_path())
        EXPECT_EQ(mode_of(above), 0700U) << above;
}

TEST_F(LocalStorageTest, NeverWritesOverARecording) {
    ASSERT_TRUE(written(1, "first")->close());
    const auto again = storage_->create(key(1));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::conflict);
    EXPECT_EQ(content_of(*storage_->open(key(1)).value()), "first");
}

TEST_F(LocalStorageTest, ShowsAtOnceWhatWasWritten) {
    auto file = written(1, "one ");
    const auto source = storage_->open(key(1)).value();
    EXPECT_EQ(content_of(*source), "one ");
    EXPECT_TRUE(source->live());
    ASSERT_TRUE(file->append("two"));
    EXPECT_EQ(content_of(*source), "one two");
    ASSERT_TRUE(file->close());
    EXPECT_FALSE(source->live());
    EXPECT_EQ(content_of(*source), "one two");
}

TEST_F(LocalStorageTest, TellsARecordingOfADeadWriterFromALiveOne) {
    auto file = written(1, "bytes");
    const auto source = storage_->open(key(1)).value();
    file.reset();  // as when its process was killed
    EXPECT_FALSE(source->live());
}

TEST_F(LocalStorageTest, ClosesOnce) {
    auto file = written(1, "a");
    EXPECT_TRUE(file->close());
    EXPECT_TRUE(file->close()) << "a second time does nothing";
    EXPECT_FALSE(file->append("b"));
}

TEST_F(LocalStorageTest, FindsARecordingOfTheDayBeforeOrAfter) {
    ASSERT_TRUE(written(1, "bytes")->close());
    EXPECT_TRUE(storage_->open({session_number(1), today + 24h}));
    EXPECT_TRUE(storage_->open({session_number(1), today - 24h}));
    EXPECT_FALSE(storage_->open({session_number(1), today + 48h}));
}

TEST_F(LocalStorageTest, SaysThatThereIsNone) {
    const auto none = storage_->open(key(1));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::not_found);
    EXPECT_NE(none.error().message.find("s-00000001"), std::string::npos);
    EXPECT_EQ(storage_->remove(key(1)).error().code, ErrorCode::not_found);
}

TEST_F(LocalStorageTest, ListsWhatItHas) {
    ASSERT_TRUE(written(2, "twelve bytes")->close());
    const auto live = written(1, "live");
    std::ofstream{path(1).parent_path() / "notes.txt"} << "no recording";
    std::ofstream{root_ / "notes.txt"} << "no recording";
    const auto all = storage_->list().value();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].key.session, session_number(1));
    EXPECT_TRUE(all[0].live);
    EXPECT_EQ(all[1].key.session, session_number(2));
    EXPECT_FALSE(all[1].live);
    EXPECT_EQ(all[1].bytes, 12U);
    EXPECT_GT(all[1].changed, today - 24h * 365);
}

TEST_F(LocalStorageTest, RemovesARecordingAndTheDirectoriesThatAreEmptyThen) {
    ASSERT_TRUE(written(1, "a")->close());
    ASSERT_TRUE(written(2, "b")->close());
    ASSERT_TRUE(storage_->remove(key(1)));
    EXPECT_FALSE(fs::exists(path(1)));
    EXPECT_TRUE(fs::exists(path(2)));
    ASSERT_TRUE(storage_->remove(key(2)));
    EXPECT_TRUE(fs::is_empty(root_));
    ASSERT_TRUE(written(3, "c")->close());
}

TEST_F(LocalStorageTest, DoesNotRemoveALiveOne) {
    const auto file = written(1, "a");
    EXPECT_EQ(storage_->remove(key(1)).error().code, ErrorCode::conflict);
    EXPECT_TRUE(fs::exists(path(1)));
}

TEST_F(LocalStorageTest, FollowsNoSymbolicLinks) {
    const fs::path elsewhere = directory_ / "elsewhere";
    fs::create_directories(elsewhere);
    fs::create_directory_symlink(elsewhere, root_ / "2026");
    EXPECT_FALSE(storage_->create(key(1)));
    EXPECT_TRUE(fs::is_empty(elsewhere));
    EXPECT_TRUE(storage_->list().value().empty());

    fs::remove(root_ / "2026");
    fs::create_directories(path(1).parent_path());
    std::ofstream{elsewhere / "secret"} << "secret";
    fs::create_symlink(elsewhere / "secret", path(1));
    EXPECT_FALSE(storage_->open(key(1)));
    EXPECT_FALSE(storage_->create(key(1)));
    EXPECT_TRUE(storage_->list().value().empty());
}

TEST_F(LocalStorageTest, OpensNothingButFiles) {
    fs::create_directories(path(1).parent_path());
    ASSERT_EQ(::mkfifo(path(1).c_str(), 0600), 0);
    EXPECT_EQ(storage_->open(key(1)).error().code, ErrorCode::not_found);
}

TEST(DiskSync, BringsAFileThatWasWrittenToTheDisk) {
    const curfew::test::TemporaryDirectory directory;
    ManualClock clock;
    auto file = std::make_shared<DiskSync::File>();
    file->handle = FileHandle{::open((directory / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    {
        DiskSync sync{clock};
        sync.written(file);
        sync.written(file);
        EXPECT_TRUE(file->waiting) << "it is not due yet";
    }
    EXPECT_FALSE(file->waiting);
    EXPECT_EQ(file->problem, 0);
}

TEST(DiskSync, KeepsWhyAFileCouldNotBeBroughtThere) {
    ManualClock clock;
    const auto file = std::make_shared<DiskSync::File>();  // of no file at all
    {
        DiskSync sync{clock};
        sync.written(file);
    }
    EXPECT_EQ(file->problem, EBADF);
}

TEST(DiskSync, TellsWhatWentWrongAlsoWhereItGoesWellLater) {
    const curfew::test::TemporaryDirectory directory;
    DiskSync::File file;
    EXPECT_EQ(DiskSync::bring(file), EBADF);
    file.handle = FileHandle{::open((directory / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    EXPECT_EQ(DiskSync::bring(file), EBADF) << "what was lost then is lost";
}

// Each file of this process may have so many bytes; beyond that writing fails, as on a full disk.
class LargestFile {
public:
    explicit LargestFile(rlim_t bytes) {
        old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &old_);
        const struct rlimit limit { bytes, old_.rlim_max };
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~LargestFile() {
        ::setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, old_handler_);
    }
    LargestFile(const LargestFile&) = delete;
    LargestFile& operator=(const LargestFile&) = delete;

private:
    struct rlimit old_ {};
    void (*old_handler_)(int) = nullptr;
};

TEST_F(LocalStorageTest, LeavesNoHalfFrameWhereWritingFails) {
    auto file = written(1, "whole frame");
    {
        const LargestFile limit{15};
        const auto failed = file->append("another frame");
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
        EXPECT_NE(failed.error().message.find(path(1).string()), std::string::npos);
    }
    EXPECT_EQ(content_of(*storage_->open(key(1)).value()), "whole frame");
    ASSERT_TRUE(file->append(", and more"));
    EXPECT_EQ(content_of(*storage_->open(key(1)).value()), "whole frame, and more");
}

TEST(LocalStorageOpening, MakesItsDirectory) {
    const curfew::test::TemporaryDirectory directory;
    ManualClock clock;
    ASSERT_TRUE(LocalStorage::open((directory / "a/b/recordings").string(), clock));
    EXPECT_TRUE(fs::is_directory(directory / "a/b/recordings"));
}

TEST(LocalStorageOpening, RefusesADirectoryThatOthersCanWriteTo) {
    const curfew::test::TemporaryDirectory directory;
    ManualClock clock;
    fs::create_directory(directory / "open");
    fs::permissions(directory / "open", fs::perms::all);
    const auto opened = LocalStorage::open((directory / "open").string(), clock);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::invalid);
    EXPECT_NE(opened.error().message.find("chmod 700"), std::string::npos);
}

TEST(LocalStorageOpening, RefusesWhatIsNoDirectory) {
    const curfew::test::TemporaryDirectory directory;
    ManualClock clock;
    const auto file = directory.write("file", "content");
    EXPECT_EQ(LocalStorage::open(file.string(), clock).error().code, ErrorCode::invalid);
}

TEST(RecordingFileAnywhere, IsReadByItsPath) {
    const curfew::test::TemporaryDirectory directory;
    const auto file = directory.write("sent.curfewrec", "bytes");
    const auto source = open_recording_file(file.string()).value();
    std::string content(10, '\0');
    EXPECT_EQ(source->read(1, content).value(), 4U);
    EXPECT_FALSE(source->live());
    EXPECT_EQ(open_recording_file((directory / "none").string()).error().code, ErrorCode::not_found);
    EXPECT_EQ(open_recording_file(directory.path().string()).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace curfew::recording
