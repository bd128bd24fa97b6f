// Looks for backends that work as governed roles without a session of Curfew's, on any node.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/admission.hpp"
#include "policy/ungoverned_backends.hpp"
#include "proxy/event.hpp"
#include "proxy/resource_set.hpp"
#include "proxy/task_group.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

// Compares pg_stat_activity with the sessions on record, resource by resource, at the interval that each
// says. Where there is no administrative login, or no governed role, it asks for nothing. What it cannot
// compare (no connection, no store) it says nothing of: nobody is terminated by an answer that is not there.
// Belongs to the control thread.
class BypassWatch {
public:
    // What is in force.
    struct Known {
        std::shared_ptr<const Setup> setup;
        std::shared_ptr<const policy::Grants> grants;
        std::string installation;  // installation_mark
    };
    // All that is referred to outlives it; `known` is asked on the control thread.
    BypassWatch(boost::asio::any_io_executor control, const Clock& clock, store::Store& store,
                std::function<Known()> known);

    // Runs until stop(). Once only.
    boost::asio::awaitable<void> run();
    void stop();

    // Those of that resource that no session has, as of its last comparison. unavailable: there was none, or
    // it came to nothing, and why.
    Result<std::vector<policy::SeenBackend>> ungoverned(const std::string& resource) const;

private:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;
    using Resource = std::shared_ptr<const ResourceContext>;

    struct Watched {
        policy::UngovernedBackends backends;
        metrics::ResourceMetrics* metrics = nullptr;
        std::set<std::string> people;          // roles of people who are not listed: once governed, always
        std::set<policy::BackendKey> refused;  // PostgreSQL does not let us end them
        std::set<std::string> unkept;          // ephemeral roles that nobody here drops
        BootInstant due{};
        bool under_way = false;
        bool compared = false;
        std::string problem;  // why the last comparison came to nothing
    };
    using WatchedResource = std::shared_ptr<Watched>;

    Duration begin_what_is_due();
    void begin(const Resource& resource, const WatchedResource& watched, policy::GovernedRoles roles,
               const config::Config& config);
    policy::GovernedRoles roles_of(const Known& known, const config::Resource& resource);
    Awaitable<void> look(Resource resource, WatchedResource watched, policy::GovernedRoles roles,
                         Duration settling);
    Awaitable<Result<void>> compare(const Resource& resource, Watched& watched,
                                    const policy::GovernedRoles& roles, Duration settling);
    Awaitable<Result<std::vector<policy::BackendKey>>> recorded(
        const std::vector<policy::SeenBackend>& backends);
    Awaitable<void> terminate(const Resource& resource, Watched& watched);
    Awaitable<void> look_for_unkept_roles(const Resource& resource, Watched& watched);

    boost::asio::any_io_executor control_;
    const Clock& clock_;
    store::Store& store_;
    std::function<Known()> known_;
    std::map<std::string, WatchedResource> watched_;
    TaskGroup comparisons_;
    Event wake_;
    bool stopping_ = false;
};

}  // namespace curfew::proxy
