#include "apps/process_setup.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "metrics/process_stats.hpp"

namespace curfew::apps {
namespace {

constexpr uid_t nobody = 65534;

// Sets a process of its own up, and ends it with 0 if `holds` afterwards.
template <class Condition>
[[noreturn]] void set_up_and_exit(Condition holds) {
    set_up_process();
    ::_exit(holds() ? 0 : 1);
}

TEST(ProcessSetup, MakesFilesThatAreNobodyElses) {
    EXPECT_EXIT(set_up_and_exit([] { return ::umask(0) == 077; }), testing::ExitedWithCode(0), "");
}

TEST(ProcessSetup, LeavesNoCoreDump) {
    const auto no_core = [] {
        rlimit limit{};
        return ::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE) == 0;
    };
    EXPECT_EXIT(set_up_and_exit(no_core), testing::ExitedWithCode(0), "");
}

TEST(ProcessSetup, AllowsAsManyDescriptorsAsItMay) {
    const auto raised = [] {
        rlimit limit{};
        return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == limit.rlim_max;
    };
    const auto lower_first = [&] {
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = 64;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        set_up_and_exit(raised);
    };
    EXPECT_EXIT(lower_first(), testing::ExitedWithCode(0), "");
}

TEST(ProcessSetup, SurvivesAPeerThatIsGone) {
    EXPECT_EXIT(set_up_and_exit([] { return ::raise(SIGPIPE) == 0; }), testing::ExitedWithCode(0), "");
}

TEST(ProcessSetup, LetsTheEnvironmentTellLibpqNothing) {
    const auto with_misleading_environment = [] {
        for (const char* variable : {"PGSERVICE", "PGSERVICEFILE", "PGHOSTADDR", "PGSSLMODE", "PGSSLCRLDIR",
                                     "PGREQUIREPEER", "PGTZ", "PGPASSWORD", "PG_OF_THE_CONFIGURATION"})
            ::setenv(variable, "misleading", 1);
        set_up_and_exit([] {
            for (const char* variable : {"PGSERVICE", "PGSERVICEFILE", "PGHOSTADDR", "PGSSLMODE",
                                         "PGSSLCRLDIR", "PGREQUIREPEER", "PGTZ"}) {
                if (::getenv(variable) != nullptr) return false;
            }
            // The configuration may name these.
            return ::getenv("PGPASSWORD") != nullptr && ::getenv("PG_OF_THE_CONFIGURATION") != nullptr;
        });
    };
    EXPECT_EXIT(with_misleading_environment(), testing::ExitedWithCode(0), "");
}

// A process that cannot be dumped owns little of its own /proc.
TEST(ProcessSetup, LeavesTheProcessMetricsReadableToAnUnprivilegedUser) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
    const auto as_nobody = [] {
        if (::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0) ::_exit(2);
        set_up_and_exit([] {
            const auto stats = metrics::read_process_stats();
            return stats && stats->open_fds >= 1 && stats->resident_bytes > 0;
        });
    };
    EXPECT_EXIT(as_nobody(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace curfew::apps
