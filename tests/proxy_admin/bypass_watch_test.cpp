// Who works as a governed role without a session: seen, told, and ended where that is wanted.
#include "proxy/bypass_watch.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "admin_fixture.hpp"
#include "proxy/ephemeral_role.hpp"
#include "proxy/run_on.hpp"
#include "support/metrics_text.hpp"
#include "support/unasked_store.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// Has the sessions that a test says.
class SessionsOfATest final : public UnaskedStore {
public:
    Answer<std::vector<store::Backend>> unfinished_backends(std::vector<std::int32_t> pids) override {
        ++asked;
        if (away) co_return Error{ErrorCode::unavailable, "the store is away"};
        std::vector<store::Backend> found;
        const std::lock_guard lock{mutex_};
        for (const store::Backend& backend : backends_) {
            if (std::find(pids.begin(), pids.end(), backend.pid) != pids.end()) found.push_back(backend);
        }
        co_return found;
    }
    void add(store::Backend backend) {
        const std::lock_guard lock{mutex_};
        backends_.push_back(std::move(backend));
    }

    std::atomic<bool> away = false;
    std::atomic<int> asked = 0;

private:
    std::mutex mutex_;
    std::vector<store::Backend> backends_;
};

class Bypass : public testing::Test {
protected:
    void start(config::Enforcement enforce = config::Enforcement::report, bool accept_unlisted = false) {
        config::Config config;
        config::Resource resource = unix_resource(cluster);
        resource.ungoverned = {enforce, 50ms};
        config.resources.emplace(resource.name, resource);
        if (!accept_unlisted) config.users.emplace("alice", config::User{});
        config.accept_unlisted_users = accept_unlisted;
        config.timeouts.handshake = settling;
        auto shared = std::make_shared<const config::Config>(std::move(config));
        run([&] {
            setup = resources.prepare(shared).value();
            resources.start(setup);
        });
        boost::asio::co_spawn(control.executor(), watch.run(), [this](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);
            over.set_value();
        });
    }
    void TearDown() override {
        run([&] { watch.stop(); });
        over.get_future().wait();
        caller().await(stop_resources());
    }

    // On the control thread.
    template <class Work>
    void run(Work work) {
        boost::asio::co_spawn(control.executor(), doing(std::move(work)), boost::asio::use_future).get();
    }
    template <class Work>
    static boost::asio::awaitable<void> doing(Work work) {
        work();
        co_return;
    }
    boost::asio::awaitable<bool> stop_resources() {
        auto stopping = proxy::run_on(control.executor(), resources.stop());
        co_await std::move(stopping);
        co_return true;
    }

    std::vector<std::int32_t> ungoverned() {
        std::vector<std::int32_t> pids;
        run([&] {
            const auto found = watch.ungoverned("db");
            if (!found) return;
            for (const policy::SeenBackend& backend : *found)
                pids.push_back(backend.key.pid);
        });
        return pids;
    }
    bool becomes_ungoverned(const PgConnection& client) {
        const Instant deadline = now() + patience;
        while (now() < deadline) {
            if (ungoverned() == std::vector{static_cast<std::int32_t>(client.backend_pid())}) return true;
        }
        return false;
    }
    // Returns once whoever is there now has been looked at over and over, for longer than a session takes.
    void look_long_enough() {
        const Instant certain = now() + settling;
        const Instant deadline = now() + patience;
        int then = looks;
        bool settled = false;
        while (now() < deadline) {
            if (!settled && now() > certain) {
                settled = true;
                then = looks;
            }
            // A look begins when the one before it is over.
            if (settled && looks >= then + 3) return;
            std::this_thread::yield();
        }
        FAIL() << "nobody looks";
    }
    double gauge() {
        const MetricsText text{metrics.expose({})};
        return text.sum("curfew_ungoverned_backends", {{"resource", "db"}});
    }
    store::Backend backend_of(const PgConnection& client) {
        RunningAdmin admin{control, unix_resource(cluster)};
        EXPECT_TRUE(admin.wait_until_up());
        return admin.identify(proxy::BackendAdmin::Peer{client.backend_pid()}).value();
    }

    static constexpr std::chrono::milliseconds settling{200};
    PostgresCluster& cluster = cluster_with_alice();
    SystemClock clock;
    metrics::Metrics metrics{"1", "r"};
    SessionsOfATest store;
    std::promise<void> over;
    std::atomic<int> looks = 0;
    RunningContext control;
    std::shared_ptr<const proxy::Setup> setup;
    const std::string installation = proxy::installation_mark(Secret{"this one"});
    std::shared_ptr<const policy::Grants> grants = std::make_shared<const policy::Grants>();
    proxy::ResourceSet resources{control.executor(), clock, metrics};
    proxy::BypassWatch watch{control.executor(), clock, store, [this] {
                                 ++looks;
                                 return proxy::BypassWatch::Known{setup, grants, installation};
                             }};
};

TEST_F(Bypass, IsToldOfWhoHasNoSession) {
    start();
    const PgConnection alice{cluster.conninfo("alice")};
    EXPECT_TRUE(becomes_ungoverned(alice));
    EXPECT_EQ(gauge(), 1);
}

TEST_F(Bypass, IsOverWhenTheyLeave) {
    start();
    {
        const PgConnection alice{cluster.conninfo("alice")};
        ASSERT_TRUE(becomes_ungoverned(alice));
    }
    look_long_enough();
    EXPECT_THAT(ungoverned(), IsEmpty());
    EXPECT_EQ(gauge(), 0);
}

TEST_F(Bypass, IsNotWhereASessionIsOnRecord) {
    const PgConnection alice{cluster.conninfo("alice")};
    store.add(backend_of(alice));
    start(config::Enforcement::terminate);
    look_long_enough();
    EXPECT_THAT(ungoverned(), IsEmpty());
    EXPECT_EQ(cluster.backend_count("usename = 'alice'"), 1);
}

TEST_F(Bypass, IsNotWhereTheStartOfTheSessionsBackendWasNeverLearnt) {
    const PgConnection alice{cluster.conninfo("alice")};
    store.add({alice.backend_pid(), ""});
    start(config::Enforcement::terminate);
    look_long_enough();
    EXPECT_EQ(cluster.backend_count("usename = 'alice'"), 1);
}

TEST_F(Bypass, IsOfGovernedRolesAlone) {
    cluster.sql("DROP ROLE IF EXISTS reporting; CREATE ROLE reporting LOGIN");
    const PgConnection application{cluster.conninfo("reporting")};
    start(config::Enforcement::terminate);
    look_long_enough();
    EXPECT_EQ(cluster.backend_count("usename = 'reporting'"), 1);
    EXPECT_EQ(store.asked, 0) << "nobody is there whose session could be looked for";
}

TEST_F(Bypass, AsksTheStoreForNothingOnceItKnowsWhoHasASession) {
    const PgConnection alice{cluster.conninfo("alice")};
    store.add(backend_of(alice));
    start();
    look_long_enough();
    EXPECT_EQ(store.asked, 1);
}

TEST_F(Bypass, IsEndedWhereTheResourceSaysSo) {
    start(config::Enforcement::terminate);
    PgConnection alice{cluster.conninfo("alice")};
    EXPECT_TRUE(sees_its_end(alice));
    look_long_enough();
    EXPECT_THAT(ungoverned(), IsEmpty());
}

TEST_F(Bypass, IsNeitherSeenNorEndedWhileTheStoreIsAway) {
    store.away = true;
    start(config::Enforcement::terminate);
    const PgConnection alice{cluster.conninfo("alice")};
    look_long_enough();
    EXPECT_EQ(cluster.backend_count("usename = 'alice'"), 1);
    run([&] { EXPECT_EQ(watch.ungoverned("db").error().code, ErrorCode::unavailable); });
    EXPECT_GT(store.asked, 1);
}

TEST_F(Bypass, IsOfWhomAGrantNamesWhereOthersMayComeAsWell) {
    cluster.sql("DROP ROLE IF EXISTS dave; CREATE ROLE dave LOGIN");
    policy::LiveGrant live;
    live.grant.id = GrantId::generate();
    live.grant.subject = {policy::Subject::Kind::user, "dave"};
    live.grant.resource = "db";
    grants = std::make_shared<const policy::Grants>(std::vector{live});
    start(config::Enforcement::report, true);
    const PgConnection dave{cluster.conninfo("dave")};
    ASSERT_TRUE(becomes_ungoverned(dave));
    run([&] { grants = std::make_shared<const policy::Grants>(); });
    look_long_enough();
    EXPECT_THAT(ungoverned(), ElementsAre(dave.backend_pid())) << "once the grant is over most of all";
}

}  // namespace
}  // namespace curfew::test
