// Which function answers which request, and who may ask for it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/access.hpp"
#include "api/http_types.hpp"
#include "base/actor.hpp"
#include "base/result.hpp"

namespace curfew::api {

// One request on its way to the function that answers it.
struct Call {
    Request request;
    Peer peer;
    std::optional<Principal> principal;                     // who asks; absent only where anyone may
    std::string id;                                         // what stood for {…} in the path, decoded
    std::map<std::string, std::string, std::less<>> query;  // decoded

    // Who asks, where somebody must.
    const Principal& who() const { return principal.value(); }
    // The name that is kept of it.
    const std::string& actor() const { return who().recorded_as; }
    // The same with where they came from, for what goes on record.
    Actor recorded() const { return {who().recorded_as, who().from}; }
    // A parameter of the query; nullopt if it is not there.
    std::optional<std::string> parameter(std::string_view name) const;
    // One that is true (also where it stands there without a value) or false, as where it is left out.
    // invalid: it says something else.
    Result<bool> flag(std::string_view name) const;
};

// One operation, as the OpenAPI document describes it: the tests hold one against the other.
struct Route {
    http::verb method = http::verb::get;
    std::string path;  // below the prefix: `/grants/{id}/revoke`, with one {…} at most
    Requirement requirement;
    std::vector<std::string> query = {};  // the parameters that are known; others are refused
    bool idempotency_key = false;         // takes an Idempotency-Key
    bool if_match = false;                // needs an If-Match
    bool ignores_other_query = false;     // parameters that are not known are passed over
};

class Router {
public:
    using Handler = std::function<Awaitable<Reply>(Call)>;

    // All paths are below `prefix`.
    explicit Router(std::string prefix) : prefix_{std::move(prefix)} {}

    void add(Route route, Handler handler);

    struct Match {
        const Route* route;  // both belong to the router
        const Handler* handler;
        std::string id;
        std::map<std::string, std::string, std::less<>> query;
    };
    // Who answers, or the response where nobody does: 404, 405 with Allow, 400 for a query that is not known,
    // 204 with Allow to OPTIONS. HEAD is answered by who answers GET.
    std::variant<Match, Response> find(http::verb method, std::string_view target) const;

    std::vector<Route> routes() const;

private:
    struct Entry {
        Route route;
        std::vector<std::string> segments;
        Handler handler;
    };
    std::vector<const Entry*> entries_of(const std::vector<std::string>& path, std::string& id) const;

    std::string prefix_;
    std::vector<Entry> entries_;
};

}  // namespace curfew::api
