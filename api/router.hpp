// Which function answers which request.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/http_types.hpp"
#include "base/result.hpp"

namespace curfew::api {

// One request on its way to the function that answers it.
struct Call {
    Request request;
    std::string actor;                         // who asks
    std::string id;                            // what stood for {id} in the path; empty if there is none
    std::map<std::string, std::string> query;  // as written: nothing here needs percent-encoding
};

class Router {
public:
    using Handler = std::function<Awaitable<Reply>(Call)>;

    // `path` as `/v1/grants/{id}/revoke`. `query`: the parameters that are known; others are refused.
    void add(http::verb method, std::string_view path, std::vector<std::string> query, Handler handler);

    struct Match {
        const Handler* handler;  // belongs to the router
        Call call;
    };
    // Who answers, or the response where nobody does: 404, 405 with Allow, 400 for a query that is not known.
    std::variant<Match, Response> find(Request request, std::string actor) const;

private:
    struct Route {
        http::verb method;
        std::vector<std::string> segments;
        std::vector<std::string> query;
        Handler handler;
    };
    std::vector<Route> routes_;
};

}  // namespace curfew::api
