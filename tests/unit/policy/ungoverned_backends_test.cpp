#include "policy/ungoverned_backends.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace curfew::policy {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Duration settling = 15s;

SeenBackend backend(std::int32_t pid, const std::string& started = "2026-11-24T14:05:00.123456Z") {
    return {{pid, started}, "app_rw", "orders", "192.0.2.7", "psql"};
}

std::vector<std::int32_t> pids(const std::vector<SeenBackend>& backends) {
    std::vector<std::int32_t> pids;
    for (const SeenBackend& one : backends)
        pids.push_back(one.key.pid);
    return pids;
}

class UngovernedBackend : public testing::Test {
protected:
    using Change = UngovernedBackends::Change;

    Change compare(const std::vector<SeenBackend>& seen, const std::vector<BackendKey>& recorded = {}) {
        return backends.compare(seen, recorded, now, settling);
    }
    Change compare_later(const std::vector<SeenBackend>& seen, const std::vector<BackendKey>& recorded = {}) {
        now += settling;
        return compare(seen, recorded);
    }

    UngovernedBackends backends;
    BootInstant now{1h};
};

TEST_F(UngovernedBackend, IsNoneAtFirstSight) {
    EXPECT_THAT(compare({backend(7)}).appeared, IsEmpty());
    EXPECT_EQ(backends.count(), 0U);
}

TEST_F(UngovernedBackend, IsOneThatIsSeenAgainOnceASessionWouldBeOnRecord) {
    compare({backend(7)});
    const Change change = compare_later({backend(7)});
    EXPECT_THAT(pids(change.appeared), ElementsAre(7));
    EXPECT_THAT(pids(backends.ungoverned()), ElementsAre(7));
    EXPECT_EQ(backends.count(), 1U);
}

TEST_F(UngovernedBackend, IsNoneForAsLongAsASessionMayBeOpening) {
    compare({backend(7)});
    now += settling - 1ms;
    EXPECT_THAT(compare({backend(7)}).appeared, IsEmpty());
    now += 1ms;
    EXPECT_THAT(pids(compare({backend(7)}).appeared), ElementsAre(7));
}

TEST_F(UngovernedBackend, IsNoneWhereASessionHasItByThen) {
    compare({backend(7)});
    EXPECT_THAT(compare_later({backend(7)}, {backend(7).key}).appeared, IsEmpty());
    EXPECT_EQ(backends.count(), 0U);
}

TEST_F(UngovernedBackend, IsNoneThatHasThePidOfASessionWhoseStartWasNeverLearnt) {
    compare({backend(7)});
    EXPECT_THAT(compare_later({backend(7)}, {{7, ""}}).appeared, IsEmpty());
}

TEST_F(UngovernedBackend, IsOneThatHasThePidOfASessionAndAnotherStart) {
    const BackendKey another{7, "2026-11-24T15:00:00.000000Z"};
    compare({backend(7)}, {another});
    EXPECT_THAT(pids(compare_later({backend(7)}, {another}).appeared), ElementsAre(7));
}

TEST_F(UngovernedBackend, IsSeenForTheFirstTimeWhereItsPidWasAnothers) {
    compare({backend(7)});
    EXPECT_THAT(compare_later({backend(7, "2026-11-24T15:00:00.000000Z")}).appeared, IsEmpty());
}

TEST_F(UngovernedBackend, IsToldOnceWhenItAppearsAndOnceWhenItGoes) {
    compare({backend(7)});
    compare_later({backend(7)});
    EXPECT_THAT(compare_later({backend(7)}).appeared, IsEmpty());
    const Change change = compare_later({});
    EXPECT_THAT(pids(change.gone), ElementsAre(7));
    EXPECT_THAT(compare_later({}).gone, IsEmpty());
    EXPECT_EQ(backends.count(), 0U);
}

TEST_F(UngovernedBackend, GoesWithoutAWordIfItWasNeverCertain) {
    compare({backend(7)});
    EXPECT_THAT(compare_later({}).gone, IsEmpty());
}

TEST_F(UngovernedBackend, BeginsAnewWhereItWasNotSeenInBetween) {
    compare({backend(7)});
    compare_later({});
    EXPECT_THAT(compare_later({backend(7)}).appeared, IsEmpty());
}

TEST_F(UngovernedBackend, GoesWhenASessionHasItAfterAll) {
    compare({backend(7)});
    compare_later({backend(7)});
    EXPECT_THAT(pids(compare_later({backend(7)}, {backend(7).key}).gone), ElementsAre(7));
}

TEST_F(UngovernedBackend, IsNotLookedForAgainSoonAfterItWasFoundToHaveASession) {
    EXPECT_THAT(pids(backends.to_look_for({backend(7), backend(8)}, now)), ElementsAre(7, 8));
    compare({backend(7), backend(8)}, {backend(7).key});
    EXPECT_THAT(pids(backends.to_look_for({backend(7), backend(8)}, now)), ElementsAre(8));
    // Nobody looked for it, so that it is not among what was found.
    EXPECT_THAT(pids(compare_later({backend(7), backend(8)}).appeared), ElementsAre(8));
}

TEST_F(UngovernedBackend, IsOneWhoseSessionIsOver) {
    compare({backend(7)}, {backend(7).key});
    now += UngovernedBackends::believed_for;
    EXPECT_THAT(pids(backends.to_look_for({backend(7)}, now)), ElementsAre(7));
    compare({backend(7)});
    EXPECT_THAT(pids(compare_later({backend(7)}).appeared), ElementsAre(7));
}

}  // namespace
}  // namespace curfew::policy
