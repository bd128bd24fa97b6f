// Changes of requests in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/requests.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of RequestStore of these names promise, at `now`. These throw what the connection explains
// where the database fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

Result<RequestRecord> add_request(Connection& connection, const StoreTime& now,
                                  const std::optional<GrantId>& extends, const MakeRequest& make);
Result<ChangedRequest> change_request(Connection& connection, const StoreTime& now, const RequestId& id,
                                      const ChangeRequest& change);
Result<std::vector<ChangedRequest>> change_request_and_others(Connection& connection, const StoreTime& now,
                                                              const RequestId& id,
                                                              const ChangeRequest& change,
                                                              const ReconsiderRequest& others);
Result<RevokedGrant> revoke_grant_and_requests(Connection& connection, const StoreTime& now,
                                               const GrantId& id, const Actor& by, const std::string& reason,
                                               const ReconsiderRequest& requests);
// Whether change_open_requests() would change something. Writes nothing, so that it holds nobody up.
Result<bool> would_change_open_requests(Connection& connection, const StoreTime& now,
                                        const ReconsiderRequest& reconsider);
Result<std::vector<ChangedRequest>> change_open_requests(Connection& connection, const StoreTime& now,
                                                         const ReconsiderRequest& reconsider);
Result<std::vector<ChangedRequest>> change_due_requests(Connection& connection, const StoreTime& now,
                                                        const ReconsiderRequest& reconsider);
Result<std::optional<BootInstant>> next_due_request(Connection& connection, const StoreTime& now);
Result<WaitingRequests> count_waiting_requests(Connection& connection, const StoreTime& now);

Result<void> set_command_result(Connection& connection, const StoreTime& now, const RequestId& id,
                                const policy::CommandResult& result);
Result<RequestRecord> find_request_record(Connection& connection, const StoreTime& now, const RequestId& id);
Result<std::optional<RequestRecord>> find_request_of(Connection& connection, const StoreTime& now,
                                                     const GrantId& grant);

}  // namespace curfew::store
