// What a session that is over left in PostgreSQL: said, and where the configuration wants it rolled back.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "proxy/backend_admin.hpp"

namespace curfew::proxy {

struct EndedSession {
    SessionId id;
    std::string user;
    BackendAdmin::Trace trace;  // its start must be known
    // The replication slots that were there before it; absent: it was not for replication, and nobody looked.
    std::optional<std::vector<std::string>> slots_before = std::nullopt;
};

// Writes `session.left_behind` for each prepared transaction and each slot, counts them, and rolls back the
// transactions where the resource says so and no backend works there now that could have prepared them. May
// be awaited on any thread; the admin outlives it. Over within some seconds.
Awaitable<void> see_to_left_behind(BackendAdmin& admin, EndedSession session);

}  // namespace curfew::proxy
