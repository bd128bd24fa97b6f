// The ephemeral roles of a node (login: ephemeral), resource by resource.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "metrics/metrics.hpp"
#include "policy/admission.hpp"
#include "proxy/control.hpp"
#include "proxy/resource_set.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

class RoleKeeper;

// Belongs to the control thread, but for what says otherwise.
class EphemeralRoles {
public:
    // All of them outlive it.
    EphemeralRoles(boost::asio::any_io_executor control, const Clock& clock, store::Store& store,
                   metrics::Metrics& metrics);
    ~EphemeralRoles();
    EphemeralRoles(const EphemeralRoles&) = delete;
    EphemeralRoles& operator=(const EphemeralRoles&) = delete;

    // From here on roles are made, and those that an earlier run left are looked for.
    void start(const Secret& installation_secret);
    // What is true now: before anybody is let in by it. Nothing before start().
    void tell(const std::shared_ptr<const Setup>& setup, const std::shared_ptr<const policy::Grants>& grants);
    // Returns when nothing is under way any more. Roles whose grant is not over stay: another node, or the
    // next run, sees to them.
    Awaitable<void> stop();

    // What to log in to PostgreSQL with: the role of that person and grant, made if there is none. The error
    // is for the log alone. Thread-safe.
    Awaitable<Result<config::UpstreamRole>> role_for(std::string resource, std::string user, GrantId grant);
    // PostgreSQL did not take the password that role_for gave: the next one is another. Thread-safe.
    Awaitable<void> distrust(std::string resource, std::string user, GrantId grant);

private:
    struct State;
    std::shared_ptr<State> state_;  // outlives us while somebody waits for its answer
};

}  // namespace curfew::proxy
