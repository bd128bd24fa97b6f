// Prepared transactions that outlive their session: rolled back by whoever may.
#include <gmock/gmock.h>

#include <string>

#include "admin_fixture.hpp"
#include "proxy/left_behind.hpp"

namespace curfew::test {
namespace {

using proxy::BackendAdmin;
using testing::HasSubstr;

config::Resource rolling_back(config::Resource resource) {
    resource.prepared_transactions = config::LeftTransactions::rollback;
    return resource;
}

class Rollback : public testing::Test {
protected:
    void TearDown() override {
        for (const char* identifier : {"left", "it's \\ \"odd\""}) {
            if (is_prepared(identifier)) cluster.sql("ROLLBACK PREPARED " + quoted(identifier));
        }
        cluster.sql("REVOKE alice FROM curfew_admin; ALTER ROLE curfew_admin NOSUPERUSER");
    }

    static std::string quoted(const std::string& identifier) { return "$q$" + identifier + "$q$"; }
    bool is_prepared(const std::string& identifier) {
        return cluster.number("SELECT count(*) FROM pg_prepared_xacts WHERE gid = " + quoted(identifier)) ==
               1;
    }
    static void prepare(PgConnection& client, const std::string& identifier) {
        client.exec("BEGIN; SELECT pg_advisory_xact_lock(1); PREPARE TRANSACTION " + quoted(identifier));
    }
    // Prepared by a session of alice's that is over.
    void leave(const std::string& identifier) {
        PgConnection client{cluster.conninfo("alice")};
        prepare(client, identifier);
    }
    static Result<void> roll_back(RunningAdmin& admin, const std::string& identifier = "left") {
        EXPECT_TRUE(admin.wait_until_up());
        return caller().await(admin->roll_back({identifier, "alice", "postgres"}));
    }
    config::Resource managed(config::Resource resource) {
        resource.login = config::LoginMode::managed;
        resource.role = config::UpstreamRole{"alice", std::nullopt};
        return resource;
    }

    PostgresCluster& cluster = cluster_with_alice();
    RunningContext control;
};

TEST_F(Rollback, IsByTheRoleOfTheResourceWhereThatPreparedIt) {
    RunningAdmin admin{control, managed(unix_resource(cluster))};
    leave("left");
    const auto done = roll_back(admin);
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_FALSE(is_prepared("left"));
}

TEST_F(Rollback, IsByASuperuser) {
    cluster.sql("ALTER ROLE curfew_admin SUPERUSER");
    RunningAdmin admin{control, tcp_resource(cluster)};
    leave("it's \\ \"odd\"");
    const auto done = roll_back(admin, "it's \\ \"odd\"");
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_FALSE(is_prepared("it's \\ \"odd\""));
}

TEST_F(Rollback, IsByAMemberOfTheOwner) {
    cluster.sql("GRANT alice TO curfew_admin");
    RunningAdmin admin{control, unix_resource(cluster)};
    leave("left");
    EXPECT_TRUE(roll_back(admin));
    EXPECT_FALSE(is_prepared("left"));
}

TEST_F(Rollback, IsByNobodyElse) {
    RunningAdmin admin{control, unix_resource(cluster)};
    leave("left");
    const auto done = roll_back(admin);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::forbidden);
    EXPECT_THAT(done.error().message, HasSubstr("'left'"));
    EXPECT_TRUE(is_prepared("left"));
}

TEST_F(Rollback, KnowsThatThereIsNothing) {
    RunningAdmin admin{control, managed(unix_resource(cluster))};
    const auto done = roll_back(admin, "never was");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::not_found);
}

class LeftBehindInTheEnd : public Rollback {
protected:
    // What is done when a session of alice's is over that began with `client`'s.
    static void see_to_it(RunningAdmin& admin, const std::string& started) {
        proxy::EndedSession session;
        session.id = SessionId::generate();
        session.user = "alice";
        session.trace = {"alice", "postgres", started};
        caller().await(see(*admin, session));
    }
    static boost::asio::awaitable<bool> see(BackendAdmin& admin, proxy::EndedSession session) {
        auto seeing = proxy::see_to_left_behind(admin, std::move(session));
        co_await std::move(seeing);
        co_return true;
    }
    // Alice's session is over, and has left a prepared transaction, `left`.
    std::string start_of_one_that_left_something(RunningAdmin& admin) {
        store::Backend backend;
        EXPECT_TRUE(admin.wait_until_up());
        {
            PgConnection client{cluster.conninfo("alice")};
            backend = *admin.identify(BackendAdmin::Peer{client.backend_pid()});
            prepare(client, "left");
        }
        EXPECT_TRUE(admin.sees_it_leave(backend));
        return backend.started;
    }
};

TEST_F(LeftBehindInTheEnd, IsReportedAndStays) {
    RunningAdmin admin{control, managed(unix_resource(cluster))};
    const std::string started = start_of_one_that_left_something(admin);
    see_to_it(admin, started);
    EXPECT_EQ(admin.metrics().times_left_behind, 1);
    EXPECT_TRUE(is_prepared("left"));
}

TEST_F(LeftBehindInTheEnd, IsRolledBackWhereTheResourceSaysSo) {
    RunningAdmin admin{control, rolling_back(managed(unix_resource(cluster)))};
    const std::string started = start_of_one_that_left_something(admin);
    see_to_it(admin, started);
    EXPECT_EQ(admin.metrics().times_left_behind, 1);
    EXPECT_FALSE(is_prepared("left"));
}

TEST_F(LeftBehindInTheEnd, IsLeftAloneWhereAnotherSessionMayHavePreparedIt) {
    RunningAdmin admin{control, rolling_back(managed(unix_resource(cluster)))};
    PgConnection other{cluster.conninfo("alice")};
    const std::string started = start_of_one_that_left_something(admin);
    see_to_it(admin, started);
    EXPECT_TRUE(is_prepared("left"));
}

TEST_F(LeftBehindInTheEnd, IsNotTakenForTheirsWhoCameLater) {
    RunningAdmin admin{control, rolling_back(managed(unix_resource(cluster)))};
    const std::string started = start_of_one_that_left_something(admin);
    PgConnection later{cluster.conninfo("alice")};
    see_to_it(admin, started);
    EXPECT_FALSE(is_prepared("left"));
}

}  // namespace
}  // namespace curfew::test
