// The server processes behind sessions, for whoever compares them with what PostgreSQL shows.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "store/awaitable.hpp"
#include "store/sessions.hpp"

namespace curfew::store {

// Errors as Store says.
class BackendStore {
public:
    virtual ~BackendStore() = default;

    // The backends of sessions that are not recorded as ended, on whatever node and resource, which have one
    // of these pids. In no particular order.
    virtual Awaitable<Result<std::vector<Backend>>> unfinished_backends(std::vector<std::int32_t> pids) = 0;
};

}  // namespace curfew::store
