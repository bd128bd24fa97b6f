#include "integration/teardown_fixture.hpp"

#include <gmock/gmock.h>

#include <iostream>

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Long enough to bring about what is to be ended.
const std::string short_grant = slowdown == 1 ? "1s" : std::to_string(2 * slowdown) + "s";
// curfewd's clock and ours are read at different moments, and the window is told in milliseconds.
constexpr auto clock_tolerance = 5ms;
constexpr auto promise = 100ms;

double in_milliseconds(Instant::duration duration) {
    return std::chrono::duration<double, std::milli>{duration}.count();
}

}  // namespace

std::string case_name(const testing::TestParamInfo<TeardownCase>& info) {
    const std::string trigger = info.param.trigger == Trigger::expiry ? "OnExpiry" : "OnRevocation";
    return trigger + (info.param.admin == AdminLogin::present ? "WithAdminLogin" : "WithoutAdminLogin");
}

YAML::Node Teardown::config(AdminLogin admin) {
    YAML::Node node = basic_config(PostgresCluster::shared(), admin);
    add_sidecar(node);
    return node;
}

void Teardown::SetUpTestSuite() {
    prepare_postgres();
}

void prepare_postgres() {
    PostgresCluster& postgres = PostgresCluster::shared();
    if (postgres.sql("SELECT to_regclass('marks')").empty()) {
        postgres.sql(
            "CREATE ROLE alice LOGIN REPLICATION; CREATE ROLE bob LOGIN; CREATE TABLE marks (mark text);"
            "GRANT ALL ON marks TO alice");
    }
}

Teardown::Teardown() : curfew{config(GetParam().admin)} {
    mark_ = testing::UnitTest::GetInstance()->current_test_info()->name();
}

void Teardown::give_grant(std::vector<std::string> more) {
    grant =
        curfew.grant("alice", GetParam().trigger == Trigger::expiry ? short_grant : "1h", std::move(more));
    deadline_ = grant.end();
    earliest_ = deadline_ - clock_tolerance;
}

LiveSession Teardown::open_session(ByteStream::Options options) {
    give_grant();
    return curfew.open_session("alice", the_resource, {}, options);
}

void Teardown::end_right() {
    if (GetParam().trigger == Trigger::expiry) {
        ASSERT_LT(now(), deadline_) << "the test took too long to get here";
        return;
    }
    earliest_ = now();
    curfew.revoke(grant.id);
    deadline_ = now();
}

void Teardown::expect_in_time(Instant told) const {
    EXPECT_GE(told, earliest_) << in_milliseconds(earliest_ - told) << " ms too early";
    EXPECT_LE(told, deadline_ + within(promise))
        << in_milliseconds(told - deadline_) << " ms past the deadline";
}

void Teardown::expect_told(const Ending& ending) const {
    expect_told_or_closed(ending);
    EXPECT_EQ(ending.sqlstate(), "57P01") << ending.message();
    EXPECT_EQ(ending.torn, "");
    EXPECT_EQ(ending.end, ByteStream::End::eof) << "an RST may lose the message";
}

void Teardown::expect_told_or_closed(const Ending& ending) const {
    EXPECT_FALSE(ending.garbled);
    if (ending.sqlstate() == "57P01") {
        EXPECT_EQ(ending.fatal.at('S'), "FATAL");
        EXPECT_THAT(ending.message(), HasSubstr(grant.id))
            << "the backend's own words are not for the client";
        EXPECT_EQ(ending.last_type, "E") << "nothing comes behind it";
        EXPECT_EQ(ending.torn, "");
    }
    expect_in_time(ending.told_at());
}

void Teardown::expect_over(const LiveSession& session, std::chrono::milliseconds at_most) const {
    expect_end(curfew.await_end(session.id, at_most));
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
}

void Teardown::expect_end(const SessionEnd& end) const {
    EXPECT_EQ(end.cause, GetParam().trigger == Trigger::expiry ? "grant_expired" : "grant_revoked");
    EXPECT_EQ(end.confirmation, has_admin_login() ? "activity" : "eof");
    EXPECT_LE(end.client_overstay_ms, within(promise).count());
    EXPECT_EQ(curfew.metric("curfew_backends_unconfirmed"), 0);
    EXPECT_EQ(curfew.metric("curfew_sessions"), 0);
}

std::string Teardown::leave_mark() const {
    return "INSERT INTO marks VALUES ('" + mark_ + "');";
}

long Teardown::marks() const {
    return cluster.number("SELECT count(*) FROM marks WHERE mark = '" + mark_ + "'");
}

bool Teardown::backend_waits(const LiveSession& session, const std::string& wait_event) const {
    return cluster.await("count(*) = 1 FROM pg_stat_activity WHERE pid = " + session.backend +
                         " AND wait_event = '" + wait_event + "'");
}

}  // namespace curfew::test
