// Who is let in by command, and when that is asked.
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <boost/asio/thread_pool.hpp>

#include "command_desk_double.hpp"
#include "running_workers.hpp"
#include "support/listening_socket.hpp"
#include "support/wire_client.hpp"

namespace curfew::test {
namespace {

using proxy::Worker;
using testing::HasSubstr;

// A resource where PostgreSQL authenticates people, and nobody has a grant. The test is PostgreSQL.
class ComingByCommand : public testing::Test {
protected:
    ComingByCommand() {
        workers.node.command_desk = &desk;
        config::Config config;
        config::Listener listener;
        listener.name = "main";
        config.listeners = {listener};
        config::Resource& resource = config.resources["db"];
        resource.name = "db";
        resource.upstream = {"127.0.0.1", server.port()};
        resource.tls.mode = config::SslMode::disable;
        resource.login = config::LoginMode::passthrough;
        config.users["alice"].name = "alice";
        workers.use(std::move(config));
        workers.on_each([this](Worker& worker) { worker.listen("main", AF_INET, socket.descriptor()); });
    }
    ~ComingByCommand() override {
        workers.on_each([](Worker& worker) { worker.stop_listening("main"); });
        EXPECT_TRUE(workers.await_no_session());
        pool.join();
    }

    WireClient connect(wire::Parameters more = {}) {
        WireClient client = WireClient::tcp(socket.port());
        wire::Parameters parameters{{"user", "alice"}, {"database", "db"}};
        parameters.insert(parameters.end(), more.begin(), more.end());
        client.send_startup(parameters);
        return client;
    }
    FileDescriptor as_postgresql() {
        return FileDescriptor{::accept4(server.descriptor(), nullptr, nullptr, SOCK_CLOEXEC)};
    }
    // AuthenticationOk.
    static void authenticate(const FileDescriptor& postgresql) {
        const std::string ok = wire::message('R', std::string{"\0\0\0\0", 4});
        ASSERT_EQ(::send(postgresql.get(), ok.data(), ok.size(), 0), static_cast<ssize_t>(ok.size()));
    }

    boost::asio::thread_pool pool{1};
    CommandDeskDouble desk{pool.get_executor()};
    ListeningSocket socket;
    ListeningSocket server;
    RunningWorkers workers{1};
};

TEST_F(ComingByCommand, IsRefusedAsEverWhereNoRuleLetsThemAsk) {
    desk.allow(std::nullopt);
    WireClient client = connect();
    const Ending ending = client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "28000");
    EXPECT_THAT(ending.message(), HasSubstr("no grant gives user \"alice\""));
    EXPECT_EQ(desk.times_asked_to_let_in, 0);
    client.stream().close();
}

TEST_F(ComingByCommand, IsNotForReplication) {
    WireClient client = connect({{"replication", "true"}});
    EXPECT_EQ(client.read_to_end().sqlstate(), "28000");
    EXPECT_EQ(desk.times_asked_to_let_in, 0);
    client.stream().close();
}

TEST_F(ComingByCommand, AsksForNoGrantBeforePostgreSqlHasAuthenticatedThem) {
    WireClient client = connect();
    const FileDescriptor postgresql = as_postgresql();
    EXPECT_EQ(desk.times_asked_to_let_in, 0);
    authenticate(postgresql);
    const Ending ending = client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "28000");
    EXPECT_THAT(ending.message(), HasSubstr("no rule lets statements be approved"));
    EXPECT_EQ(desk.times_asked_to_let_in, 1);
    client.stream().close();
}

TEST_F(ComingByCommand, IsRefusedWhereTheDeskCannotBeAsked) {
    desk.lets_in = [] { return Result<GrantId>{Error{ErrorCode::unavailable, "the store is away"}}; };
    WireClient client = connect();
    const FileDescriptor postgresql = as_postgresql();
    authenticate(postgresql);
    EXPECT_EQ(client.read_to_end().sqlstate(), "57P03");
    client.stream().close();
}

// The grant that it was to come by is known to nobody here.
TEST_F(ComingByCommand, IsAdmittedByNothingButAGrant) {
    desk.lets_in = [] { return Result<GrantId>{GrantId::generate()}; };
    WireClient client = connect();
    const FileDescriptor postgresql = as_postgresql();
    authenticate(postgresql);
    EXPECT_EQ(client.read_to_end().sqlstate(), "28000");
    client.stream().close();
}

}  // namespace
}  // namespace curfew::test
