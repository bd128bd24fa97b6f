// What clients say of requests, read strictly.
#pragma once

#include <optional>
#include <string>

#include "api/http_types.hpp"
#include "api/router.hpp"
#include "base/result.hpp"
#include "policy/lifecycle.hpp"
#include "workflow/desk.hpp"

namespace curfew::api {

struct AskedFor {
    std::string resource;  // empty where a grant is to be extended
    policy::Wish wish;
    // Of type command: what is to run, for script_of() to make a command of.
    struct Script {
        std::string database;  // empty: the resource's default
        std::string sql;
    };
    std::optional<Script> script;
};
// POST /requests, in the name of `user`. invalid: all that is wrong with it.
Result<AskedFor> read_request(const Request& request, std::string user);
// What a node is to run on the resource. conflict: nothing can be run there. invalid: it has no such
// database.
Result<policy::Command> script_of(AskedFor::Script script, const std::string& resource,
                                  const config::Config& config);
// POST /requests/{id}/reviews, in the name of `reviewer`.
Result<policy::event::Reviewed> read_review(const Request& request, std::string reviewer);
// POST /requests/{id}/revoke: {comment?}.
Result<std::string> read_comment(const Request& request);

// The query of GET /requests, `view` included, of a user. invalid: a view or a status that is none.
Result<workflow::RequestQuery> read_request_query(const Call& call);

}  // namespace curfew::api
