// Recordings go when they have been kept for long enough or there is too much of them; the oldest first.
#include "recording/retention.hpp"

#include <gtest/gtest.h>

#include "some_entries.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using test::session_number;

constexpr WallInstant that_day{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29}};

StoredRecording of_age(int number, std::chrono::hours age, std::uint64_t bytes = 100, bool live = false) {
    return {{session_number(number), that_day - age}, bytes, that_day - age, live};
}

std::vector<std::string> sessions_of(const std::vector<Removal>& removals) {
    std::vector<std::string> sessions;
    for (const Removal& removal : removals)
        sessions.push_back(removal.recording.key.session.text() + " " + std::string{to_string(removal.why)});
    return sessions;
}

using Sessions = std::vector<std::string>;

TEST(Retention, KeepsEverythingWhereNothingIsAsked) {
    EXPECT_TRUE(due_removals({of_age(1, 24h * 5000)}, {}, that_day).empty());
}

TEST(Retention, RemovesWhatIsOlderThanItIsKept) {
    const Keeping keeping{48h, std::nullopt};
    EXPECT_EQ(sessions_of(due_removals({of_age(1, 1h), of_age(2, 49h), of_age(3, 48h)}, keeping, that_day)),
              Sessions{"s-00000002 age"});
}

TEST(Retention, RemovesTheOldestUntilTheRestFits) {
    const Keeping keeping{std::nullopt, 250};
    EXPECT_EQ(sessions_of(due_removals({of_age(1, 1h), of_age(2, 3h), of_age(3, 2h), of_age(4, 4h)}, keeping,
                                       that_day)),
              (Sessions{"s-00000004 size", "s-00000002 size"}));
    EXPECT_TRUE(due_removals({of_age(1, 1h), of_age(2, 3h)}, keeping, that_day).empty());
}

TEST(Retention, CountsWhatWentByAgeWhenItLooksAtTheSize) {
    const Keeping keeping{48h, 250};
    EXPECT_EQ(sessions_of(due_removals({of_age(1, 1h), of_age(2, 50h), of_age(3, 2h)}, keeping, that_day)),
              Sessions{"s-00000002 age"});
}

TEST(Retention, NeverRemovesALiveOneThoughItsBytesCount) {
    const Keeping keeping{48h, 150};
    EXPECT_EQ(sessions_of(due_removals({of_age(1, 100h, 1000, true), of_age(2, 1h)}, keeping, that_day)),
              Sessions{"s-00000002 size"});
}

// Has recordings, and does to each what the test says.
class StandIn final : public RecordingStorage {
public:
    std::vector<StoredRecording> recordings;
    std::map<SessionId, Error> errors;
    std::vector<SessionId> removed;

    Result<std::unique_ptr<RecordingFile>> create(const RecordingKey&) override { return Error{}; }
    Result<std::unique_ptr<RecordingSource>> open(const RecordingKey&) override { return Error{}; }
    Result<std::vector<StoredRecording>> list() override { return recordings; }
    Result<void> remove(const RecordingKey& key) override {
        const auto error = errors.find(key.session);
        if (error != errors.end()) return error->second;
        removed.push_back(key.session);
        return {};
    }
};

TEST(Retention, TellsOfEachThatItRemovedOrCouldNot) {
    StandIn storage;
    storage.recordings = {of_age(1, 100h), of_age(2, 99h), of_age(3, 98h), of_age(4, 97h), of_age(5, 1h)};
    storage.errors[session_number(2)] = {ErrorCode::unavailable, "read only"};
    storage.errors[session_number(3)] = {ErrorCode::not_found, "gone"};
    storage.errors[session_number(4)] = {ErrorCode::conflict, "live by now"};
    std::vector<std::string> told;
    const TellRemoval tell = [&](const Removal& removal, const Result<void>& outcome) {
        told.push_back(removal.recording.key.session.text() + (outcome ? "" : " " + outcome.error().message));
    };
    ASSERT_TRUE(apply_retention(storage, {48h, std::nullopt}, that_day, tell));
    EXPECT_EQ(told, (std::vector<std::string>{"s-00000001", "s-00000002 read only"}));
    EXPECT_EQ(storage.removed, std::vector{session_number(1)});
}

}  // namespace
}  // namespace curfew::recording
