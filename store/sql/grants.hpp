// Grants in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <optional>
#include <string>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "store/grants.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of GrantStore of these names promise, at `now`. These throw what the connection explains
// where the database fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

// `request`: that it is given by.
Result<GrantCountdown> add_grant(Connection& connection, const StoreTime& now, const NewGrant& wanted,
                                 const std::optional<RequestId>& request = std::nullopt);
Result<GrantCountdown> revoke_grant(Connection& connection, const StoreTime& now, const GrantId& id,
                                    const Actor& by, const std::string& reason);
// `request`: for it, that was approved.
Result<GrantCountdown> extend_grant(Connection& connection, const StoreTime& now, const GrantId& id,
                                    Duration more, const Actor& by,
                                    const std::optional<RequestId>& request = std::nullopt);
Result<GrantCountdown> set_grant_verifier(Connection& connection, const StoreTime& now, const GrantId& id,
                                          const Secret& verifier, const Actor& by);

// Marks the grants whose window has passed as ended, for good.
void mark_passed_grants(Connection& connection, const StoreTime& now);

}  // namespace curfew::store
