// The ephemeral roles of one resource: made when somebody comes in, dropped when their grant is over.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "metrics/metrics.hpp"
#include "policy/admission.hpp"
#include "proxy/async_mutex.hpp"
#include "proxy/event.hpp"
#include "proxy/resource_set.hpp"
#include "proxy/role_work.hpp"
#include "proxy/task_group.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

// Belongs to the control thread. Which roles there are is kept nowhere but in PostgreSQL itself, in the
// roles' comments: they are looked for when the node starts and each minute from then on, and a role is never
// forgotten, nor one of another installation dropped.
class RoleKeeper {
public:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    // What all resources have in common. All that is referred to outlives the keeper.
    struct Means {
        boost::asio::any_io_executor control;
        const Clock& clock;
        store::Store& store;
        metrics::Metrics& metrics;
        std::string installation;
    };
    // `setup` must have the resource, with login: ephemeral.
    RoleKeeper(const Means& means, const std::string& resource, std::shared_ptr<const Setup> setup,
               std::shared_ptr<const policy::Grants> grants);

    void start();
    // What is true now. Roles whose grant is over are on their way out when this returns, and extended ones
    // on theirs to their new end.
    void tell(std::shared_ptr<const Setup> setup, std::shared_ptr<const policy::Grants> grants);
    // Ends all that is under way; returns when it is over. Roles stay as they are.
    Awaitable<void> stop();

    // The role of that person and grant, made if there is none, with a password that PostgreSQL takes until
    // the grant's end. conflict: the grant is over; else as RoleWork says.
    Awaitable<Result<config::UpstreamRole>> role_for(std::string user, GrantId grant);
    // PostgreSQL did not take that password: another node, or the person, has set another one.
    void distrust(const std::string& user, const GrantId& grant);

private:
    struct Kept;
    using KeptRole = std::shared_ptr<Kept>;

    Awaitable<void> run();
    Awaitable<void> look_for_roles();
    Awaitable<void> take_on(RoleWork::Found found);
    void look_at_all();
    Duration until_next_look() const;

    Awaitable<Result<void>> make(KeptRole kept);
    Awaitable<void> move_end(KeptRole kept);
    Awaitable<void> see_out(KeptRole kept);
    Awaitable<bool> try_to_drop(KeptRole kept);

    KeptRole kept_role(const EphemeralRole& role);
    bool is_kept(const KeptRole& kept) const;
    static bool is_there(const Kept& kept);
    bool is_over(const Kept& kept) const;
    const policy::LiveGrant* live_grant(const Kept& kept) const;
    bool is_of_ours(const std::string& resource) const;
    Duration connect_timeout() const { return setup_->config->timeouts.upstream_connect; }
    void count() const;

    Means means_;
    std::string name_;  // of the resource
    metrics::ResourceMetrics& metrics_;
    config::Resource resource_;  // as it last was, should it have gone
    bool configured_ = true;
    std::shared_ptr<const Setup> setup_;
    std::shared_ptr<const policy::Grants> grants_;

    RoleWork work_;
    AsyncMutex opening_;                    // one connection at a time for those who come in,
    AsyncMutex closing_;                    // and another one for those who go
    std::map<std::string, KeptRole> kept_;  // by the role's name
    TaskGroup tasks_;
    Event wake_;
    BootInstant look_again_at_{};
    std::string last_problem_;  // of looking for roles
    bool stopped_ = false;
    std::size_t calls_ = 0;  // of role_for, under way
    Event calls_over_;
};

}  // namespace curfew::proxy
