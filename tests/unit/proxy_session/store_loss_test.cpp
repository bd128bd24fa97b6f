// What a worker does with its sessions while the store is away.
#include <gmock/gmock.h>

#include "running_workers.hpp"
#include "support/listening_socket.hpp"
#include "support/wire_client.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using proxy::Worker;
using testing::HasSubstr;

// Two resources, of which one ends its sessions with the store. Their server takes a connection and says
// nothing, so that whoever is admitted stays at the login.
class AWorkerWithoutItsStore : public testing::Test {
protected:
    AWorkerWithoutItsStore() {
        config::Config config;
        config::Listener listener;
        listener.name = "main";
        config.listeners = {listener};
        add_resource(config, "stays", config::OnStoreLoss::keep_until_deadline);
        add_resource(config, "ends", config::OnStoreLoss::end);
        config.users["alice"].name = "alice";
        workers.use(std::move(config), {grant("stays"), grant("ends")});
        workers.on_each([this](Worker& worker) { worker.listen("main", AF_INET, socket.descriptor()); });
    }
    ~AWorkerWithoutItsStore() override {
        workers.on_each([](Worker& worker) { worker.stop_listening("main"); });
    }

    void add_resource(config::Config& config, const std::string& name, config::OnStoreLoss on_store_loss) {
        config::Resource& resource = config.resources[name];
        resource.name = name;
        resource.upstream = {"127.0.0.1", server.port()};
        resource.tls.mode = config::SslMode::disable;
        resource.login = config::LoginMode::passthrough;
        resource.on_store_loss = on_store_loss;
    }
    policy::LiveGrant grant(const std::string& resource) const {
        policy::LiveGrant live;
        live.grant.id = GrantId::generate();
        live.grant.subject = {policy::Subject::Kind::user, "alice"};
        live.grant.resource = resource;
        live.starts = workers.clock.boot_now();
        live.ends = live.starts + 1h;
        return live;
    }
    WireClient connect(const std::string& resource) {
        WireClient client = WireClient::tcp(socket.port());
        client.send_startup({{"user", "alice"}, {"database", resource}});
        return client;
    }
    // One that is there by a grant.
    WireClient admitted(const std::string& resource) {
        const std::size_t before = admitted_count();
        WireClient client = connect(resource);
        EXPECT_TRUE(eventually([&] { return admitted_count() > before; }));
        return client;
    }
    std::size_t admitted_count() {
        std::size_t count = 0;
        workers.on_each([&](Worker& worker) { count += worker.views().size(); });
        return count;
    }
    void leave(WireClient& client) { client.stream().close(); }

    RunningWorkers workers{1};
    ListeningSocket socket;
    ListeningSocket server;
};

TEST_F(AWorkerWithoutItsStore, AdmitsNobodyOnceItIsNotHeard) {
    workers.on_each([](Worker& worker) { worker.heard(worker.clock().boot_now()); });
    WireClient client = connect("stays");
    const Ending ending = client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P03");  // libpq tries the next host of its list
    EXPECT_THAT(ending.message(), HasSubstr("cannot reach its store"));
    leave(client);
    EXPECT_TRUE(workers.await_no_session());
}

TEST_F(AWorkerWithoutItsStore, EndsAtOnceOnlyWhatIsNotToGoOnWithoutIt) {
    WireClient stays = admitted("stays");
    WireClient ends = admitted("ends");
    workers.on_each([](Worker& worker) { worker.store_away(); });
    EXPECT_EQ(ends.read_to_end().sqlstate(), "57P01");
    leave(ends);
    EXPECT_TRUE(eventually([this] { return workers.session_count() == 1; }));
    workers.on_each([](Worker& worker) {
        ASSERT_EQ(worker.views().size(), 1U);
        EXPECT_EQ(worker.views()[0].resource, "stays");
        EXPECT_EQ(worker.views()[0].phase, proxy::SessionPhase::handshake);
    });
    leave(stays);
}

TEST_F(AWorkerWithoutItsStore, EndsEverythingOnceItWasNotHeardForTooLong) {
    WireClient stays = admitted("stays");
    workers.on_each([](Worker& worker) {
        worker.store_away();
        worker.heard(worker.clock().boot_now() + 20ms);
    });
    const Ending ending = stays.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_THAT(ending.message(), HasSubstr("cannot hear whether it still stands"));
    leave(stays);
    EXPECT_TRUE(workers.await_no_session());
}

TEST_F(AWorkerWithoutItsStore, KeepsWhatItHasWhenItIsHeardAgainInTime) {
    WireClient stays = admitted("stays");
    const BootInstant soon = workers.clock.boot_now() + 50ms;
    workers.on_each([&](Worker& worker) {
        worker.heard(soon);
        worker.store_away();
        worker.heard(soon + 1h);
    });
    EXPECT_TRUE(eventually([&] { return workers.clock.boot_now() > soon + 20ms; }));
    EXPECT_EQ(admitted_count(), 1U);
    leave(stays);
}

}  // namespace
}  // namespace curfew::test
