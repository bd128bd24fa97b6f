// What is done to ephemeral roles in a resource's PostgreSQL: made, kept in time, dropped, looked for.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "pq/connection.hpp"
#include "proxy/control.hpp"
#include "proxy/ephemeral_role.hpp"

namespace curfew::proxy {

// Belongs to the executor's one thread, and outlives what is awaited of it. Each call has connections of its
// own, by the resource's admin_login: what waits for a lock keeps nothing else waiting. Resources must have
// an admin_login, and `ephemeral` where roles are made or dropped.
//
// Errors: unavailable: PostgreSQL could not be reached, or was lost; forbidden, conflict: it refused, in its
// own words; invalid: a role of that name is not ours, and is left alone.
class RoleWork {
public:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    // `installation` as installation_mark gives it.
    RoleWork(boost::asio::any_io_executor executor, const Clock& clock, std::string installation)
        : executor_{std::move(executor)}, clock_{clock}, installation_{std::move(installation)} {}

    // Makes the role, or gives the one that is there this verifier. VALID UNTIL is `ends`, by PostgreSQL's
    // clock. All or nothing.
    Awaitable<Result<void>> make(config::Resource resource, EphemeralRole role, Secret verifier,
                                 BootInstant ends, Duration connect_timeout);
    Awaitable<Result<void>> move_end(config::Resource resource, EphemeralRole role, BootInstant ends,
                                     Duration connect_timeout);
    // Closes it to logins, ends its backends, whoever they came by, gives what it owns to `ephemeral.owner`
    // in every database, and drops it. Fine if there is no such role. What was done by then stays done where
    // it fails: drop it again.
    Awaitable<Result<void>> drop(config::Resource resource, EphemeralRole role, Duration connect_timeout);

    struct Found {
        EphemeralRole role;
        bool past_its_end = false;  // its VALID UNTIL has passed
    };
    // All roles that this installation made on that server.
    Awaitable<Result<std::vector<Found>>> list(config::Resource resource, Duration connect_timeout);

    // Ends whatever is under way, and whatever begins later, with unavailable.
    void abort() noexcept;

private:
    class Visit;

    Awaitable<Result<void>> make_once(Visit& visit, const config::Resource& resource,
                                      const EphemeralRole& role, const Secret& verifier, BootInstant ends);
    Awaitable<Result<void>> drop_once(Visit& visit, const config::Resource& resource,
                                      const EphemeralRole& role);
    // Its oid; empty: there is none.
    Awaitable<Result<std::string>> find(Visit& visit, const EphemeralRole& role);
    Awaitable<Result<std::string>> end_by_their_clock(Visit& visit, BootInstant ends);
    Awaitable<Result<void>> end_backends(Visit& visit, std::string oid);
    Awaitable<Result<void>> empty_elsewhere(const config::Resource& resource, std::string database,
                                            std::string name, Duration connect_timeout);
    Awaitable<void> pause(Duration duration);

    boost::asio::any_io_executor executor_;
    const Clock& clock_;
    std::string installation_;
    std::set<Visit*> under_way_;
    bool aborted_ = false;
};

}  // namespace curfew::proxy
