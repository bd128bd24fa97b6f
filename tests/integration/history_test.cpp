// Who judges the chaos must see what is wrong, and excuse what is promised to be excused.
#include "support/history.hpp"

#include <gmock/gmock.h>

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr WallTime start{1000s};
constexpr WallTime end{1010s};

class BrokenPromises : public testing::Test {
protected:
    BrokenPromises() {
        history.grants["g-1"] = {"g-1", "alice", "r-1", start, end, {}};
        history.approved = {"r-1"};
        history.max_staleness = 3s;
        history.slack = 250ms;
    }
    static Sight sight(WallTime at, const std::string& user = "alice", const std::string& grant = "g-1") {
        return {grant, user, "gate-a", at, "a commit"};
    }
    std::vector<std::string> of_commit(const Sight& commit) {
        history.commits = {commit};
        return broken_promises(history);
    }
    std::vector<std::string> of_byte(const Sight& byte) {
        history.bytes = {byte};
        return broken_promises(history);
    }

    History history;
};

TEST_F(BrokenPromises, AreNoneUpTo250MillisecondsAfterTheEnd) {
    EXPECT_THAT(of_commit(sight(start)), IsEmpty());
    EXPECT_THAT(of_commit(sight(end + 250ms)), IsEmpty());
    EXPECT_THAT(of_byte(sight(end + 250ms)), IsEmpty());
}

TEST_F(BrokenPromises, AreSeenAfterwards) {
    EXPECT_THAT(of_commit(sight(end + 300ms)),
                ElementsAre(HasSubstr("300 ms after its end, which is 50 ms")));
    history.commits.clear();
    EXPECT_THAT(of_byte(sight(end + 251ms)), ElementsAre(HasSubstr("too late")));
}

TEST_F(BrokenPromises, AreSeenAfterARevocationThatCouldBeHeard) {
    history.grants["g-1"].revoked = start + 1s;
    EXPECT_THAT(of_byte(sight(start + 1250ms)), IsEmpty());
    EXPECT_THAT(of_byte(sight(start + 1300ms)), ElementsAre(HasSubstr("too late")));
}

TEST_F(BrokenPromises, AreSeenMaxStalenessLaterWhereTheStoreWasAway) {
    history.grants["g-1"].revoked = start + 1s;
    history.store_away = {{start + 1s, start + 2s}};
    EXPECT_THAT(of_byte(sight(start + 4s)), IsEmpty());
    EXPECT_THAT(of_byte(sight(start + 4300ms)), ElementsAre(HasSubstr("too late")));
}

TEST_F(BrokenPromises, AreNotExcusedByAnOutageAtAnotherTime) {
    history.grants["g-1"].revoked = start + 3s;
    history.store_away = {{start, start + 2s}};
    EXPECT_THAT(of_byte(sight(start + 4s)), ElementsAre(HasSubstr("too late")));
}

TEST_F(BrokenPromises, AreNeverExcusedPastTheGrantsOwnEndByTheStore) {
    history.grants["g-1"].revoked = end - 1s;
    history.store_away = {{start, end + 60s}};
    EXPECT_THAT(of_byte(sight(end + 300ms)), ElementsAre(HasSubstr("too late")));
}

TEST_F(BrokenPromises, LetABackendCommitUntilItsKilledNodeListensAgain) {
    history.node_away["gate-a"] = {{end - 1s, end + 2s}};
    EXPECT_THAT(of_commit(sight(end + 2s)), IsEmpty());
    EXPECT_THAT(of_commit(sight(end + 2300ms)), ElementsAre(HasSubstr("too late")));
}

TEST_F(BrokenPromises, LetNoByteThroughForThat) {
    history.node_away["gate-a"] = {{end - 1s, end + 2s}};
    EXPECT_THAT(of_byte(sight(end + 1s)), ElementsAre(HasSubstr("too late")));
}

TEST_F(BrokenPromises, AreNotExcusedByTheDeathOfAnotherNode) {
    history.node_away["gate-b"] = {{end - 1s, end + 2s}};
    EXPECT_THAT(of_commit(sight(end + 1s)), ElementsAre(HasSubstr("too late")));
}

TEST_F(BrokenPromises, AreSeenInGrantsThatAreNoGrants) {
    EXPECT_THAT(of_commit(sight(start, "alice", "no grant")), ElementsAre(HasSubstr("no such grant")));
    EXPECT_THAT(of_commit(sight(start, "mallory")), ElementsAre(HasSubstr("a grant for alice")));
    history.approved.clear();
    EXPECT_THAT(of_commit(sight(start)), ElementsAre(HasSubstr("nobody approved")));
}

TEST_F(BrokenPromises, AreSeenBeforeTheGrantBegins) {
    EXPECT_THAT(of_commit(sight(start - 10ms)), ElementsAre(HasSubstr("before it starts")));
}

}  // namespace
}  // namespace curfew::test
