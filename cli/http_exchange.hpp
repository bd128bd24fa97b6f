// One HTTP request and its answer, bounded in time and size.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "cli/exit_code.hpp"
#include "cli/server.hpp"

namespace curfew::cli {

struct HttpRequest {
    std::string method = "GET";
    std::string target;               // `/api/v1/grants?all=true`
    std::optional<std::string> body;  // JSON
    std::string idempotency_key;      // empty: none
    std::string if_match;             // empty: none

    // Whether sending it twice does nothing twice.
    bool may_be_repeated() const noexcept { return method == "GET" || !idempotency_key.empty(); }
};

struct HttpResponse {
    unsigned status = 0;
    std::string body;
    std::string etag;
};

struct HttpLimits {
    Duration time = std::chrono::seconds{30};  // for all of it
    std::size_t header = 65'536;
    std::size_t body = 268'435'456;
};

// Sends it and waits for the whole answer, whatever its status. Where the connection breaks off in the middle
// and it may be repeated, it is, once.
Outcome<HttpResponse> exchange(const Server& server, const HttpRequest& request,
                               const HttpLimits& limits = {});

}  // namespace curfew::cli
