// What a node holds for each resource of its configuration.
#pragma once

#include <openssl/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "metrics/metrics.hpp"
#include "policy/directory.hpp"
#include "proxy/backend_admin.hpp"
#include "proxy/recording_rules.hpp"

namespace curfew::proxy {

// One resource. A session keeps its own for as long as it lives: what is needed to end it does not go with
// the resource's place in the configuration.
struct ResourceContext {
    config::Resource config;
    std::shared_ptr<SSL_CTX> tls;  // nullptr where TLS is never used
    metrics::ResourceMetrics* metrics = nullptr;
    std::shared_ptr<BackendAdmin> admin;  // nullptr without an admin_login
};
using Resources = std::map<std::string, std::shared_ptr<const ResourceContext>, std::less<>>;

// All that follows from one configuration. Immutable; shared by the threads.
struct Setup {
    std::shared_ptr<const config::Config> config;
    policy::Directory directory;
    Resources resources;
    std::map<std::string, std::shared_ptr<SSL_CTX>, std::less<>> listener_tls;
    std::shared_ptr<const RecordingRules> recording;
};

// Makes, keeps and retires the administrative connections as configurations come and go. Belongs to the
// control thread.
class ResourceSet {
public:
    // `clock` and `metrics` outlive it.
    ResourceSet(boost::asio::any_io_executor control, const Clock& clock, metrics::Metrics& metrics)
        : control_{std::move(control)}, clock_{clock}, metrics_{metrics} {}

    // What `config` asks for; resources that it leaves unchanged are those of the last call. Opens nothing:
    // start() does. invalid: a certificate or key cannot be used.
    Result<std::shared_ptr<const Setup>> prepare(std::shared_ptr<const config::Config> config);
    // `setup` is in use from here on: new administrative connections are opened, those of resources that are
    // no longer in it are closed once no session needs them.
    void start(std::shared_ptr<const Setup> setup);
    // Closes what is no longer needed by anybody.
    boost::asio::awaitable<void> sweep();
    // Closes all administrative connections.
    boost::asio::awaitable<void> stop();

private:
    Result<std::shared_ptr<const ResourceContext>> make(const config::Resource& resource, Duration timeout);

    boost::asio::any_io_executor control_;
    const Clock& clock_;
    metrics::Metrics& metrics_;
    std::shared_ptr<const Setup> current_;
    std::vector<std::shared_ptr<const ResourceContext>> retired_;
};

}  // namespace curfew::proxy
