// A worker's connections that never become sessions, and their end.
#include "proxy/worker.hpp"

#include <gmock/gmock.h>

#include "protocol/postgres/scram_verifier.hpp"
#include "running_workers.hpp"
#include "support/listening_socket.hpp"
#include "support/wire_client.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using proxy::Worker;

config::Config config_with_a_managed_resource() {
    config::Config config;
    config::Listener listener;
    listener.name = "main";
    config.listeners = {listener};
    config::Resource& resource = config.resources["db"];
    resource.name = "db";
    resource.upstream = {"127.0.0.1", 1};
    resource.login = config::LoginMode::managed;
    resource.role = config::UpstreamRole{"app", std::nullopt};
    config::User& alice = config.users["alice"];
    alice.name = "alice";
    alice.scram_verifier = Secret{to_string(postgres::ScramVerifier::make("secret", "sixteen bytes!!!"))};
    return config;
}

class AWorker : public testing::Test {
protected:
    RunningWorkers workers{1};
    ListeningSocket socket;

    AWorker() {
        workers.use(config_with_a_managed_resource());
        workers.on_each([this](Worker& worker) { worker.listen("main", AF_INET, socket.descriptor()); });
    }
    ~AWorker() override {
        workers.on_each([](Worker& worker) { worker.stop_listening("main"); });
    }

    WireClient connect() {
        WireClient client = WireClient::tcp(socket.port());
        EXPECT_TRUE(eventually([this] { return workers.session_count() > 0; }));
        return client;
    }
    // One that is being asked who it is.
    WireClient half_authenticated() {
        WireClient client = connect();
        client.send_startup({{"user", "alice"}, {"database", "db"}});
        EXPECT_EQ(client.read_message().type, 'R');
        return client;
    }
    void end_all(EndCause cause) {
        workers.on_each([&](Worker& worker) { worker.end_all(cause, worker.clock().boot_now()); });
    }
};

TEST_F(AWorker, LeavesAClientThatHasSaidNothingWhenItEnds) {
    for (const EndCause cause : {EndCause::node_stopping, EndCause::store_lost}) {
        WireClient client = connect();
        end_all(cause);
        const Ending ending = client.read_to_end();
        EXPECT_EQ(ending.end, ByteStream::End::eof);
        EXPECT_EQ(ending.last_type, "");
        client.stream().close();
        EXPECT_TRUE(workers.await_no_session());
    }
}

TEST_F(AWorker, TellsAClientThatIsNotAdmittedYetWhyItEnds) {
    for (const EndCause cause : {EndCause::node_stopping, EndCause::store_lost}) {
        WireClient client = half_authenticated();
        end_all(cause);
        const Ending ending = client.read_to_end();
        EXPECT_EQ(ending.end, ByteStream::End::eof);
        EXPECT_EQ(ending.sqlstate(), "57P03");  // libpq tries the next host of its list
        EXPECT_NE(ending.message(), "");
        client.stream().close();
        EXPECT_TRUE(workers.await_no_session());
    }
}

TEST_F(AWorker, EndsThoseWhoAreNotAdmittedYetWhenItsStoreIsNotHeard) {
    WireClient client = half_authenticated();
    workers.on_each([](Worker& worker) { worker.heard(worker.clock().boot_now() + 20ms); });
    EXPECT_EQ(client.read_to_end().sqlstate(), "57P03");
    client.stream().close();
    EXPECT_TRUE(workers.await_no_session());
}

TEST_F(AWorker, DropsAClientThatTakesTooLong) {
    config::Config config = config_with_a_managed_resource();
    config.timeouts.handshake = 30ms;
    workers.use(std::move(config));
    WireClient silent = connect();
    EXPECT_EQ(silent.read_to_end().last_type, "");
    WireClient slow = half_authenticated();
    EXPECT_EQ(slow.read_to_end().sqlstate(), "08006");
    silent.stream().close();
    slow.stream().close();
    EXPECT_TRUE(workers.await_no_session());
}

TEST_F(AWorker, TakesNoMoreThanSoManyWhoAreNotAdmittedYet) {
    config::Config config = config_with_a_managed_resource();
    config.limits.half_open = 1;
    workers.use(std::move(config));
    WireClient first = half_authenticated();
    WireClient second = WireClient::tcp(socket.port());
    const Ending ending = second.read_to_end();
    EXPECT_EQ(ending.last_type, "");
    first.stream().close();
    EXPECT_TRUE(workers.await_no_session());
    WireClient third = half_authenticated();
    third.stream().close();
    EXPECT_TRUE(workers.await_no_session());
}

TEST_F(AWorker, KillsNobodyWhoIsNotAdmitted) {
    WireClient client = half_authenticated();
    workers.on_each([](Worker& worker) {
        EXPECT_TRUE(worker.views().empty());
        EXPECT_FALSE(worker.kill(SessionId::generate()));
        EXPECT_EQ(worker.next_deadline(), std::nullopt);
    });
    client.stream().close();
    EXPECT_TRUE(workers.await_no_session());
}

TEST_F(AWorker, IsGoneAtOnceWhereNothingIsLeftToDo) {
    workers.on_each([](Worker& worker) { worker.stop_listening("main"); });
    const Instant asked = now();
    workers.node.workers.clear();  // though it was to hear of its store within the hour
    EXPECT_LT(now() - asked, within(2s));
}

}  // namespace
}  // namespace curfew::test
