#include "proxy/resource_set.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "base/secret.hpp"
#include "proxy/tls_context.hpp"

namespace curfew::proxy {
namespace {

bool same(const std::optional<Secret>& a, const std::optional<Secret>& b) {
    if (!a || !b) return !a && !b;
    return equal_constant_time(a->reveal(), b->reveal());
}

template <class Role>
bool same_role(const std::optional<Role>& a, const std::optional<Role>& b) {
    if (!a || !b) return !a && !b;
    return a->user == b->user && same(a->password, b->password);
}

// Certificates are read when a context is made: with files that it names, a resource is made anew on each
// reload, so that renewed ones are taken.
bool unchanged(const config::Resource& a, const config::Resource& b) {
    const bool same_admin =
        same_role(a.admin_login, b.admin_login) &&
        (!a.admin_login || (a.admin_login->database == b.admin_login->database &&
                            a.admin_login->password_file == b.admin_login->password_file));
    const bool reads_files = a.tls.root_certificate_file || a.tls.certificate_file || a.tls.key_file;
    return !reads_files && same_admin && same_role(a.role, b.role) && a.ephemeral == b.ephemeral &&
           a.upstream == b.upstream && a.tls == b.tls && a.databases == b.databases &&
           a.default_database == b.default_database && a.login == b.login &&
           a.authentication == b.authentication && a.ungoverned == b.ungoverned &&
           a.prepared_transactions == b.prepared_transactions && a.on_store_loss == b.on_store_loss &&
           a.recording == b.recording && a.attributes == b.attributes;
}

}  // namespace

Result<std::shared_ptr<const ResourceContext>> ResourceSet::make(const config::Resource& resource,
                                                                 Duration timeout) {
    auto context = std::make_shared<ResourceContext>();
    context->config = resource;
    if (!resource.upstream.is_unix() && resource.tls.mode != config::SslMode::disable) {
        auto tls = make_client_context(resource.tls);
        if (!tls) return tls.error();
        context->tls = std::move(*tls);
    }
    context->metrics = &metrics_.resource(resource.name);
    if (resource.admin_login) {
        context->admin =
            std::make_shared<BackendAdmin>(control_, clock_, resource, *context->metrics, timeout);
    }
    return std::shared_ptr<const ResourceContext>{std::move(context)};
}

Result<std::shared_ptr<const Setup>> ResourceSet::prepare(std::shared_ptr<const config::Config> config) {
    auto setup = std::make_shared<Setup>();
    setup->directory = config->directory();
    auto recording = RecordingRules::make(config->recordings);
    if (!recording) return recording.error();
    setup->recording = std::move(*recording);
    for (const config::Listener& listener : config->listeners) {
        if (listener.tls.mode == config::ClientTls::disable) continue;
        auto tls = make_server_context(listener.tls);
        if (!tls) return tls.error();
        setup->listener_tls.emplace(listener.name, std::move(*tls));
    }
    for (const auto& [name, resource] : config->resources) {
        if (current_) {
            const auto known = current_->resources.find(name);
            if (known != current_->resources.end() && unchanged(known->second->config, resource)) {
                setup->resources.emplace(name, known->second);
                continue;
            }
        }
        auto made = make(resource, config->timeouts.upstream_connect);
        if (!made) return made.error();
        setup->resources.emplace(name, std::move(*made));
    }
    setup->config = std::move(config);
    return std::shared_ptr<const Setup>{std::move(setup)};
}

void ResourceSet::start(std::shared_ptr<const Setup> setup) {
    const auto previous = std::exchange(current_, std::move(setup));
    const auto uses = [](const std::shared_ptr<const Setup>& some, const auto& resource) {
        if (!some) return false;
        const auto found = some->resources.find(resource->config.name);
        return found != some->resources.end() && found->second == resource;
    };
    for (const auto& [name, resource] : current_->resources) {
        if (resource->admin && !uses(previous, resource)) resource->admin->start();
    }
    if (!previous) return;
    for (const auto& [name, resource] : previous->resources) {
        if (resource->admin && !uses(current_, resource)) retired_.push_back(resource);
    }
}

boost::asio::awaitable<void> ResourceSet::sweep() {
    // Ours is the last reference, and nobody can get another one.
    const auto unused = [](const auto& resource) { return resource.use_count() == 1; };
    std::vector<std::shared_ptr<const ResourceContext>> closing;
    std::copy_if(retired_.begin(), retired_.end(), std::back_inserter(closing), unused);
    std::erase_if(retired_, [&](const auto& resource) {
        return std::find(closing.begin(), closing.end(), resource) != closing.end();
    });
    for (const auto& resource : closing)
        co_await resource->admin->stop();
}

boost::asio::awaitable<void> ResourceSet::stop() {
    std::vector<std::shared_ptr<const ResourceContext>> all = std::exchange(retired_, {});
    if (current_) {
        for (const auto& [name, resource] : current_->resources) {
            if (resource->admin) all.push_back(resource);
        }
    }
    for (const auto& resource : all)
        co_await resource->admin->stop();
}

}  // namespace curfew::proxy
