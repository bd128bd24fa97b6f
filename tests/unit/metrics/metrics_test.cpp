#include "metrics/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace curfew::metrics {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using testing::HasSubstr;
using testing::Not;

class MetricsText : public testing::Test {
protected:
    Metrics metrics{"1.2.3", "abc1234"};

    std::string text(const Metrics::Scrape& scrape = {}) { return metrics.expose(scrape); }

    // The value of the one series that is written `series` (name and labels); NaN where there is none.
    double value(const std::string& series, const Metrics::Scrape& scrape = {}) {
        const std::string all = "\n" + text(scrape);
        const auto found = all.find("\n" + series + " ");
        if (found == std::string::npos) return NAN;
        return std::strtod(all.c_str() + found + series.size() + 2, nullptr);
    }
};

TEST_F(MetricsText, SaysWhichBuildThisIs) {
    EXPECT_EQ(value(R"(curfew_build_info{revision="abc1234",version="1.2.3"})"), 1);
}

TEST_F(MetricsText, CountsSessionsLiveAndEndedByResourceAndCause) {
    auto& prod = metrics.resource("prod");
    auto& test = metrics.resource("test");
    prod.session_started();
    prod.session_started();
    test.session_started();
    prod.session_ended(EndCause::grant_expired, 90s);

    EXPECT_EQ(value(R"(curfew_sessions{resource="prod"})"), 1);
    EXPECT_EQ(value(R"(curfew_sessions{resource="test"})"), 1);
    EXPECT_EQ(value(R"(curfew_sessions_total{cause="grant_expired",resource="prod"})"), 1);
    EXPECT_EQ(value(R"(curfew_session_seconds_bucket{resource="prod",le="60"})"), 0);
    EXPECT_EQ(value(R"(curfew_session_seconds_bucket{resource="prod",le="300"})"), 1);
}

TEST_F(MetricsText, ShowsEveryCauseOfAResourceAsZeroFromTheStart) {
    metrics.resource("prod");
    for (const char* cause : {"grant_expired", "grant_revoked", "session_killed", "user_removed",
                              "resource_removed", "store_lost", "recording_failed", "node_stopping",
                              "node_crashed", "client_closed", "server_closed", "failed"}) {
        const std::string labels = std::string{"{cause=\""} + cause + R"(",resource="prod")";
        EXPECT_EQ(value("curfew_sessions_total" + labels + "}"), 0) << cause;
        EXPECT_EQ(value("curfew_overstay_seconds_count" + labels + R"(,side="client"})"), 0) << cause;
        EXPECT_EQ(value("curfew_overstay_seconds_count" + labels + R"(,side="backend"})"), 0) << cause;
    }
    EXPECT_EQ(value(R"(curfew_admissions_total{decision="admitted",reason="",resource="prod"})"), 0);
}

TEST_F(MetricsText, MeasuresOverstayOfClientAndBackendApart) {
    auto& prod = metrics.resource("prod");
    prod.client_overstayed(EndCause::grant_revoked, 15ms);
    prod.backend_overstayed(EndCause::grant_revoked, 40s);

    const std::string bucket =
        R"(curfew_overstay_seconds_bucket{cause="grant_revoked",resource="prod",side=)";
    EXPECT_EQ(value(bucket + R"("client",le="0.01"})"), 0);
    EXPECT_EQ(value(bucket + R"("client",le="0.02"})"), 1);
    EXPECT_EQ(value(bucket + R"("backend",le="30"})"), 0);
    EXPECT_EQ(value(bucket + R"("backend",le="60"})"), 1);
}

TEST_F(MetricsText, TakesAnOverstayBelowZeroAsNone) {
    metrics.resource("prod").client_overstayed(EndCause::grant_expired, -3ms);
    EXPECT_EQ(value(R"(curfew_overstay_seconds_sum{cause="grant_expired",resource="prod",side="client"})"),
              0);
    EXPECT_EQ(value(R"(curfew_overstay_seconds_count{cause="grant_expired",resource="prod",side="client"})"),
              1);
}

TEST_F(MetricsText, CountsUnconfirmedBackendsUpAndDown) {
    auto& prod = metrics.resource("prod");
    prod.unconfirmed_backends_changed(+1);
    prod.unconfirmed_backends_changed(+1);
    prod.unconfirmed_backends_changed(-1);
    prod.backend_end_unconfirmed();
    EXPECT_EQ(value(R"(curfew_backends_unconfirmed{resource="prod"})"), 1);
    EXPECT_EQ(value(R"(curfew_backend_ends_unconfirmed_total{resource="prod"})"), 1);
}

TEST_F(MetricsText, ShowsTheEphemeralRolesAndThoseThatCouldNotBeDropped) {
    auto& prod = metrics.resource("prod");
    prod.ephemeral_roles(3, 1);
    EXPECT_EQ(value(R"(curfew_ephemeral_roles{resource="prod"})"), 3);
    EXPECT_EQ(value(R"(curfew_ephemeral_roles_undropped{resource="prod"})"), 1);
    prod.ephemeral_roles(0, 0);
    EXPECT_EQ(value(R"(curfew_ephemeral_roles{resource="prod"})"), 0);
    EXPECT_EQ(value(R"(curfew_ephemeral_roles_undropped{resource="prod"})"), 0);
}

TEST_F(MetricsText, CountsCommandsAndWhatBecameOfThem) {
    auto& prod = metrics.resource("prod");
    for (const char* outcome : {"free", "approved", "refused", "withdrawn"})
        EXPECT_EQ(
            value(R"(curfew_commands_total{outcome=")" + std::string{outcome} + R"(",resource="prod"})"), 0);
    prod.commands_waiting_changed(+1);
    prod.commands_waiting_changed(+1);
    prod.commands_waiting_changed(-1);
    prod.command(CommandOutcome::approved);
    prod.command(CommandOutcome::free);
    prod.command(CommandOutcome::free);
    EXPECT_EQ(value(R"(curfew_commands_asked_total{resource="prod"})"), 2);
    EXPECT_EQ(value(R"(curfew_commands_waiting{resource="prod"})"), 1);
    EXPECT_EQ(value(R"(curfew_commands_total{outcome="approved",resource="prod"})"), 1);
    EXPECT_EQ(value(R"(curfew_commands_total{outcome="free",resource="prod"})"), 2);
    EXPECT_EQ(value(R"(curfew_commands_total{outcome="refused",resource="prod"})"), 0);
}

TEST_F(MetricsText, CountsBytesEachWay) {
    metrics.resource("prod").bytes_relayed(10, 3'000'000'000);
    EXPECT_EQ(value(R"(curfew_relayed_bytes_total{direction="from_client",resource="prod"})"), 10);
    EXPECT_EQ(value(R"(curfew_relayed_bytes_total{direction="to_client",resource="prod"})"), 3'000'000'000);
}

TEST_F(MetricsText, FollowsTheAdminConnectionAndTheHandshake) {
    auto& prod = metrics.resource("prod");
    EXPECT_THAT(text(), Not(HasSubstr("curfew_admin_connection_up"))) << "it may have no admin_login";
    prod.admin_connection_up(true);
    prod.handshake_took(3ms);
    EXPECT_EQ(value(R"(curfew_admin_connection_up{resource="prod"})"), 1);
    EXPECT_EQ(value(R"(curfew_handshake_seconds_count{resource="prod"})"), 1);
    prod.admin_connection_up(false);
    EXPECT_EQ(value(R"(curfew_admin_connection_up{resource="prod"})"), 0);
}

TEST_F(MetricsText, GivesTheSameResourceTheSameMetrics) {
    EXPECT_EQ(&metrics.resource("prod"), &metrics.resource("prod"));
    EXPECT_NE(&metrics.resource("prod"), &metrics.resource("test"));
}

TEST_F(MetricsText, CountsAdmissionsByDecisionAndReason) {
    metrics.admission("prod", AdmissionDecision::admitted, "");
    metrics.admission("prod", AdmissionDecision::refused, "no_grant");
    metrics.admission("prod", AdmissionDecision::refused, "no_grant");
    metrics.admission("", AdmissionDecision::refused, "unknown_resource");
    metrics.admission_took(70us);
    EXPECT_EQ(value(R"(curfew_admissions_total{decision="admitted",reason="",resource="prod"})"), 1);
    EXPECT_EQ(value(R"(curfew_admissions_total{decision="refused",reason="no_grant",resource="prod"})"), 2);
    EXPECT_EQ(value(R"(curfew_admissions_total{decision="refused",reason="unknown_resource",resource=""})"),
              1);
    EXPECT_EQ(value("curfew_admission_seconds_count"), 1);
}

TEST_F(MetricsText, ShowsTheRefusalsThatAlertsAreAboutAsZeroFromTheStart) {
    metrics.resource("prod");
    for (const char* reason : {"store_unavailable", "store_lost", "recording_unavailable", "recording_failed",
                               "admin_login_unavailable", "leftover_backends", "upstream_unavailable",
                               "ephemeral_role_unavailable", "session_limit"}) {
        const std::string labels =
            R"({decision="refused",reason=")" + std::string{reason} + R"(",resource="prod"})";
        EXPECT_EQ(value("curfew_admissions_total" + labels), 0) << reason;
    }
    EXPECT_EQ(value(R"(curfew_admissions_total{decision="refused",reason="store_unavailable",resource=""})"),
              0);
    EXPECT_EQ(value(R"(curfew_offline_grants_total{outcome="refused",resource=""})"), 0);
    EXPECT_EQ(value(R"(curfew_connections_dropped_total{reason="tls_error"})"), 0);
    EXPECT_EQ(value(R"(curfew_connections_dropped_total{reason="half_open_limit"})"), 0);
}

TEST_F(MetricsText, CountsConnectionsAndWhatBecameOfThem) {
    metrics.connection_accepted("main");
    metrics.connection_dropped("handshake_timeout");
    metrics.half_open_changed(+1);
    metrics.half_open_changed(+1);
    metrics.half_open_changed(-1);
    metrics.cancel_request(true);
    metrics.cancel_request(false);
    metrics.cancel_request(false);
    EXPECT_EQ(value(R"(curfew_connections_total{listener="main"})"), 1);
    EXPECT_EQ(value(R"(curfew_connections_dropped_total{reason="handshake_timeout"})"), 1);
    EXPECT_EQ(value("curfew_half_open_connections"), 1);
    EXPECT_EQ(value(R"(curfew_cancel_requests_total{matched="true"})"), 1);
    EXPECT_EQ(value(R"(curfew_cancel_requests_total{matched="false"})"), 2);
}

TEST_F(MetricsText, CountsBrokenGlassByResource) {
    metrics.resource("staging");
    EXPECT_EQ(value(R"(curfew_break_glass_total{resource="staging"})"), 0) << "so that the first is a step";
    metrics.glass_broken("staging");
    metrics.glass_broken("staging");
    EXPECT_EQ(value(R"(curfew_break_glass_total{resource="staging"})"), 2);
}

TEST_F(MetricsText, ShowsTheFleetAsLastCounted) {
    metrics.fleet_counted(5, 2, 3, 90s);
    metrics.fleet_counted(4, 3, 1, 1500ms);
    EXPECT_EQ(value(R"(curfew_nodes{state="up"})"), 4);
    EXPECT_EQ(value(R"(curfew_nodes{state="gone"})"), 3);
    EXPECT_EQ(value("curfew_orphaned_sessions"), 1);
    EXPECT_EQ(value("curfew_oldest_orphan_seconds"), 1.5);
}

TEST_F(MetricsText, CountsTheOrphansThatThisNodeSawToByWhatBecameOfThem) {
    EXPECT_EQ(value(R"(curfew_orphans_reaped_total{outcome="failed"})"), 0) << "so that the first is a step";
    metrics.orphans_reaped(3, 2, 1);
    metrics.orphans_reaped(1, 0, 0);
    EXPECT_EQ(value(R"(curfew_orphans_reaped_total{outcome="confirmed"})"), 4);
    EXPECT_EQ(value(R"(curfew_orphans_reaped_total{outcome="unconfirmed"})"), 2);
    EXPECT_EQ(value(R"(curfew_orphans_reaped_total{outcome="failed"})"), 1);
}

TEST_F(MetricsText, CountsTheAgeOfTheOldestRequestThatWaitsUpToTheScrape) {
    metrics.requests_waiting({3, BootInstant{100s}}, {1, BootInstant{160s}});
    Metrics::Scrape scrape;
    scrape.now = BootInstant{190s};
    EXPECT_EQ(value("curfew_requests_pending", scrape), 3);
    EXPECT_EQ(value("curfew_oldest_pending_request_seconds", scrape), 90);
    EXPECT_EQ(value("curfew_reviews_due", scrape), 1);
    EXPECT_EQ(value("curfew_oldest_review_due_seconds", scrape), 30);
    scrape.now = BootInstant{200s};
    EXPECT_EQ(value("curfew_oldest_pending_request_seconds", scrape), 100) << "without being counted again";
}

TEST_F(MetricsText, HasNoAgeWhereNoRequestWaits) {
    metrics.requests_waiting({1, BootInstant{100s}}, {1, BootInstant{100s}});
    metrics.requests_waiting({}, {});
    Metrics::Scrape scrape;
    scrape.now = BootInstant{190s};
    for (const char* gauge : {"curfew_requests_pending", "curfew_oldest_pending_request_seconds",
                              "curfew_reviews_due", "curfew_oldest_review_due_seconds"})
        EXPECT_EQ(value(gauge, scrape), 0) << gauge;
}

TEST_F(MetricsText, CountsNotificationsByNotifierAndOutcome) {
    metrics.notification("mail", Metrics::Notification::delivered);
    metrics.notification("mail", Metrics::Notification::delivered);
    metrics.notification("mail", Metrics::Notification::retried);
    metrics.notification("hooks", Metrics::Notification::given_up);
    EXPECT_EQ(value(R"(curfew_notifications_total{notifier="mail",outcome="delivered"})"), 2);
    EXPECT_EQ(value(R"(curfew_notifications_total{notifier="mail",outcome="retried"})"), 1);
    EXPECT_EQ(value(R"(curfew_notifications_total{notifier="hooks",outcome="given_up"})"), 1);
}

TEST_F(MetricsText, SaysWhatIsOnItsWayAndSinceWhenUntilTheNotifierIsGone) {
    metrics.notifications_waiting("mail", {3, BootInstant{100s}});
    metrics.notifications_waiting("hooks", {});
    Metrics::Scrape scrape;
    scrape.now = BootInstant{190s};
    EXPECT_EQ(value(R"(curfew_notifications_waiting{notifier="mail"})", scrape), 3);
    EXPECT_EQ(value(R"(curfew_oldest_notification_waiting_seconds{notifier="mail"})", scrape), 90);
    EXPECT_EQ(value(R"(curfew_oldest_notification_waiting_seconds{notifier="hooks"})", scrape), 0);
    EXPECT_EQ(value(R"(curfew_notifications_total{notifier="hooks",outcome="given_up"})"), 0);
    metrics.notifier_gone("mail");
    metrics.notifier_gone("never was there");
    EXPECT_THAT(text(), Not(HasSubstr(R"(curfew_notifications_waiting{notifier="mail"})")));
    EXPECT_THAT(text(), HasSubstr(R"(curfew_notifications_waiting{notifier="hooks"})"));
}

TEST_F(MetricsText, TellsOfTheAuditTrailOnItsWay) {
    metrics.audit_head(Metrics::AuditHead::written);
    metrics.audit_head(Metrics::AuditHead::failed);
    metrics.audit_events_forwarded("syslog", 3);
    metrics.audit_forwarding_failed("syslog");
    metrics.audit_events_waiting("syslog", BootInstant{100s});
    metrics.audit_events_waiting("webhook", std::nullopt);
    Metrics::Scrape scrape;
    scrape.now = BootInstant{190s};
    EXPECT_EQ(value(R"(curfew_audit_heads_total{outcome="failed"})"), 1);
    EXPECT_EQ(value(R"(curfew_audit_events_forwarded_total{receiver="syslog"})"), 3);
    EXPECT_EQ(value(R"(curfew_audit_forwarding_failures_total{receiver="webhook"})"), 0);
    EXPECT_EQ(value(R"(curfew_oldest_audit_event_waiting_seconds{receiver="syslog"})", scrape), 90);
    EXPECT_EQ(value(R"(curfew_oldest_audit_event_waiting_seconds{receiver="webhook"})", scrape), 0);
}

TEST_F(MetricsText, LetsNoOlderHealthReportOverwriteANewerOne) {
    metrics.store_healthy(false, BootInstant{20s});
    metrics.store_healthy(true, BootInstant{10s});
    EXPECT_EQ(value("curfew_store_up"), 0);
    metrics.store_healthy(true, BootInstant{30s});
    EXPECT_EQ(value("curfew_store_up"), 1);
}

TEST_F(MetricsText, TimesStoreOperationsByName) {
    metrics.store_operation_took("add_grant", 2ms);
    EXPECT_EQ(value(R"(curfew_store_operation_seconds_bucket{operation="add_grant",le="0.001"})"), 0);
    EXPECT_EQ(value(R"(curfew_store_operation_seconds_bucket{operation="add_grant",le="0.0025"})"), 1);
}

TEST_F(MetricsText, RemembersTheLastGoodReloadWhenALaterOneIsRefused) {
    metrics.config_reloaded(true, WallInstant{1'700'000'000s});
    metrics.config_reloaded(false, WallInstant{1'700'000'500s});
    EXPECT_EQ(value("curfew_config_last_reload_successful"), 0);
    EXPECT_EQ(value("curfew_config_last_reload_success_timestamp_seconds"), 1'700'000'000);
    EXPECT_EQ(value(R"(curfew_config_reloads_total{result="accepted"})"), 1);
    EXPECT_EQ(value(R"(curfew_config_reloads_total{result="refused"})"), 1);
}

TEST_F(MetricsText, FoldsInWhatIsKnownOnlyAtScrapeTime) {
    metrics.ready(true);
    Metrics::Scrape scrape;
    scrape.seconds_to_next_expiry = 12.5;
    scrape.store_staleness_seconds = 0.5;
    scrape.active_grants = 3;
    EXPECT_EQ(value("curfew_next_expiry_seconds", scrape), 12.5);
    EXPECT_EQ(value("curfew_store_staleness_seconds", scrape), 0.5);
    EXPECT_EQ(value("curfew_grants_active", scrape), 3);
    EXPECT_EQ(value("curfew_ready", scrape), 1);
}

TEST_F(MetricsText, SaysInfinityWhereNothingExpires) {
    EXPECT_THAT(text(), HasSubstr("\ncurfew_next_expiry_seconds +Inf\n"));
}

TEST_F(MetricsText, ReadsTheProcessFromTheKernel) {
    EXPECT_GT(value("process_resident_memory_bytes"), 1'000'000);
    EXPECT_GE(value("process_open_fds"), 3);
    EXPECT_GT(value("process_max_fds"), 3);
    const auto now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    EXPECT_NEAR(value("process_start_time_seconds"), now, 120);
    EXPECT_GE(value("process_cpu_seconds_total"), 0);
}

TEST_F(MetricsText, MakesALabelOfAnyBytesSafe) {
    metrics.resource("pr\xff\n\"od");
    EXPECT_THAT(text(), HasSubstr(R"(resource="pr\\xff\\x0a\"od")"));
    EXPECT_THAT(text(), Not(HasSubstr("\xff")));
}

TEST_F(MetricsText, MayBeWrittenAndReadFromManyThreads) {
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([this] {
            for (int n = 0; n < 1000; ++n) {
                auto& prod = metrics.resource("prod");
                prod.session_started();
                prod.session_ended(EndCause::client_closed, 1s);
                metrics.admission("prod", AdmissionDecision::refused, "no_grant");
            }
        });
    }
    for (int n = 0; n < 20; ++n)
        (void)text();
    for (auto& writer : writers)
        writer.join();
    EXPECT_EQ(value(R"(curfew_sessions{resource="prod"})"), 0);
    EXPECT_EQ(value(R"(curfew_sessions_total{cause="client_closed",resource="prod"})"), 4000);
    EXPECT_EQ(value(R"(curfew_admissions_total{decision="refused",reason="no_grant",resource="prod"})"),
              4000);
}

}  // namespace
}  // namespace curfew::metrics
