// The metrics tell the story of a session, in a form that Prometheus likes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricsOverHttp : public testing::Test {
protected:
    static void SetUpTestSuite() { PostgresCluster::shared().sql("CREATE ROLE alice LOGIN"); }

    const std::map<std::string, std::string> resource{{"resource", the_resource}};
    PostgresCluster& cluster = PostgresCluster::shared();
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
};

TEST_F(MetricsOverHttp, PleasePromtool) {
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    refusal(curfew.conninfo("carol"));
    curfew.revoke(grant.id);
    curfew.await_end(session.id);
    Process::Options options;
    options.input = curfew.metrics().text();
    const CommandResult result = run({"promtool", "check", "metrics"}, options);
    EXPECT_TRUE(result.status.success()) << result.out << result.err;
    EXPECT_EQ(result.out + result.err, "");
}

TEST_F(MetricsOverHttp, TellTheStoryOfASession) {
    MetricsText before = curfew.metrics();
    EXPECT_EQ(before.sum("curfew_sessions", resource), 0);
    EXPECT_EQ(before.sum("curfew_ready"), 1);
    EXPECT_EQ(before.sum("curfew_store_up"), 1);

    const GivenGrant grant = curfew.grant("alice", "1h");
    LiveSession session = curfew.open_session("alice");
    EXPECT_EQ(session.client.query("SELECT repeat('x', 100000)").size(), 100'000U);
    const MetricsText during = curfew.metrics();
    EXPECT_EQ(during.sum("curfew_sessions", resource), 1);
    EXPECT_EQ(during.sum("curfew_grants_active"), 1);
    EXPECT_GT(during.sum("curfew_next_expiry_seconds"), 3500);
    EXPECT_LE(during.sum("curfew_next_expiry_seconds"), 3600);
    EXPECT_EQ(during.sum("curfew_connections_total", {{"listener", "main"}}), 1);
    EXPECT_EQ(during.sum("curfew_admissions_total", {{"resource", the_resource}, {"decision", "admitted"}}),
              1);
    EXPECT_EQ(during.sum("curfew_handshake_seconds_count", resource), 1);
    EXPECT_EQ(during.sum("curfew_admission_seconds_count"), 1);
    EXPECT_EQ(during.sum("curfew_admin_connection_up", resource), 1);

    curfew.revoke(grant.id);
    curfew.await_end(session.id);
    const MetricsText after = curfew.metrics();
    const std::map<std::string, std::string> ended{{"resource", the_resource}, {"cause", "grant_revoked"}};
    EXPECT_EQ(after.sum("curfew_sessions", resource), 0);
    EXPECT_EQ(after.sum("curfew_sessions_total", ended), 1);
    EXPECT_EQ(after.sum("curfew_sessions_total"), 1);
    EXPECT_GT(
        after.sum("curfew_relayed_bytes_total", {{"resource", the_resource}, {"direction", "to_client"}}),
        100'000);
    EXPECT_GT(
        after.sum("curfew_relayed_bytes_total", {{"resource", the_resource}, {"direction", "from_client"}}),
        30);
    for (const char* side : {"client", "backend"}) {
        auto labels = ended;
        labels["side"] = side;
        EXPECT_EQ(after.sum("curfew_overstay_seconds_count", labels), 1) << side;
        EXPECT_LT(after.sum("curfew_overstay_seconds_sum", labels), 1.0 * slowdown) << side;
    }
    EXPECT_EQ(after.sum("curfew_backends_unconfirmed", resource), 0);
    EXPECT_EQ(after.sum("curfew_backend_ends_unconfirmed_total", resource), 0);
    EXPECT_EQ(after.sum("curfew_grants_active"), 0);
}

TEST_F(MetricsOverHttp, NameNoUser) {
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice", the_resource, {{"application_name", "alices-laptop"}});
    refusal(curfew.conninfo("carol"));
    refusal(curfew.conninfo("mallory", "no-such-resource"));
    const std::string text = curfew.metrics().text();
    for (const char* word : {"alice", "carol", "mallory", "no-such-resource"})
        EXPECT_THAT(text, Not(HasSubstr(word)));
}

TEST_F(MetricsOverHttp, SayWhoServesThem) {
    const HttpAnswer answer = http_get(curfew.metrics_port(), "/metrics");
    EXPECT_THAT(answer.headers, HasSubstr("text/plain; version=0.0.4"));
    EXPECT_TRUE(curfew.metrics().has("curfew_build_info"));
    EXPECT_EQ(http_get(curfew.metrics_port(), "/healthz").status, 200);
    EXPECT_EQ(http_get(curfew.metrics_port(), "/readyz").status, 200);
    EXPECT_EQ(http_get(curfew.metrics_port(), "/else").status, 404);
}

TEST_F(MetricsOverHttp, ShowThatTheAdministrativeLoginFails) {
    YAML::Node config = basic_config(cluster, AdminLogin::present);
    config["resources"][the_resource]["admin_login"]["user"] = "nobody_there";
    const RunningCurfew misconfigured{config};
    EXPECT_EQ(misconfigured.metric("curfew_admin_connection_up", resource), 0);
}

}  // namespace
}  // namespace curfew::test
