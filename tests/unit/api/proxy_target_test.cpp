// Where a client is told to connect to.
#include "api/proxy_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace curfew::test {
namespace {

using api::ProxyTarget;
using config::ClientTls;

class Target : public testing::Test {
protected:
    config::Config config;
    std::vector<proxy::ListenerStatus> open;
    config::Resource prod;

    Target() {
        prod.name = "prod";
        prod.default_database = "orders";
    }
    void listen(const std::string& name, const config::Endpoint& address,
                std::optional<std::string> resource = std::nullopt, ClientTls tls = ClientTls::disable) {
        config::Listener listener;
        listener.name = name;
        listener.address = address;
        listener.resource = std::move(resource);
        listener.tls.mode = tls;
        config.listeners.push_back(std::move(listener));
        open.push_back({name, address});
    }
    std::optional<ProxyTarget> target() const {
        return api::target_for(prod, config, open, "curfew.example.org");
    }
};

TEST_F(Target, NamesTheResourceAsTheDatabase) {
    listen("main", {"192.0.2.1", 6432}, std::nullopt, ClientTls::require);
    EXPECT_EQ(target(), (ProxyTarget{"192.0.2.1", 6432, "prod", ClientTls::require}));
}

TEST_F(Target, NamesTheDatabaseItselfWhereEverythingIsForTheResource) {
    listen("sidecar", {"192.0.2.1", 5432}, "prod");
    EXPECT_EQ(target(), (ProxyTarget{"192.0.2.1", 5432, "orders", ClientTls::disable}));
}

TEST_F(Target, IsNeverAListenerForAnotherResource) {
    EXPECT_EQ(target(), std::nullopt);
    listen("sidecar", {"192.0.2.1", 5432}, "stock");
    EXPECT_EQ(target(), std::nullopt);
}

TEST_F(Target, HasTheNameThatPeopleKnowWhereTheListenerIsOnAllAddresses) {
    listen("main", {"0.0.0.0", 6432});
    EXPECT_EQ(target()->host, "curfew.example.org");
    open[0].address.host = "::";
    EXPECT_EQ(target()->host, "curfew.example.org");
}

TEST_F(Target, HasThePortThatIsReallyOpen) {
    listen("main", {"192.0.2.1", 0});
    open[0].address.port = 41234;
    EXPECT_EQ(target()->port, 41234);
}

TEST_F(Target, IsTheOneThatMostCanReach) {
    listen("socket", {"/run/curfew/.s.PGSQL.6432", 0});
    EXPECT_EQ(target(), (ProxyTarget{"/run/curfew", 6432, "prod", ClientTls::disable}));
    listen("here", {"127.0.0.1", 1});
    EXPECT_EQ(target()->port, 1);
    listen("everywhere", {"192.0.2.1", 2});
    EXPECT_EQ(target()->port, 2);
    listen("own", {"192.0.2.1", 3}, "prod");
    EXPECT_EQ(target()->port, 3);
    listen("another", {"192.0.2.1", 4}, "prod");
    EXPECT_EQ(target()->port, 3) << "the first of two that are as good";
}

TEST_F(Target, IsNoUnixSocketThatLibpqCannotName) {
    listen("socket", {"/run/curfew/proxy.sock", 0});
    EXPECT_EQ(target(), std::nullopt);
    listen("root", {"/.s.PGSQL.5432", 0});
    EXPECT_EQ(target()->host, "/");
}

TEST(HostTowards, IsWhatTheConfigurationSaysOrWhatWasAskedBy) {
    api::Request request;
    request.set(api::http::field::host, "db-1.example.org:8432");
    const api::Peer remote{false, "", "192.0.2.7", true};
    EXPECT_EQ(api::host_towards(request, remote, "https://curfew.example.org:443"), "curfew.example.org");
    EXPECT_EQ(api::host_towards(request, remote, ""), "db-1.example.org");
    request.set(api::http::field::host, "[2001:db8::1]:8432");
    EXPECT_EQ(api::host_towards(request, remote, ""), "2001:db8::1");
    const api::Peer local{true, "root", "", false};
    EXPECT_EQ(api::host_towards(request, local, ""), "localhost");
    EXPECT_EQ(api::host_towards(request, local, "https://curfew.example.org"), "curfew.example.org");
}

TEST(ConnectionTexts, EscapeWhatTheyAreMadeOf) {
    const ProxyTarget target{"2001:db8::1", 6432, "a:b/c", ClientTls::require};
    const Secret password{"p:\\@ss"};
    EXPECT_EQ(api::connection_uri(target, "al ice", password),
              "postgresql://al%20ice:p%3A%5C%40ss@[2001:db8::1]:6432/a%3Ab%2Fc?sslmode=require");
    EXPECT_EQ(api::pgpass_line(target, "alice", password),
              "2001\\:db8\\:\\:1:6432:a\\:b/c:alice:p\\:\\\\@ss");
    const ProxyTarget socket{"/run/curfew", 6432, "prod", ClientTls::disable};
    EXPECT_EQ(api::connection_uri(socket, "alice", Secret{"x"}),
              "postgresql://alice:x@%2Frun%2Fcurfew:6432/prod");
}

TEST(ServiceFile, AsksForTlsWhereItIsAMust) {
    EXPECT_EQ(api::service_file({"192.0.2.1", 6432, "prod", ClientTls::require}, "prod", "alice"),
              "[prod]\nhost=192.0.2.1\nport=6432\nuser=alice\ndbname=prod\nsslmode=require\n");
    EXPECT_EQ(api::service_file({"192.0.2.1", 6432, "prod", ClientTls::allow}, "prod", "alice"),
              "[prod]\nhost=192.0.2.1\nport=6432\nuser=alice\ndbname=prod\n");
}

}  // namespace
}  // namespace curfew::test
