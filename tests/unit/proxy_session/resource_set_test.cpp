// What a configuration turns into, and what of it a reload keeps.
#include "proxy/resource_set.hpp"

#include <gmock/gmock.h>

#include "metrics/metrics.hpp"
#include "unit/proxy_streams/stream_pair.hpp"

namespace curfew::test {
namespace {

using proxy::ResourceContext;
using proxy::ResourceSet;

config::Resource a_resource(const std::string& name) {
    config::Resource resource;
    resource.name = name;
    resource.upstream = {"127.0.0.1", 1};
    resource.tls.mode = config::SslMode::disable;
    return resource;
}

class TheResourcesOfANode : public testing::Test {
protected:
    Loop loop;
    metrics::Metrics metrics{"test", "test"};
    SystemClock clock;
    ResourceSet resources{loop.executor(), clock, metrics};
    config::Config config;

    TheResourcesOfANode() {
        config.resources["a"] = a_resource("a");
        config.resources["b"] = a_resource("b");
        config.resources["b"].admin_login = config::AdminLogin{"admin", Secret{"secret"}, "postgres"};
    }
    ~TheResourcesOfANode() override { loop.run(resources.stop()); }

    std::shared_ptr<const proxy::Setup> prepare() {
        return resources.prepare(std::make_shared<const config::Config>(config)).value();
    }
    std::shared_ptr<const proxy::Setup> start() {
        auto setup = prepare();
        resources.start(setup);
        return setup;
    }
    static std::shared_ptr<const ResourceContext> find(const std::shared_ptr<const proxy::Setup>& setup,
                                                       const char* name) {
        const auto found = setup->resources.find(name);
        return found == setup->resources.end() ? nullptr : found->second;
    }
};

TEST_F(TheResourcesOfANode, HaveWhatTheyNeed) {
    config.resources["tls"] = a_resource("tls");
    config.resources["tls"].tls = client_tls();
    config.resources["local"] = a_resource("local");
    config.resources["local"].upstream = {"/run/postgresql/.s.PGSQL.5432", 0};
    config.resources["local"].tls = client_tls();
    const auto setup = prepare();
    EXPECT_EQ(find(setup, "a")->admin, nullptr);
    EXPECT_NE(find(setup, "b")->admin, nullptr);
    EXPECT_EQ(find(setup, "a")->tls, nullptr);
    EXPECT_NE(find(setup, "tls")->tls, nullptr);
    EXPECT_EQ(find(setup, "local")->tls, nullptr);
    EXPECT_EQ(find(setup, "a")->metrics, &metrics.resource("a"));
}

TEST_F(TheResourcesOfANode, AreKeptWhereNothingChanged) {
    const auto first = start();
    const auto second = start();
    EXPECT_EQ(find(first, "a"), find(second, "a"));
    EXPECT_EQ(find(first, "b"), find(second, "b"));
}

TEST_F(TheResourcesOfANode, AreMadeAnewWhereAnythingChanged) {
    using Change = void (*)(config::Resource&);
    const Change changes[]{
        [](config::Resource& resource) { resource.upstream.port = 2; },
        [](config::Resource& resource) { resource.databases = {"one"}; },
        [](config::Resource& resource) { resource.default_database = "one"; },
        [](config::Resource& resource) { resource.attributes["team"] = "blue"; },
        [](config::Resource& resource) { resource.login = config::LoginMode::managed; },
        [](config::Resource& resource) {
            resource.authentication = config::PersonAuthentication::certificate;
        },
        [](config::Resource& resource) {
            resource.role = config::UpstreamRole{"app", std::nullopt};
        },
        [](config::Resource& resource) { resource.role->password = Secret{"secret"}; },
        [](config::Resource& resource) { resource.role->password = Secret{"Secret"}; },
        [](config::Resource& resource) {
            resource.ephemeral = config::EphemeralRoles{{"app"}, "owner"};
        },
        [](config::Resource& resource) { resource.ephemeral->owner = "another"; },
        [](config::Resource& resource) { resource.admin_login->password = Secret{"Secret"}; },
        [](config::Resource& resource) { resource.admin_login->database = "one"; },
        [](config::Resource& resource) { resource.admin_login.reset(); },
        [](config::Resource& resource) { resource.tls.mode = config::SslMode::prefer; },
    };
    auto before = start();
    for (const Change& change : changes) {
        change(config.resources["b"]);
        const auto after = start();
        EXPECT_NE(find(before, "b"), find(after, "b")) << &change - changes;
        EXPECT_EQ(find(before, "a"), find(after, "a"));
        before = after;
    }
}

// Their files may have been renewed.
TEST_F(TheResourcesOfANode, AreMadeAnewWhereTheyNameCertificates) {
    config.resources["a"].tls = client_tls(config::SslMode::verify_full);
    EXPECT_NE(find(start(), "a"), find(start(), "a"));
}

TEST_F(TheResourcesOfANode, AreRefusedWithACertificateThatCannotBeUsed) {
    config.resources["a"].tls.mode = config::SslMode::verify_ca;
    config.resources["a"].tls.root_certificate_file = "/no/such/file";
    const auto refused = resources.prepare(std::make_shared<const config::Config>(config));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);

    config.resources["a"] = a_resource("a");
    config::Listener listener;
    listener.name = "main";
    listener.tls = server_tls();
    listener.tls.key_file = "/no/such/file";
    config.listeners = {listener};
    EXPECT_FALSE(resources.prepare(std::make_shared<const config::Config>(config)));
    config.listeners[0].tls = server_tls();
    EXPECT_TRUE(prepare()->listener_tls.contains("main"));
}

// A configuration that was prepared and could not be applied.
TEST_F(TheResourcesOfANode, MayBePreparedInVain) {
    const auto in_use = start();
    config.resources["b"].admin_login->password = Secret{"another"};
    EXPECT_NE(find(prepare(), "b"), find(in_use, "b"));
    config.resources["b"].admin_login->password = Secret{"secret"};
    EXPECT_EQ(find(start(), "b"), find(in_use, "b"));
}

TEST_F(TheResourcesOfANode, AreRetiredOnceNoSessionNeedsThem) {
    auto in_use = start();
    auto of_a_session = find(in_use, "b");
    const std::weak_ptr<const ResourceContext> watched = of_a_session;
    config.resources.erase("b");
    in_use = start();
    loop.run(resources.sweep());
    EXPECT_FALSE(watched.expired());
    of_a_session.reset();
    loop.run(resources.sweep());
    EXPECT_TRUE(watched.expired());
    loop.run(resources.sweep());
}

TEST_F(TheResourcesOfANode, AreAllClosedAtTheEnd) {
    auto in_use = start();
    config.resources["b"].admin_login->password = Secret{"another"};
    in_use = start();
    loop.run(resources.stop());
    // A look-up of a name cannot be stopped, only left behind.
    EXPECT_TRUE(eventually([this] { return !loop.is_busy(); }));
}

}  // namespace
}  // namespace curfew::test
