// The administrative connection comes up, goes, and comes up again.
#include <gmock/gmock.h>
#include <signal.h>

#include "admin_fixture.hpp"
#include "base/log.hpp"
#include "support/free_port.hpp"

namespace curfew::test {
namespace {

using proxy::BackendAdmin;
using testing::HasSubstr;
using testing::Not;
using Peer = BackendAdmin::Peer;

// What was logged from its making to text().
class CapturedLog {
public:
    CapturedLog() {
        log::configure(log::Format::json, log::Level::debug);
        testing::internal::CaptureStderr();
    }
    ~CapturedLog() {
        if (!taken_) testing::internal::GetCapturedStderr();
    }
    std::string text() {
        taken_ = true;
        return testing::internal::GetCapturedStderr();
    }

private:
    bool taken_ = false;
};

PostgresOptions password_required() {
    return with_hba({"local all all scram-sha-256", "hostssl all all 127.0.0.1/32 scram-sha-256"});
}

// Loops until `condition`, for things that tell nobody; false after `patience`.
template <class Condition>
bool eventually(Condition condition) {
    const Instant deadline = now() + patience;
    while (!condition()) {
        if (now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

// One PostgreSQL for the program; it asks for passwords, and for TLS over TCP.
class AdminConnection : public testing::Test {
protected:
    static void SetUpTestSuite() { cluster_ = std::make_unique<PostgresCluster>(password_required()); }
    static void TearDownTestSuite() { cluster_.reset(); }

    PostgresCluster& cluster = *cluster_;
    RunningContext control;

    // The backend of the one administrative connection there is.
    int admin_backend() {
        return static_cast<int>(
            cluster.number("SELECT pid FROM pg_stat_activity WHERE application_name = 'curfewd'"));
    }

private:
    static inline std::unique_ptr<PostgresCluster> cluster_;
};

TEST_F(AdminConnection, ComesUpOverAUnixSocket) {
    RunningAdmin admin{control, unix_resource(cluster)};
    EXPECT_TRUE(admin.wait_until_up());
    EXPECT_TRUE(admin->up());
    EXPECT_TRUE(admin.metrics().up);
}

TEST_F(AdminConnection, ComesUpOverVerifiedTls) {
    config::Resource resource = tcp_resource(cluster);
    resource.upstream.host = "localhost";
    resource.tls.mode = config::SslMode::verify_full;
    resource.tls.root_certificate_file = cluster.ca().certificate();
    RunningAdmin admin{control, resource};
    ASSERT_TRUE(admin.wait_until_up());
    EXPECT_EQ(cluster.sql("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                          "WHERE application_name = 'curfewd'"),
              "t");
}

TEST_F(AdminConnection, StaysDownBeforeAServerOfAnotherCa) {
    const TestCa stranger{"Somebody else's CA"};
    config::Resource resource = tcp_resource(cluster);
    resource.tls.mode = config::SslMode::verify_full;
    resource.tls.root_certificate_file = stranger.certificate();
    CapturedLog log;
    {
        RunningAdmin admin{control, resource};
        EXPECT_FALSE(admin.wait_until_up(within(std::chrono::milliseconds{500})));
    }
    EXPECT_THAT(log.text(), HasSubstr("certificate verify failed"));
}

TEST_F(AdminConnection, StaysDownWithAWrongPasswordAndSaysSoWithoutIt) {
    config::Resource resource = unix_resource(cluster);
    resource.admin_login->password = Secret{"not-the-admin-secret"};
    CapturedLog log;
    {
        RunningAdmin admin{control, resource};
        EXPECT_FALSE(admin.wait_until_up(within(std::chrono::milliseconds{500})));
        EXPECT_FALSE(admin->up());
        EXPECT_FALSE(admin.metrics().up);
    }
    const std::string text = log.text();
    EXPECT_THAT(text, HasSubstr("admin.connect_failed"));
    EXPECT_THAT(text, HasSubstr("password authentication failed for user"));
    EXPECT_THAT(text, Not(HasSubstr("not-the-admin-secret")));
}

TEST_F(AdminConnection, WarnsOfRightsThatItsRoleLacks) {
    cluster.sql("CREATE ROLE powerless LOGIN PASSWORD 'admin-secret'");
    config::Resource resource = unix_resource(cluster);
    resource.admin_login->user = "powerless";
    CapturedLog log;
    {
        RunningAdmin admin{control, resource};
        EXPECT_TRUE(admin.wait_until_up());
    }
    const std::string text = log.text();
    EXPECT_THAT(text, HasSubstr("pg_read_all_stats"));
    EXPECT_THAT(text, HasSubstr("pg_signal_backend"));
    cluster.sql("DROP ROLE powerless");
}

TEST_F(AdminConnection, TellsSinceWhenItIsUp) {
    const WallInstant before = SystemClock{}.wall_now();
    RunningAdmin admin{control, unix_resource(cluster)};
    ASSERT_TRUE(admin.wait_until_up());
    const proxy::AdminLoginStatus status = admin.status();
    EXPECT_EQ(status.resource, "db");
    EXPECT_TRUE(status.up);
    EXPECT_EQ(status.problem, "");
    EXPECT_GE(status.since, before);
    EXPECT_LE(status.since, SystemClock{}.wall_now());
}

TEST_F(AdminConnection, TellsWhyItIsDown) {
    config::Resource resource = unix_resource(cluster);
    resource.admin_login->password = Secret{"not-the-admin-secret"};
    RunningAdmin admin{control, resource};
    ASSERT_TRUE(eventually([&] { return !admin.status().problem.empty(); }));
    EXPECT_FALSE(admin.status().up);
    EXPECT_THAT(admin.status().problem, HasSubstr("password authentication failed for user"));
}

TEST_F(AdminConnection, TellsSinceWhenItIsDownAndThatForAsLongAsItIs) {
    RunningAdmin admin{control, unix_resource(cluster)};
    ASSERT_TRUE(admin.wait_until_up());
    const WallInstant up_since = admin.status().since;
    cluster.sql("ALTER ROLE curfew_admin NOLOGIN");
    cluster.sql("SELECT pg_terminate_backend(" + std::to_string(admin_backend()) + ")");
    ASSERT_TRUE(eventually([&] { return !admin.status().up; }));
    const WallInstant down_since = admin.status().since;
    EXPECT_GE(down_since, up_since);
    EXPECT_TRUE(eventually(
        [&] { return admin.status().problem.find("not permitted to log in") != std::string::npos; }));
    EXPECT_EQ(admin.status().since, down_since);
    cluster.sql("ALTER ROLE curfew_admin LOGIN");
}

TEST_F(AdminConnection, AnswersAtOnceThatItIsDown) {
    config::Resource resource = tcp_resource(cluster);
    resource.upstream.port = free_port();
    RunningAdmin admin{control, resource};
    const auto running = admin.is_running({1, "2026-11-24T14:05:00.123456Z"});
    ASSERT_FALSE(running);
    EXPECT_EQ(running.error().code, ErrorCode::unavailable);
}

TEST_F(AdminConnection, StaysDownWhereTheNameHasNoAddress) {
    config::Resource resource = tcp_resource(cluster);
    resource.upstream.host = "nowhere.invalid";
    CapturedLog log;
    {
        RunningAdmin admin{control, resource};
        EXPECT_FALSE(admin.wait_until_up(within(std::chrono::milliseconds{300})));
    }
    EXPECT_THAT(log.text(), HasSubstr("nowhere.invalid"));
}

TEST_F(AdminConnection, ComesBackWhenTheServerWasRestarted) {
    RunningAdmin admin{control, unix_resource(cluster)};
    ASSERT_TRUE(admin.wait_until_up());
    cluster.restart();
    ASSERT_TRUE(eventually([&] { return admin.metrics().times_up == 2; }));
    const PgConnection client{cluster.conninfo("postgres")};
    EXPECT_TRUE(admin.identify(Peer{client.backend_pid()}));
}

// A backend that waits to be ended is not to wait for a pause that has grown to many seconds.
TEST_F(AdminConnection, ComesBackSoonOnceSomebodyAsks) {
    cluster.sql("ALTER ROLE curfew_admin NOLOGIN");
    const std::string refused = "role \"curfew_admin\" is not permitted to log in";
    const auto refusals = [&] {
        const std::string log = cluster.log();
        long count = 0;
        for (std::size_t at = 0; (at = log.find(refused, at)) != std::string::npos; ++at)
            ++count;
        return count;
    };
    const long before = refusals();
    RunningAdmin admin{control, unix_resource(cluster)};
    // The next attempt is 2 s later at least.
    ASSERT_TRUE(eventually([&] { return refusals() - before == 5; }));
    cluster.sql("ALTER ROLE curfew_admin LOGIN");
    const Instant asked = now();
    EXPECT_FALSE(admin.is_running({1, "2026-11-24T14:05:00.123456Z"}));
    EXPECT_TRUE(admin.wait_until_up());
    EXPECT_LE(now(), asked + within(std::chrono::milliseconds{750}));
}

TEST_F(AdminConnection, NoticesItsLossWhileNothingIsAsked) {
    RunningAdmin admin{control, unix_resource(cluster)};
    ASSERT_TRUE(admin.wait_until_up());
    cluster.sql("SELECT pg_terminate_backend(" + std::to_string(admin_backend()) + ")");
    EXPECT_TRUE(eventually([&] { return admin.metrics().times_up == 2; }));
}

TEST_F(AdminConnection, FailsWhatWasUnderWayWhenItIsLost) {
    RunningAdmin admin{control, unix_resource(cluster)};
    ASSERT_TRUE(admin.wait_until_up());
    const int backend = admin_backend();
    ::kill(backend, SIGSTOP);
    std::future<Result<bool>> running =
        test::start(caller().executor(), admin->is_running({1, "2026-11-24T14:05:00.123456Z"}));
    EXPECT_EQ(running.wait_for(std::chrono::milliseconds{100}), std::future_status::timeout);
    ::kill(backend, SIGTERM);
    ::kill(backend, SIGCONT);
    ASSERT_EQ(running.wait_for(patience), std::future_status::ready);
    EXPECT_EQ(running.get().error().code, ErrorCode::unavailable);
}

TEST_F(AdminConnection, GivesUpAServerThatDoesNotAnswerForFiveSecondsAndConnectsAgain) {
    RunningAdmin admin{control, unix_resource(cluster)};
    ASSERT_TRUE(admin.wait_until_up());
    const int backend = admin_backend();
    ::kill(backend, SIGSTOP);
    const Instant asked = now();
    const auto running = admin.is_running({1, "2026-11-24T14:05:00.123456Z"});
    const auto took = now() - asked;
    ::kill(backend, SIGCONT);
    ASSERT_FALSE(running);
    EXPECT_EQ(running.error().code, ErrorCode::unavailable);
    EXPECT_GT(took, std::chrono::milliseconds{4900});
    EXPECT_LT(took, std::chrono::seconds{5} + within(std::chrono::milliseconds{500}));
    EXPECT_TRUE(eventually([&] { return admin.metrics().times_up == 2; }));
}

TEST_F(AdminConnection, StopsWhileItIsAskedAndAnswersTheAsker) {
    RunningAdmin admin{control, unix_resource(cluster)};
    ASSERT_TRUE(admin.wait_until_up());
    const int backend = admin_backend();
    ::kill(backend, SIGSTOP);
    std::future<Result<bool>> running =
        test::start(caller().executor(), admin->is_running({1, "2026-11-24T14:05:00.123456Z"}));
    EXPECT_EQ(running.wait_for(std::chrono::milliseconds{100}), std::future_status::timeout);
    const Instant asked = now();
    admin.stop();
    EXPECT_LT(now() - asked, within(std::chrono::milliseconds{500}));
    ::kill(backend, SIGCONT);
    ASSERT_EQ(running.wait_for(patience), std::future_status::ready);
    EXPECT_EQ(running.get().error().code, ErrorCode::unavailable);
    EXPECT_FALSE(admin->up());
    EXPECT_FALSE(admin.metrics().up);
}

TEST_F(AdminConnection, StopsWhileItConnects) {
    config::Resource resource = tcp_resource(cluster);
    resource.upstream = {"192.0.2.1", 5432};  // TEST-NET-1: answers nobody
    RunningAdmin admin{control, resource};
    const Instant asked = now();
    admin.stop();
    EXPECT_LT(now() - asked, within(std::chrono::milliseconds{500}));
    EXPECT_FALSE(admin.wait_until_up());
}

TEST_F(AdminConnection, MayBeLeftBehindWithItsControlThread) {
    FakeResourceMetrics metrics;
    const SystemClock clock;
    auto own_control = std::make_unique<RunningContext>();
    auto admin = std::make_unique<BackendAdmin>(own_control->executor(), clock, unix_resource(cluster),
                                                metrics, within(std::chrono::seconds{5}));
    admin->start();
    ASSERT_TRUE(caller().await(admin->wait_until_up(patience)));
    admin.reset();
    own_control.reset();
    EXPECT_TRUE(
        cluster.await("NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'curfewd')"));
}

}  // namespace
}  // namespace curfew::test
