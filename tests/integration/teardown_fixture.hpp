// What every way of ending a session by force must keep to.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/running_curfew.hpp"

namespace curfew::test {

enum class Trigger { expiry, revocation };

struct TeardownCase {
    AdminLogin admin;
    Trigger trigger;
};
std::string case_name(const testing::TestParamInfo<TeardownCase>& info);

// The three that each case runs in.
inline const auto every_way = testing::Values(TeardownCase{AdminLogin::present, Trigger::expiry},
                                              TeardownCase{AdminLogin::absent, Trigger::expiry},
                                              TeardownCase{AdminLogin::present, Trigger::revocation});

// Makes alice, bob and a table that alice may leave marks in.
void prepare_postgres();

// A test gives alice a session, has it do something, lets her right end, and sees what became of it.
class Teardown : public testing::TestWithParam<TeardownCase> {
protected:
    static void SetUpTestSuite();
    Teardown();
    static YAML::Node config(AdminLogin admin);

    // Gives alice a grant that is short where it is to expire.
    void give_grant(std::vector<std::string> more = {});
    // The same, and opens her session.
    LiveSession open_session(ByteStream::Options options = {});
    // From here on her right is over, or it soon is.
    void end_right();

    // Told why, by a FATAL 57P01 that is whole, within 100 ms of the deadline and not before it.
    void expect_told(const Ending& ending) const;
    // As expect_told, or closed without a word; but never something torn with more behind it.
    void expect_told_or_closed(const Ending& ending) const;
    // Over, for curfewd and for PostgreSQL, and confirmed as well as it can be.
    void expect_over(const LiveSession& session, std::chrono::milliseconds at_most = patience) const;
    void expect_end(const SessionEnd& end) const;

    // SQL that leaves a mark in this test's name where it is committed, and how many there are.
    std::string leave_mark() const;
    long marks() const;
    // Blocks until the session's backend waits for that (`pg_stat_activity.wait_event`).
    bool backend_waits(const LiveSession& session, const std::string& wait_event) const;

    bool has_admin_login() const { return GetParam().admin == AdminLogin::present; }

    PostgresCluster& cluster = PostgresCluster::shared();
    RunningCurfew curfew;
    GivenGrant grant;

private:
    void expect_in_time(Instant told) const;

    std::string mark_;
    Instant earliest_;  // no sooner than this may it end …
    Instant deadline_;  // … and its right is over by this
};

}  // namespace curfew::test
