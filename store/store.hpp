// The store: where grants and sessions are kept. What it acknowledged survives a crash at any instant.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "store/awaitable.hpp"
#include "store/grants.hpp"
#include "store/sessions.hpp"

namespace curfew::store {

// All functions may be awaited on any executor and resume there; none blocks the caller's thread. Errors:
// `unavailable` when the store cannot be reached or written (the change did not happen, or is not known to
// have happened: ask again), `not_found`, `conflict`, `invalid` as named.
class Store : public SessionStore {
public:
    // Durable when it returns. The window is set on the store's clock, in whole milliseconds. invalid: a
    // length that is not above zero or is beyond longest_grant, a start in the past or further off than that,
    // a subject that cannot be written as text.
    virtual Awaitable<Result<GrantCountdown>> add_grant(NewGrant grant) = 0;
    // conflict: already revoked or ended. not_found: there is no such grant. Durable when it returns.
    virtual Awaitable<Result<GrantCountdown>> revoke_grant(GrantId id, std::string by,
                                                           std::string reason) = 0;
    // Moves the end of a grant that is not over by `by` (above zero). conflict: revoked or ended. not_found:
    // there is no such grant. invalid: more would be left of it than longest_grant. Durable when it returns.
    virtual Awaitable<Result<GrantCountdown>> extend_grant(GrantId id, Duration by) = 0;
    // Grants that are upcoming or active; with include_over all of them. Newest first.
    virtual Awaitable<Result<std::vector<GrantCountdown>>> grants(bool include_over) = 0;

    // Writes something small and reads it back: the store is there and takes writes. Marks grants whose
    // window has passed as ended, and remembers how far the store's clock has come.
    virtual Awaitable<Result<void>> check_health() = 0;

    // 32 random bytes that were made once, with the store, and stay the same for good. Whatever has to look
    // random to strangers and yet be steady is derived from them.
    virtual Awaitable<Result<Secret>> installation_secret() = 0;
};

}  // namespace curfew::store
