// After a crash: ends the backends that the node left behind.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "proxy/backend_admin.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

struct ReapReport {
    // A session that is still unfinished in the store: its backend may be running.
    struct Unreaped {
        SessionId session;
        std::string resource;
        std::string why;  // for people
    };

    std::size_t confirmed = 0;    // recorded as ended, the backend proven gone
    std::size_t unconfirmed = 0;  // recorded as ended; nothing could be established of the backend
    std::vector<Unreaped> unreaped;
};

// Finishes what the store has unfinished of `node`, which must not have taken a session since it started:
// each session's backend is terminated, its row seen to leave pg_stat_activity, and its end recorded, with
// the cause it was being ended for already, else node_crashed. Where that cannot work at all (no admin login,
// no backend recorded) the end is recorded as unconfirmed and says why. Where it did not work within
// `at_most` the session stays unfinished and is reported: keep its resource closed, and reap again.
//
// `admins` by resource name; a resource that is absent has no admin login. The error is the store's: nothing
// is known of what is to be reaped. Awaited on an executor of one thread; the references must stay valid.
boost::asio::awaitable<Result<ReapReport>> reap(store::Store& store, std::string node,
                                                const std::map<std::string, BackendAdmin*>& admins,
                                                Duration at_most);

// The same for these sessions alone. `by`: the node that does it for theirs, which is gone; empty: their own.
boost::asio::awaitable<ReapReport> reap_sessions(store::Store& store,
                                                 std::vector<store::SessionRecord> sessions,
                                                 const std::map<std::string, BackendAdmin*>& admins,
                                                 Duration at_most, std::string by = {});

}  // namespace curfew::proxy
